//! All cookies of Kunci in a request, which tell clients apart that send the same form.

use std::collections::BTreeSet;

use http::{HeaderMap, header};

use super::session::SessionCookie;

/// The cookies of Kunci that a client sends, as `name=value`. Signatures are not checked.
#[derive(Clone)]
pub(crate) struct OwnCookies(BTreeSet<Vec<u8>>);

impl OwnCookies {
    pub(crate) fn of(headers: &HeaderMap, cookie: &SessionCookie) -> Self {
        let lines = headers.get_all(header::COOKIE).iter();
        let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        let pairs = pairs.map(<[u8]>::trim_ascii).filter(|pair| cookie.owns(pair));
        Self(pairs.map(<[u8]>::to_vec).collect())
    }

    /// Returns the cookies that the client sends when it has received a response.
    pub(crate) fn changed_by(&self, response: &HeaderMap) -> Self {
        let mut cookies = self.0.clone();
        for line in response.get_all(header::SET_COOKIE) {
            let pair = first(line.as_bytes(), b';');
            let name = first(pair, b'=');
            cookies.retain(|other| first(other, b'=') != name);
            // A cookie is removed by an empty value.
            if name.len() + 1 < pair.len() {
                cookies.insert(pair.to_vec());
            }
        }
        Self(cookies)
    }

    /// Returns the pairs in a fixed order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }
}

/// Returns the part of `text` before the first `separator`.
fn first(text: &[u8], separator: u8) -> &[u8] {
    text.split(|byte| *byte == separator).next().unwrap_or_default()
}
