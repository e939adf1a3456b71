//! What an app is made of, as whoever embeds it says it.
//!
//! Left out: putting it together, and what goes in place of what was not said; see `build`.

use std::path::PathBuf;
use std::sync::Arc;

use http::Method;
use kunci_argon2::{Concurrency, Cost};
use kunci_domain::ports::{
    AuditLog, Clock, Mailer, PasswordHasher, Sealer, SessionDirectory, SessionStore, Throttle, TokenStore,
    UserStore,
};
use kunci_domain::{AccountPolicy, SessionPolicy};
use kunci_mail::Sender;
use kunci_web::{Error, Origin, Request, Response, Route, SigningKeyError, TrustedProxies};

use super::BuildError;
use crate::keys::Secret;
use crate::store_url::StoreUrl;
use crate::wire::Stores;

/// Collects what an [`App`](super::App) is made of. Whatever is not said has the default of the server.
#[derive(Default)]
pub struct AppBuilder {
    pub(crate) stores: Option<Stores>,
    pub(super) store: Option<StoreUrl>,
    pub(super) session_store: Option<StoreUrl>,
    pub(super) sessions: Option<Arc<dyn SessionStore>>,
    pub(super) directory: Option<Arc<dyn SessionDirectory>>,
    pub(super) users: Option<Arc<dyn UserStore>>,
    pub(super) tokens: Option<Arc<dyn TokenStore>>,
    pub(super) history: Option<Arc<dyn AuditLog>>,
    pub(super) throttle: Option<Arc<dyn Throttle>>,
    pub(super) mailer: Option<Arc<dyn Mailer>>,
    pub(super) mail_from: Option<Sender>,
    pub(super) sealer: Option<Arc<dyn Sealer>>,
    pub(crate) secrets: Vec<Secret>,
    pub(super) key_file: Option<PathBuf>,
    pub(crate) public: Option<Origin>,
    pub(crate) https: bool,
    pub(super) redirect_hosts: Vec<String>,
    pub(super) trusted_proxies: TrustedProxies,
    pub(super) policy: SessionPolicy,
    pub(super) accounts: AccountPolicy,
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

impl AppBuilder {
    /// Where accounts and sessions are kept: `memory:` (the default) or `sqlite:PATH`.
    ///
    /// # Errors
    /// [`BuildError::StoreUrl`].
    pub fn store(mut self, url: &str) -> Result<Self, BuildError> {
        self.store = Some(StoreUrl::parse(url)?);
        Ok(self)
    }

    /// Where sessions are kept, when not with the accounts.
    ///
    /// # Errors
    /// [`BuildError::StoreUrl`].
    pub fn session_store(mut self, url: &str) -> Result<Self, BuildError> {
        self.session_store = Some(StoreUrl::parse(url)?);
        Ok(self)
    }

    /// A store of one's own for sessions. Without a
    /// [`session_directory`](Self::session_directory) to go with it nobody can have their devices listed.
    #[must_use]
    pub fn sessions(mut self, sessions: Arc<dyn SessionStore>) -> Self {
        self.sessions = Some(sessions);
        self
    }

    /// What lists the sessions of a store of one's own.
    #[must_use]
    pub fn session_directory(mut self, directory: Arc<dyn SessionDirectory>) -> Self {
        self.directory = Some(directory);
        self
    }

    /// A store of one's own for accounts.
    #[must_use]
    pub fn users(mut self, users: Arc<dyn UserStore>) -> Self {
        self.users = Some(users);
        self
    }

    /// A store of one's own for the tokens of links.
    #[must_use]
    pub fn tokens(mut self, tokens: Arc<dyn TokenStore>) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// A place of one's own for what happened to accounts.
    #[must_use]
    pub fn history(mut self, history: Arc<dyn AuditLog>) -> Self {
        self.history = Some(history);
        self
    }

    /// What counts attempts, in place of this process's memory.
    #[must_use]
    pub fn throttle(mut self, throttle: Arc<dyn Throttle>) -> Self {
        self.throttle = Some(throttle);
        self
    }

