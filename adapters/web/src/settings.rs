//! What an operator chooses about the web side, and what handlers see of it.

use std::sync::Arc;

use kunci_domain::Core;

use crate::cookies::SessionCookie;
use crate::cross_site::Origin;
use crate::trusted_proxies::TrustedProxies;

/// What an operator chooses about the web side.
#[derive(Debug)]
pub struct Settings {
    /// Where people reach this site; without it, whatever host they name.
    pub public_origin: Option<Origin>,
    /// Hosts, with a port where it is not the default one, to which a sign-in may lead.
    pub redirect_hosts: Vec<String>,
    /// The session cookie, whose keys sign the other cookies, too.
    pub cookie: SessionCookie,
    /// Proxies that are believed when they say for whom they forward.
    pub trusted_proxies: TrustedProxies,
}

impl Settings {
    /// Whether people reach this site over https, which the cookie says.
    pub(crate) const fn is_https(&self) -> bool {
        self.cookie.is_secure()
    }
}

/// What the handlers need beyond the request.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    pub(crate) core: Arc<Core>,
    pub(crate) settings: Arc<Settings>,
}
