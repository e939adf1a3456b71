//! Settings of the web adapter, and the state that handlers share.

use std::sync::Arc;

use kunci_domain::Core;
use kunci_domain::ports::Health;

use crate::cross_site::Origin;
use crate::forwarded::ForwardedHeader;
use crate::kit::cookies::SessionCookie;
use crate::store_locality::StoreLocality;
use crate::trusted_proxies::TrustedProxies;

/// The hosts for which browsers use https only, once they have seen this site on https (`Strict-Transport-Security`,
/// RFC 6797).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hsts {
    /// The host of this site.
    #[default]
    Host,
    /// The host of this site and all its subdomains, which must then all be on https.
    Subdomains,
}

/// Settings of the web adapter, chosen by the operator.
#[derive(Debug)]
pub struct Settings {
    /// Origin under which users reach this site. If it is absent, the `Host` of each request counts.
    pub public_origin: Option<Origin>,
    /// Hosts to which a sign-in may redirect, with the port unless it is the default.
    pub redirect_hosts: Vec<String>,
    /// Hosts for which browsers use https only, if users reach this site over https.
    pub hsts: Hsts,
    /// Session cookie. Its keys also sign the other cookies.
    pub cookie: SessionCookie,
    /// Proxies whose forwarding headers are trusted.
    pub trusted_proxies: TrustedProxies,
    /// Header field in which these proxies report the address of the client. The other one is ignored.
    pub forwarded_header: ForwardedHeader,
    /// Where the stores answer from. It decides which requests may block.
    pub stores: StoreLocality,
    /// What `/readyz` asks, besides whether the stores answer.
    pub health: Vec<Arc<dyn Health>>,
}

impl Settings {
    /// Returns whether users reach this site over https. The session cookie holds this setting.
    pub(crate) const fn is_https(&self) -> bool {
        self.cookie.is_secure()
    }
}

/// State that every handler can use in addition to the request.
#[derive(Debug, Clone)]
pub(crate) struct AppState {
    pub(crate) core: Arc<Core>,
    pub(crate) settings: Arc<Settings>,
}
