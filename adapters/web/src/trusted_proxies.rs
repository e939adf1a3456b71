//! The reverse proxies whose forwarding headers are trusted.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use thiserror::Error;

/// Networks of the trusted proxies, and whether peers on a Unix socket are trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    unix: bool,
}

/// Why a list of trusted proxies is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TrustedProxiesError {
    /// The word is not an address, a network or `unix`.
    #[error("{0} is not an address, a network such as 10.0.0.0/8, or unix")]
    Unreadable(String),
    /// The network contains every address.
    #[error("{0} contains every address, so each client could choose its own address")]
    EveryAddress(IpNet),
}

impl TrustedProxies {
    /// Returns an empty list: no proxy is trusted.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            networks: Vec::new(),
            unix: false,
        }
    }

    /// Parses addresses, networks and the word `unix`.
    ///
    /// ```
    /// use kunci_web::TrustedProxies;
    ///
    /// let proxies = TrustedProxies::parse(["10.0.0.0/8", "::1", "unix"])?;
    /// assert_eq!(proxies.to_string(), "10.0.0.0/8,::1,unix");
    /// assert!(TrustedProxies::parse(["0.0.0.0/0"]).is_err());
    /// # Ok::<(), kunci_web::TrustedProxiesError>(())
    /// ```
    ///
    /// # Errors
    /// Any [`TrustedProxiesError`].
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, TrustedProxiesError> {
        let mut proxies = Self::none();
        for word in words {
            if word == "unix" {
                proxies.unix = true;
            } else {
                proxies.networks.push(network(word)?);
            }
        }
        Ok(proxies)
    }

    /// Returns whether a peer is trusted. A peer on a Unix socket has no address.
    pub(crate) fn trusts(&self, address: Option<IpAddr>) -> bool {
        address.map_or(self.unix, |address| {
            let address = address.to_canonical();
            self.networks.iter().any(|network| network.contains(&address))
        })
    }
}

fn network(word: &str) -> Result<IpNet, TrustedProxiesError> {
    let network = match word.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address.to_canonical()),
        Err(_) => word
            .parse::<IpNet>()
            .map_err(|_| TrustedProxiesError::Unreadable(word.to_owned()))?,
    };
    if network.prefix_len() == 0 {
        return Err(TrustedProxiesError::EveryAddress(network));
    }
    Ok(network.trunc())
}

impl fmt::Display for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words: Vec<String> = self.networks.iter().map(describe).collect();
        words.extend(self.unix.then(|| "unix".to_owned()));
        f.write_str(&words.join(","))
    }
}

/// Returns the network as text. A network of one address is written as this address.
fn describe(network: &IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, want: Result<&str, &str>) {
        let got = TrustedProxies::parse([word]).map(|proxies| proxies.to_string());
        let got = got.as_deref().map_err(ToString::to_string);
        assert_eq!(got, want.map_err(ToOwned::to_owned), "{word}");
    }

    #[test]
    fn addresses_networks_and_unix_are_accepted() {
        check("10.0.0.0/8", Ok("10.0.0.0/8"));
        check("10.1.2.3/8", Ok("10.0.0.0/8"));
        check("192.0.2.7", Ok("192.0.2.7"));
        check("192.0.2.7/32", Ok("192.0.2.7"));
        check("::ffff:192.0.2.7", Ok("192.0.2.7"));
        check("fd00::/8", Ok("fd00::/8"));
        check("::1", Ok("::1"));
        check("unix", Ok("unix"));
        let unreadable = "is not an address, a network such as 10.0.0.0/8, or unix";
        for word in [
            "",
            "all",
            "10.0.0.0/33",
            "10.0.0",
            "::1/129",
            "example.org",
            "UNIX",
            "1.2.3.4:80",
        ] {
            check(word, Err(&format!("{word} {unreadable}")));
        }
        let everybody = "contains every address, so each client could choose its own address";
        for word in ["0.0.0.0/0", "::/0", "1.2.3.4/0"] {
            check(word, Err(&format!("{word} {everybody}")));
        }
    }

    #[test]
    fn only_listed_peers_are_trusted() {
        let proxies = TrustedProxies::parse(["10.0.0.0/8", "::1"]).unwrap();
        for (address, want) in [
            ("10.255.0.1", true),
            ("::ffff:10.0.0.1", true),
            ("11.0.0.1", false),
            ("::1", true),
            ("::2", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(proxies.trusts(Some(address.parse().unwrap())), want, "{address}");
        }
        assert!(!proxies.trusts(None));
        assert!(TrustedProxies::parse(["unix"]).unwrap().trusts(None));
        assert!(!TrustedProxies::none().trusts(None));
    }
}
