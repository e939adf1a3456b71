//! Collects the parts of an app. `build` adds defaults for those that are missing.

use std::path::PathBuf;
use std::sync::Arc;

use http::Method;
use kunci_argon2::{Concurrency, Cost};
use kunci_domain::ports::{AccountStore, Clock, Mailer, PasswordHasher, Sealer, SessionStore, Throttle};
use kunci_domain::{AccountPolicy, SessionPolicy};
use kunci_mail::Sender;
use kunci_web::{
    CookieName, Error, ForwardedHeader, Hsts, Origin, Request, Response, Route, SigningKeyError,
    StoreLocality, TrustedProxies,
};

use super::build_error::BuildError;
use crate::host;
use crate::keys::Secret;
use crate::store_url::StoreUrl;
use crate::wire::stores::Stores;

/// Builds an [`App`](super::App). Everything that is not set has the default of the server.
#[derive(Default)]
#[must_use]
pub struct AppBuilder {
    pub(super) stores: Option<Stores>,
    pub(super) store: Option<StoreUrl>,
    pub(super) session_store: Option<StoreUrl>,
    pub(super) sessions: Option<Arc<dyn SessionStore>>,
    pub(super) accounts: Option<Arc<dyn AccountStore>>,
    pub(super) custom_stores: Option<StoreLocality>,
    pub(super) throttle: Option<Arc<dyn Throttle>>,
    pub(super) mailer: Option<Arc<dyn Mailer>>,
    pub(super) mail_from: Option<Sender>,
    pub(super) sealer: Option<Arc<dyn Sealer>>,
    pub(super) secrets: Vec<Secret>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) public: Option<Origin>,
    pub(super) https: bool,
    pub(super) hsts: Hsts,
    pub(super) cookie_name: CookieName,
    pub(super) redirect_hosts: Vec<String>,
    pub(super) trusted_proxies: TrustedProxies,
    pub(super) forwarded_header: ForwardedHeader,
    pub(super) policy: SessionPolicy,
    pub(super) account_policy: AccountPolicy,
    pub(super) hashing: (Cost, Concurrency),
    pub(super) hasher: Option<Arc<dyn PasswordHasher>>,
    pub(super) clock: Option<Arc<dyn Clock>>,
    pub(super) routes: Vec<Route>,
}

impl std::fmt::Debug for AppBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppBuilder")
            .field("routes", &self.routes)
            .finish_non_exhaustive()
    }
}

