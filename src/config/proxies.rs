//! Which peers are proxies of our own, so that their word is taken for where a client is.
//!
//! Left out: what a proxy says and how it is read, which is the affair of the web adapter.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use super::base::{Refusal, list};

/// Peers that are proxies of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proxy {
    /// Whoever connects over a Unix socket.
    Unix,
    /// Whoever connects from one of these addresses; never from all that there are.
    Network(IpNet),
}

impl Proxy {
    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, Refusal> {
        list(text, Self::parse)
    }

    fn parse(text: &str) -> Result<Self, Refusal> {
        if text == "unix" {
            return Ok(Self::Unix);
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        let network: IpNet = text
            .parse()
            .map_err(|_| Refusal::from("is neither an address nor a network nor unix"))?;
        if network.prefix_len() == 0 {
            return Err("is everybody, so that each client could choose its own address".into());
        }
        if network.trunc() != network {
            return Err("has an address that is not the first of its network".into());
        }
        Ok(Self::Network(network))
    }

    pub(super) fn show_list(proxies: &[Self]) -> String {
        let proxies: Vec<String> = proxies.iter().map(Self::to_string).collect();
        proxies.join(",")
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix => f.write_str("unix"),
            Self::Network(network) if network.prefix_len() == network.max_prefix_len() => {
                write!(f, "{}", network.addr())
            }
            Self::Network(network) => write!(f, "{network}"),
        }
    }
}