    /// What sends mail.
    ///
    /// Without one, mails become files in a folder beside the SQLite file, `app.outbox` for `app.db`, as
    /// soon as the [`public_url`](Self::public_url) says where their links lead. Without that, or with a
    /// store in memory, there is no mail: whatever needs one is refused.
    #[must_use]
    pub fn mailer(mut self, mailer: Arc<dyn Mailer>) -> Self {
        self.mailer = Some(mailer);
        self
    }

    /// Who the mails beside the SQLite file come from.
    ///
    /// # Errors
    /// [`BuildError::MailFrom`].
    pub fn mail_from(mut self, sender: &str) -> Result<Self, BuildError> {
        self.mail_from = Some(Sender::parse(sender)?);
        Ok(self)
    }

    /// What seals the seeds of second factors, in place of the secret key.
    #[must_use]
    pub fn sealer(mut self, sealer: Arc<dyn Sealer>) -> Self {
        self.sealer = Some(sealer);
        self
    }

    /// The secret under which cookies are signed and second factors sealed, 32 bytes or more. Called
    /// again, it adds a retired one, whose cookies are still honoured and whose second factors still open.
    ///
    /// Without any, a key file beside the SQLite file is used, or a key that ends with the process: with
    /// accounts in a store of one's own, second factors would end with it, too.
    ///
    /// # Errors
    /// [`BuildError::SigningKey`].
    pub fn secret_key(mut self, secret: &[u8]) -> Result<Self, BuildError> {
        self.secrets.push(Secret::new(secret).ok_or(SigningKeyError)?);
        Ok(self)
    }

    /// The file that keeps the secret key; it is made when there is none.
    #[must_use]
    pub fn secret_key_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.key_file = Some(path.into());
        self
    }

    /// Where people reach the site; with `https` the cookie is `Secure` and its name begins with `__Host-`.
    ///
    /// # Errors
    /// [`BuildError::PublicUrl`].
    pub fn public_url(mut self, url: &str) -> Result<Self, BuildError> {
        let origin = Origin::parse(url).ok_or_else(|| BuildError::PublicUrl(url.to_owned()))?;
        self.public = Some(origin);
        Ok(self)
    }

    /// People reach the site over https, under whatever name; [`public_url`](Self::public_url) says it
    /// for one name.
    #[must_use]
    pub const fn https(mut self) -> Self {
        self.https = true;
        self
    }

    /// Hosts, with a port where it is not the default one, to which `next` may lead after a sign-in.
    #[must_use]
    pub fn redirect_hosts(mut self, hosts: Vec<String>) -> Self {
        self.redirect_hosts = hosts;
        self
    }

    /// Peers whose word is taken for where a client is; nobody's by default.
    #[must_use]
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.trusted_proxies = proxies;
        self
    }

    /// How long sessions live.
    #[must_use]
    pub const fn session_policy(mut self, policy: SessionPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Who may make an account, who needs a second factor, and how often anybody may try.
    #[must_use]
    pub fn account_policy(mut self, policy: AccountPolicy) -> Self {
        self.accounts = policy;
        self
    }

    /// What hashing a password costs, and how much of it goes on at a time.
    #[must_use]
    pub const fn hashing(mut self, cost: Cost, concurrency: Concurrency) -> Self {
        self.hashing = (cost, concurrency);
        self
    }

    /// A password hasher of one's own.
    #[must_use]
    pub fn hasher(mut self, hasher: Arc<dyn PasswordHasher>) -> Self {
        self.hasher = Some(hasher);
        self
    }

    /// A clock of one's own, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// A route of the application's own; `{name}` in its path stands for one part.
    ///
    /// What the handler changes in the session is committed before the client gets the answer.
    #[must_use]
    pub fn route(
        self,
        method: Method,
        path: &'static str,
        handler: impl Fn(&mut Request) -> Result<Response, Error> + Send + Sync + 'static,
    ) -> Self {
        self.add_route(Route::new(method, path, handler))
    }

    /// A route that was made before, for instance with another [`Cost`](kunci_web::Cost).
    #[must_use]
    pub fn add_route(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }
}
