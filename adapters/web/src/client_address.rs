//! Where a client is: the address of the socket, or what trusted proxies say of it.
//!
//! It goes into the device, and with that into budgets, history and the list of sessions.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use http::request::Parts;

use crate::forwarded::{Hop, hops};
use crate::trusted_proxies::TrustedProxies;

/// Finds clients' addresses, and warns once of each thing that looks wrong about it.
#[derive(Debug, Default)]
pub(crate) struct ClientAddresses {
    proxies: TrustedProxies,
    told_of_malformed: AtomicBool,
    told_of_missing: AtomicBool,
}

impl ClientAddresses {
    pub(crate) fn new(proxies: TrustedProxies) -> Self {
        Self {
            proxies,
            ..Self::default()
        }
    }

    /// The address of the client: the rightmost hop that is not trusted. What stands left of that was
    /// written by whoever is not trusted, and is not even looked at.
    pub(crate) fn of(&self, parts: &Parts) -> Option<IpAddr> {
        let peer = parts.extensions.get::<SocketAddr>();
        let peer = peer.map(|peer| peer.ip().to_canonical());
        let Some(hops) = hops(&parts.headers) else {
            return peer;
        };
        if !self.proxies.trusts(peer) {
            self.warn_of_missing(peer);
            return peer;
        }
        match self.client(&hops) {
            Ok(client) => client.or(peer),
            Err(Malformed) => {
                self.warn_of_malformed();
                peer
            }
        }
    }

    /// The farthest hop counts where all are trusted; none where there is none.
    fn client(&self, hops: &[Hop]) -> Result<Hop, Malformed> {
        let mut farthest = None;
        for hop in hops.iter().rev() {
            let address = hop.ok_or(Malformed)?;
            farthest = Some(address);
            if !self.proxies.trusts(farthest) {
                break;
            }
        }
        Ok(farthest)
    }

    fn warn_of_missing(&self, peer: Option<IpAddr>) {
        let local = peer.is_some_and(|peer| peer.is_loopback());
        if local && !self.told_of_missing.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a peer on this machine says for whom it forwards and is not believed; \
                 if it is your proxy, name it in trusted_proxies"
            );
        }
    }

    fn warn_of_malformed(&self) {
        if !self.told_of_malformed.swap(true, Ordering::Relaxed) {
            tracing::warn!("a trusted proxy says in a way that cannot be read for whom it forwards");
        }
    }
}

/// A hop that matters has no address.
struct Malformed;

#[cfg(test)]
mod tests {
    use super::*;

    const TRUSTED: [&str; 3] = ["10.0.0.0/8", "fd00::/8", "unix"];

