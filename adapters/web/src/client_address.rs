//! Where a client is: the address of the socket, or what trusted proxies say of it.
//!
//! It goes into the device, and with that into budgets, history and the list of sessions.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use http::request::Parts;

use crate::forwarded::{Hop, chains};
use crate::trusted_proxies::TrustedProxies;

/// Finds clients' addresses, and warns once of each thing that looks wrong about it.
#[derive(Debug, Default)]
pub(crate) struct ClientAddresses {
    proxies: TrustedProxies,
    told_of_unreliable: AtomicBool,
    told_of_missing: AtomicBool,
}

impl ClientAddresses {
    pub(crate) fn new(proxies: TrustedProxies) -> Self {
        Self {
            proxies,
            ..Self::default()
        }
    }

    /// The address of the client, as far as a trusted peer says it in a way that can be relied on; else the peer's.
    pub(crate) fn of(&self, parts: &Parts) -> Option<IpAddr> {
        let peer = parts.extensions.get::<SocketAddr>();
        let peer = peer.map(|peer| peer.ip().to_canonical());
        let chains = chains(&parts.headers);
        if chains.is_empty() {
            return peer;
        }
        if !self.proxies.trusts(peer) {
            self.warn_of_missing(peer);
            return peer;
        }
        match self.agreed(&chains) {
            Ok(client) => client.or(peer),
            Err(Unreliable) => {
                self.warn_of_unreliable();
                peer
            }
        }
    }

    /// Where all chains say that the client is. A proxy that sets one header may hand on whatever a client
    /// put into the other, so that neither is believed where they differ.
    fn agreed(&self, chains: &[Vec<Hop>]) -> Result<Hop, Unreliable> {
        let mut clients = chains.iter().map(|hops| self.client(hops));
        let first = clients.next().unwrap_or(Ok(None))?;
        for client in clients {
            if client? != first {
                return Err(Unreliable);
            }
        }
        Ok(first)
    }

    /// The rightmost hop that is not trusted. What stands left of it was written by whoever is not trusted,
    /// and is not even looked at. The farthest hop counts where all are trusted; none where there is none.
    fn client(&self, hops: &[Hop]) -> Result<Hop, Unreliable> {
        let mut farthest = None;
        for hop in hops.iter().rev() {
            let address = hop.ok_or(Unreliable)?;
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

    fn warn_of_unreliable(&self) {
        if !self.told_of_unreliable.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a trusted proxy says in a way that cannot be read for whom it forwards, or differently in \
                 Forwarded and X-Forwarded-For; its own address counts"
            );
        }
    }
}

/// A hop that matters has no address, or two chains differ.
struct Unreliable;

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
    fn what_two_headers_say_counts_where_they_agree() {
        let both = |x, forwarded| [("x-forwarded-for", x), ("forwarded", forwarded)];
        check("10.0.0.1", &both("192.0.2.7", "for=192.0.2.7"), "192.0.2.7");
        check(
            "10.0.0.1",
            &both("6.6.6.6, 192.0.2.7", "for=192.0.2.7"),
            "192.0.2.7",
        );
        // A proxy sets one of them, and hands on what the client says in the other.
        check("10.0.0.1", &both("192.0.2.7", "for=6.6.6.6"), "10.0.0.1");
        check("10.0.0.1", &both("6.6.6.6", "for=192.0.2.7"), "10.0.0.1");
        check("10.0.0.1", &both("", "for=6.6.6.6"), "10.0.0.1");
        check("10.0.0.1", &both("192.0.2.7", ""), "10.0.0.1");
        check("10.0.0.1", &both("192.0.2.7", "nonsense"), "10.0.0.1");
        check("unix", &both("192.0.2.7", "for=6.6.6.6"), "");
    }

    #[test]
    fn forwarded_is_read_after_rfc_7239() {
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
    }
}
