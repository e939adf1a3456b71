//! The address of a client: that of the socket, or the one that trusted proxies report.
//!
//! The address becomes part of the device, which rate limits, history and the list of sessions use.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use http::request::Parts;

use crate::forwarded::{ForwardedHeader, Hop, is_forwarded};
use crate::trusted_proxies::TrustedProxies;

/// Determines the addresses of clients, and logs one warning for each kind of misconfiguration.
#[derive(Debug, Default)]
pub(crate) struct ClientAddresses {
    proxies: TrustedProxies,
    header: ForwardedHeader,
    warned_of_unreliable: AtomicBool,
    warned_of_missing: AtomicBool,
}

impl ClientAddresses {
    pub(crate) fn new(proxies: TrustedProxies, header: ForwardedHeader) -> Self {
        Self {
            proxies,
            header,
            ..Self::default()
        }
    }

    /// Returns the address that a trusted peer reports.
    ///
    /// If the peer is not trusted or its report is unreliable, returns the address of the peer.
    pub(crate) fn of(&self, parts: &Parts) -> Option<IpAddr> {
        let peer = parts.extensions.get::<SocketAddr>();
        let peer = peer.map(|peer| peer.ip().to_canonical());
        if !is_forwarded(&parts.headers) {
            return peer;
        }
        if !self.proxies.trusts(peer) {
            self.warn_of_missing(peer);
            return peer;
        }
        // A proxy may pass on the other field from the client, so only one of them counts.
        let client = self.client(&self.header.hops(&parts.headers));
        client.or_else(|| {
            self.warn_of_unreliable();
            peer
        })
    }

    /// Returns the rightmost hop that is not a trusted proxy.
    ///
    /// The hops to the left of it were written by an untrusted peer and are ignored. If all hops are trusted,
    /// the farthest one counts. Without hops, or if a relevant hop has no address, the result is `None`.
    fn client(&self, hops: &[Hop]) -> Hop {
        let mut farthest = None;
        for hop in hops.iter().rev() {
            farthest = Some((*hop)?);
            if !self.proxies.trusts(farthest) {
                break;
            }
        }
        farthest
    }

    fn warn_of_missing(&self, peer: Option<IpAddr>) {
        let local = peer.is_some_and(|peer| peer.is_loopback());
        if local && !self.warned_of_missing.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a local peer sends forwarding headers, but is not a trusted proxy; \
                 if it is your reverse proxy, add it to trusted_proxies"
            );
        }
    }

    fn warn_of_unreliable(&self) {
        if !self.warned_of_unreliable.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a trusted proxy sends no valid address of the client in the configured forwarded_header; \
                 the address of the proxy is used"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUSTED: [&str; 3] = ["10.0.0.0/8", "fd00::/8", "unix"];

    /// Compares the address of a request from `peer` with `want`, which is empty for no address.
    ///
    /// The header that counts is the first one.
    #[track_caller]
    fn check(peer: &str, headers: &[(&'static str, &str)], want: &str) {
        let header = match headers.first() {
            Some(("forwarded", _)) => ForwardedHeader::Forwarded,
            _ => ForwardedHeader::XForwardedFor,
        };
        check_configured(header, peer, headers, want);
    }

    #[track_caller]
    fn check_configured(header: ForwardedHeader, peer: &str, headers: &[(&'static str, &str)], want: &str) {
        let addresses = ClientAddresses::new(TrustedProxies::parse(TRUSTED).unwrap(), header);
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
        assert_eq!(
            got.unwrap_or_default(),
            want,
            "{peer} sends {headers:?}, {header:?} counts"
        );
    }

    #[test]
    fn untrusted_peers_cannot_forward() {
        let lies = [("x-forwarded-for", "6.6.6.6"), ("forwarded", "for=6.6.6.6")];
        check("192.0.2.7", &lies, "192.0.2.7");
        check("127.0.0.1", &lies, "127.0.0.1");
        check("::ffff:192.0.2.7", &lies, "192.0.2.7");
        check("10.0.0.1", &[], "10.0.0.1");
        check("unix", &[], "");
    }

    #[test]
    fn rightmost_untrusted_hop_is_the_client() {
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
    fn ports_and_brackets_are_removed() {
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
    fn only_the_configured_header_counts() {
        use ForwardedHeader::{Forwarded, XForwardedFor};
        let both = |x, forwarded| [("x-forwarded-for", x), ("forwarded", forwarded)];
        for (header, x, forwarded, want) in [
            (XForwardedFor, "192.0.2.7", "for=6.6.6.6", "192.0.2.7"),
            (XForwardedFor, "192.0.2.7", "nonsense", "192.0.2.7"),
            (XForwardedFor, "nonsense", "for=6.6.6.6", "10.0.0.1"),
            (XForwardedFor, "", "for=6.6.6.6", "10.0.0.1"),
            (Forwarded, "6.6.6.6", "for=192.0.2.7", "192.0.2.7"),
            (Forwarded, "6.6.6.6", "", "10.0.0.1"),
        ] {
            check_configured(header, "10.0.0.1", &both(x, forwarded), want);
        }
        check_configured(
            XForwardedFor,
            "10.0.0.1",
            &[("forwarded", "for=6.6.6.6")],
            "10.0.0.1",
        );
        check_configured(
            Forwarded,
            "10.0.0.1",
            &[("x-forwarded-for", "6.6.6.6")],
            "10.0.0.1",
        );
        check_configured(XForwardedFor, "unix", &[("forwarded", "for=6.6.6.6")], "");
    }

    #[test]
    fn forwarded_is_parsed_as_in_rfc_7239() {
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
    fn peer_counts_if_a_relevant_hop_is_invalid() {
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
    }
}