/// Defines the methods that set one port each.
macro_rules! ports {
    ($($(#[$doc:meta])* $name:ident, $field:ident: $port:ident;)+) => {
        impl AppBuilder {
            $($(#[$doc])*
            pub fn $name(mut self, $name: Arc<dyn $port>) -> Self {
                self.$field = Some($name);
                self
            })+
        }
    };
}

ports! {
    /// Sets a custom store for sessions; see also [`custom_stores`](Self::custom_stores).
    sessions, sessions: SessionStore;
    /// Sets a custom store for accounts; see also [`custom_stores`](Self::custom_stores).
    accounts, accounts: AccountStore;
    /// Sets a custom throttle. The default counts attempts in the memory of this process.
    throttle, throttle: Throttle;
    /// Sets a custom mailer.
    ///
    /// The default writes mails to a folder beside the SQLite file, `app.outbox` for `app.db`. It needs the
    /// [`public_url`](Self::public_url) for links. Without it, or with a store in memory, requests that need
    /// to send mail fail with 503.
    mailer, mailer: Mailer;
    /// Sets a custom sealer for the secrets of second factors. The default uses the secret key.
    sealer, sealer: Sealer;
    /// Sets a custom password hasher.
    hasher, hasher: PasswordHasher;
    /// Sets a custom clock, for tests.
    clock, clock: Clock;
}

impl AppBuilder {
    /// Sets the store for accounts and sessions: `memory:` (the default), `sqlite:PATH` or
    /// `postgres://USER@HOST/DATABASE`.
    ///
    /// # Errors
    /// [`BuildError::StoreUrl`].
    pub fn store(mut self, url: &str) -> Result<Self, BuildError> {
        self.store = Some(StoreUrl::parse(url)?);
        Ok(self)
    }

    /// Sets the store for sessions, if it is not that of the accounts.
    ///
    /// # Errors
    /// [`BuildError::StoreUrl`].
    pub fn session_store(mut self, url: &str) -> Result<Self, BuildError> {
        self.session_store = Some(StoreUrl::parse(url)?);
        Ok(self)
    }

    /// Declares where the custom stores for sessions and accounts answer from.
    ///
    /// The default is [`StoreLocality::Remote`], which is safe for every store: only requests that need no
    /// store run on a transport's quick threads. A store that answers without a network is faster as
    /// [`StoreLocality::Local`].
    pub const fn custom_stores(mut self, locality: StoreLocality) -> Self {
        self.custom_stores = Some(locality);
        self
    }

    /// Sets the sender of mails for the default mailer.
    ///
    /// # Errors
    /// [`BuildError::MailFrom`].
    pub fn mail_from(mut self, sender: &str) -> Result<Self, BuildError> {
        self.mail_from = Some(Sender::parse(sender)?);
        Ok(self)
    }

    /// Sets the secret key that signs cookies and encrypts the secrets of second factors, 32 bytes or more.
    /// Each further call adds an earlier key, with which cookies and second factors stay valid.
    ///
    /// Without a key, a key file beside the SQLite file is used. If there is none, the key is random and is
    /// lost when the process ends. With a custom store for accounts, second factors are lost with it.
    ///
    /// # Errors
    /// [`BuildError::SigningKey`].
    pub fn secret_key(mut self, secret: &[u8]) -> Result<Self, BuildError> {
        self.secrets.push(Secret::new(secret).ok_or(SigningKeyError)?);
        Ok(self)
    }

    /// Sets the file with the secret key. It is created if it does not exist.
    pub fn secret_key_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.key_file = Some(path.into());
        self
    }

    /// Sets the URL of the site as browsers see it. With https, the cookie is `Secure` and its name begins
    /// with `__Host-`.
    ///
    /// # Errors
    /// [`BuildError::PublicUrl`].
    pub fn public_url(mut self, url: &str) -> Result<Self, BuildError> {
        let origin = host::origin(url).map_err(|_| BuildError::PublicUrl(url.to_owned()))?;
        self.public = Some(origin);
        Ok(self)
    }

    /// Declares that browsers use https, with any host name. A [`public_url`](Self::public_url) declares it
    /// for one host name.
    pub const fn https(mut self) -> Self {
        self.https = true;
        self
    }

    /// Sets the hosts for which browsers use https only, once they have seen the site on https. The default is the
    /// host of the site, without its subdomains.
    pub const fn hsts(mut self, hsts: Hsts) -> Self {
        self.hsts = hsts;
        self
    }

    /// Sets the name of the session cookie, `kunci` by default. The names of the other cookies begin with it, and
    /// on https all have the prefix `__Host-`.
    ///
    /// Browsers send cookies to every port of a host. Two sites on one host that have the same name sign each
    /// other's users out.
    ///
    /// # Errors
    /// [`BuildError::CookieName`].
    pub fn cookie_name(mut self, name: &str) -> Result<Self, BuildError> {
        self.cookie_name = CookieName::parse(name).ok_or_else(|| BuildError::CookieName(name.to_owned()))?;
        Ok(self)
    }

    /// Sets the hosts to which `next` may lead after signing in, with a port unless it is the default.
    pub fn redirect_hosts(mut self, hosts: Vec<String>) -> Self {
        self.redirect_hosts = hosts;
        self
    }

    /// Sets the proxies whose forwarding headers give the address of the client. The default is none.
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.trusted_proxies = proxies;
        self
    }

    /// Sets the header in which the trusted proxies report the address of the client. The default is
    /// `X-Forwarded-For`. The other header is ignored.
    pub const fn forwarded_header(mut self, header: ForwardedHeader) -> Self {
        self.forwarded_header = header;
        self
    }

    /// Sets how long sessions live.
    pub const fn session_policy(mut self, policy: SessionPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets the rules for accounts: sign-up, second factors and rate limits.
    pub fn account_policy(mut self, policy: AccountPolicy) -> Self {
        self.account_policy = policy;
        self
    }

    /// Sets the cost of password hashes and how many are computed at a time.
    pub const fn hashing(mut self, cost: Cost, concurrency: Concurrency) -> Self {
        self.hashing = (cost, concurrency);
        self
    }

    /// Adds a route of the application. `{name}` in its path matches one segment.
    ///
    /// Changes to the session are committed before the client receives the response.
    pub fn route(
        self,
        method: Method,
        path: &'static str,
        handler: impl Fn(&mut Request) -> Result<Response, Error> + Send + Sync + 'static,
    ) -> Self {
        self.add_route(Route::new(method, path, handler))
    }

    /// Adds a route that exists already, for instance with another [`Cost`](kunci_web::Cost).
    pub fn add_route(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }
}
