//! The id of a request, which appears in the log and in the response.

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use http::request::Parts;
use http::{HeaderName, HeaderValue};

use crate::trusted_proxies::TrustedProxies;

/// The header of a request and of its response.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The maximum length of an id that a proxy sends.
const MAX_LENGTH: usize = 64;

/// Generates the ids of requests and of the forms in their responses.
///
/// An id is a keyed digest of a counter. It does not reveal how many requests the server answers.
#[derive(Debug, Default)]
pub(crate) struct RequestIds {
    digest: RandomState,
    count: AtomicU64,
}

impl RequestIds {
    /// Returns the id that a trusted proxy sent, or else a new one.
    pub(crate) fn of(&self, parts: &Parts, proxies: &TrustedProxies) -> HeaderValue {
        sent_id(parts, proxies).cloned().unwrap_or_else(|| self.next())
    }

    /// Returns a new id of 16 hexadecimal digits.
    pub(crate) fn next(&self) -> HeaderValue {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:016x}", self.digest.hash_one(count));
        // Hexadecimal digits are valid in a header.
        HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("none"))
    }
}

/// Returns the id in the request if a trusted proxy sent exactly one, without special characters.
fn sent_id<'r>(parts: &'r Parts, proxies: &TrustedProxies) -> Option<&'r HeaderValue> {
    let mut sent = parts.headers.get_all(X_REQUEST_ID).iter();
    let only = sent.next().filter(|_| sent.next().is_none())?;
    let peer = parts.extensions.get::<SocketAddr>().map(SocketAddr::ip);
    (is_plain(only.as_bytes()) && proxies.trusts(peer)).then_some(only)
}

fn is_plain(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=MAX_LENGTH).contains(&id.len()) && id.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(peer: &str, sent: &[&str]) -> String {
        let mut request = http::Request::new(());
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(peer);
        for value in sent {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            request.headers_mut().append(X_REQUEST_ID, value);
        }
        let proxies = TrustedProxies::parse(["10.0.0.0/8"]).unwrap();
        let id = RequestIds::default().of(&request.into_parts().0, &proxies);
        id.to_str().unwrap().to_owned()
    }

    fn is_generated(id: &str) -> bool {
        id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    #[test]
    fn only_a_plain_id_of_a_trusted_proxy_is_kept() {
        let long = "x".repeat(MAX_LENGTH + 1);
        assert_eq!(id("10.0.0.1:1", &["1-a_b.C"]), "1-a_b.C");
        assert_eq!(id("10.0.0.1:1", &[&long[1..]]), long[1..]);
        for sent in [
            &[][..],
            &[""],
            &["a b"],
            &["a\tb"],
            &["a=b"],
            &["é"],
            &["a", "b"],
            &["a", "a"],
            &[&long],
        ] {
            assert!(is_generated(&id("10.0.0.1:1", sent)), "{sent:?}");
        }
        assert!(is_generated(&id("192.0.2.7:1", &["abc"])));
        assert!(is_generated(&id("127.0.0.1:1", &["abc"])));
    }

    #[test]
    fn generated_ids_differ() {
        let ids = RequestIds::default();
        let all: std::collections::HashSet<_> = (0..10_000).map(|_| ids.next()).collect();
        assert_eq!(all.len(), 10_000);
    }
}