    /// The address that counts for a request of `peer` with these headers; empty for none.
    #[track_caller]
    fn check(peer: &str, headers: &[(&'static str, &str)], want: &str) {
        let addresses = ClientAddresses::new(TrustedProxies::parse(TRUSTED).unwrap());
        let mut request = http::Request::new(());
        if let Ok(peer) = peer.parse::<IpAddr>() {
            request.extensions_mut().insert(SocketAddr::new(peer, 4_711));
        }
        for (name, value) in headers {
            let value = http::HeaderValue::from_bytes(value.as_bytes()).unwrap();
            request.headers_mut().append(*name, value);
        }
        let (parts, ()) = request.into_parts();
        let got = addresses.of(&parts).map(|address| address.to_string());
        assert_eq!(got.unwrap_or_default(), want, "{peer} says {headers:?}");
    }

    #[test]
    fn who_is_not_trusted_is_not_believed() {
        let lies = [("x-forwarded-for", "6.6.6.6"), ("forwarded", "for=6.6.6.6")];
        check("192.0.2.7", &lies, "192.0.2.7");
        check("127.0.0.1", &lies, "127.0.0.1");
        check("::ffff:192.0.2.7", &lies, "192.0.2.7");
        check("10.0.0.1", &[], "10.0.0.1");
        check("unix", &[], "");
    }

    #[test]
    fn the_rightmost_hop_that_is_not_trusted_counts() {
        let x = |line| [("x-forwarded-for", line)];
        check("10.0.0.1", &x("192.0.2.7"), "192.0.2.7");
        check("unix", &x("192.0.2.7"), "192.0.2.7");
        check("10.0.0.1", &x("6.6.6.6, 192.0.2.7"), "192.0.2.7");
        check("10.0.0.1", &x("6.6.6.6, 192.0.2.7, 10.9.9.9"), "192.0.2.7");
        check("10.0.0.1", &x("10.0.0.2,192.0.2.7 ,10.9.9.9"), "192.0.2.7");
        check("10.0.0.1", &x("nonsense, 192.0.2.7"), "192.0.2.7");
        check("10.0.0.1", &x("\", 192.0.2.7"), "192.0.2.7");
        check("10.0.0.1", &x("10.0.0.3, 10.0.0.2"), "10.0.0.3");
        check("10.0.0.1", &x(" , ,192.0.2.7, "), "192.0.2.7");
        check("10.0.0.1", &x(""), "10.0.0.1");
        check("fd00::1", &x("2001:db8::7"), "2001:db8::7");
        let two = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.7")];
        check("10.0.0.1", &two, "192.0.2.7");
        let two = [("x-forwarded-for", "192.0.2.7"), ("x-forwarded-for", "10.0.0.9")];
        check("10.0.0.1", &two, "192.0.2.7");
    }

    #[test]
    fn ports_and_brackets_are_left_out() {
        for (line, want) in [
            ("192.0.2.7:80", "192.0.2.7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("[::ffff:192.0.2.7]:80", "192.0.2.7"),
        ] {
            check("10.0.0.1", &[("x-forwarded-for", line)], want);
            let forwarded = format!("for=\"{line}\"");
            check("10.0.0.1", &[("forwarded", &forwarded)], want);
        }
    }

    #[test]
    fn forwarded_is_read_after_rfc_7239_and_wins() {
        let both = [("x-forwarded-for", "6.6.6.6"), ("forwarded", "for=192.0.2.7")];
        check("10.0.0.1", &both, "192.0.2.7");
        for line in [
            "for=192.0.2.7",
            "For=192.0.2.7;proto=https;by=10.0.0.1",
            "proto=http; by=\"[fd00::2]\" ; for=\"192.0.2.7:80\"",
            "for=6.6.6.6, for=192.0.2.7, for=10.0.0.2",
            "for=unknown, for=192.0.2.7",
            "for=\"a,b;c\", for=192.0.2.7",
            "for=\"a\\\", for=6.6.6.6\", for=192.0.2.7",
            "for=6.6.6.6;for=6.6.6.7, for=192.0.2.7",
        ] {
            check("10.0.0.1", &[("forwarded", line)], "192.0.2.7");
        }
    }

    #[test]
    fn where_a_hop_that_matters_cannot_be_read_the_peer_counts() {
        for line in [
            "unknown",
            "192.0.2.7, unknown",
            "192.0.2.7, _hidden, 10.0.0.2",
            "192.0.2.7.8",
            "192.0.2.7:99999",
            "192.0.2.7:",
            "[192.0.2.7]",
            "[2001:db8::7",
            "fe80::1%eth0",
            "192.0.2.7 10.0.0.2",
            "010.0.0.7",
            "é",
        ] {
            check("10.0.0.1", &[("x-forwarded-for", line)], "10.0.0.1");
        }
        for line in [
            "for=unknown",
            "for=_hidden",
            "by=192.0.2.7",
            "192.0.2.7",
            "for",
            "for=",
            "for=192.0.2.7;for=192.0.2.8",
            "for=192.0.2.7, for=\"",
            "for=\"192.0.2.7",
            "for=\"192.0.\\2.7\"",
            "for = 192.0.2.7",
        ] {
            check("10.0.0.1", &[("forwarded", line)], "10.0.0.1");
        }
        let worse = [("forwarded", "nonsense"), ("x-forwarded-for", "192.0.2.7")];
        check("10.0.0.1", &worse, "10.0.0.1");
    }
}
