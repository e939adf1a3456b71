//! Kunci as a library: build an app from stores, settings and routes of one's own; call it or serve it.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use kunci_argon2::{Argon2Hasher, Concurrency, Cost};
use kunci_domain::ports::{Clock, Entropy, PasswordHasher, SessionStore, UserStore};
use kunci_domain::{Core, SessionPolicy};
use kunci_rand::RandEntropy;
use kunci_web::{
    Error, Origin, Request, Response, Route, RouteError, SessionCookie, SigningKey, SigningKeyError,
};
use thiserror::Error as ThisError;

use crate::clock::SystemClock;
use crate::secret_file::{self, SecretFileError};
use crate::store_url::{StoreUrl, StoreUrlError};
use crate::sweeper::Sweeper;
use crate::wire::{self, OpenError, Stores};

/// A site's accounts, sessions and routes: a function from requests to answers, with its stores open.
///
/// It answers as long as it lives; expired sessions are removed in the background.
#[derive(Debug)]
pub struct App {
    web: kunci_web::App,
    core: Arc<Core>,
    _sweeper: Sweeper,
}

/// Why an app cannot be built.
#[derive(Debug, ThisError)]
pub enum BuildError {
    /// A store was named that there is not.
    #[error(transparent)]
    StoreUrl(#[from] StoreUrlError),
    /// A store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The public address is no http or https URL without path.
    #[error("the public URL {0:?} is not http(s)://HOST[:PORT]")]
    PublicUrl(String),
    /// A secret key is too short.
    #[error(transparent)]
    SigningKey(#[from] SigningKeyError),
    /// The file of the secret key cannot be used.
    #[error(transparent)]
    SecretFile(#[from] SecretFileError),
    /// The password hasher cannot be set up.
    #[error(transparent)]
    Hasher(#[from] kunci_argon2::SetUpError),
    /// A route stands in the way of another.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// No randomness, or no thread, could be had.
    #[error("the operating system gave no {0}")]
    System(&'static str, #[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Collects what an [`App`] is made of. Whatever is not said has the default of the server.
#[derive(Default)]
pub struct AppBuilder {
    pub(crate) stores: Option<Stores>,
    store: Option<StoreUrl>,
    session_store: Option<StoreUrl>,
    sessions: Option<Arc<dyn SessionStore>>,
    users: Option<Arc<dyn UserStore>>,
    keys: Vec<SigningKey>,
    key_file: Option<PathBuf>,
    public: Option<Origin>,
    https: bool,
    redirect_hosts: Vec<String>,
    policy: SessionPolicy,
    hashing: (Cost, Concurrency),
    hasher: Option<Arc<dyn PasswordHasher>>,
    clock: Option<Arc<dyn Clock>>,
    routes: Vec<Route>,
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

    /// A store of one's own for sessions.
    #[must_use]
    pub fn sessions(mut self, sessions: Arc<dyn SessionStore>) -> Self {
        self.sessions = Some(sessions);
        self
    }

    /// A store of one's own for accounts.
    #[must_use]
    pub fn users(mut self, users: Arc<dyn UserStore>) -> Self {
        self.users = Some(users);
        self
    }

    /// The secret under which cookies are signed, 32 bytes or more. Called again, it adds a retired
    /// one, whose cookies are still honoured.
    ///
    /// Without any, a key file beside the SQLite file is used, or a key that ends with the process.
    ///
    /// # Errors
    /// [`BuildError::SigningKey`].
    pub fn secret_key(mut self, secret: &[u8]) -> Result<Self, BuildError> {
        self.keys.push(SigningKey::new(secret)?);
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

    /// How long sessions live.
    #[must_use]
    pub const fn session_policy(mut self, policy: SessionPolicy) -> Self {
        self.policy = policy;
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

    /// Opens the stores and puts everything together.
    ///
    /// # Errors
    /// Any [`BuildError`].
    pub fn build(mut self) -> Result<App, BuildError> {
        let entropy: Arc<dyn Entropy> = Arc::new(RandEntropy);
        let clock = self.clock.take().unwrap_or_else(|| Arc::new(SystemClock));
        let cookie = self.cookie(&*entropy)?;
        let opened = self.opened()?;
        let hasher = match self.hasher.take() {
            Some(hasher) => hasher,
            None => Arc::new(Argon2Hasher::new(
                self.hashing.0,
                self.hashing.1,
                Arc::clone(&entropy),
            )?),
        };
        let core = Arc::new(Core {
            sessions: self.sessions.take().unwrap_or(opened.sessions),
            users: self.users.take().unwrap_or(opened.users),
            hasher,
            entropy,
            policy: self.policy,
        });
        let sweeper = Sweeper::start(Arc::clone(&core.sessions), Arc::clone(&clock))
            .map_err(|error| BuildError::System("thread", error.into()))?;
        let settings = kunci_web::Settings {
            public_origin: self.public,
            redirect_hosts: self.redirect_hosts,
            cookie,
        };
        let web = kunci_web::App::new(Arc::clone(&core), clock, settings, self.routes)?;
        Ok(App {
            web,
            core,
            _sweeper: sweeper,
        })
    }

    fn cookie(&mut self, entropy: &dyn Entropy) -> Result<SessionCookie, BuildError> {
        let mut keys = std::mem::take(&mut self.keys);
        if keys.is_empty() {
            keys = match self
                .key_file
                .take()
                .or_else(|| self.store.as_ref().and_then(StoreUrl::key_file))
            {
                Some(path) => secret_file::load_or_create(&path, entropy)?,
                None => vec![passing_key(entropy)?],
            };
        }
        let retired = keys.split_off(1);
        let https = self.public.as_ref().map_or(self.https, Origin::is_https);
        // The list was not empty, so that one is left.
        keys.pop()
            .map(|key| SessionCookie::new(https, key, retired))
            .ok_or(SigningKeyError.into())
    }

    /// The stores behind what was not given by hand; opening memory for nothing costs nothing.
    fn opened(&mut self) -> Result<Stores, OpenError> {
        if let Some(stores) = self.stores.take() {
            return Ok(stores);
        }
        let main = self.store.clone().unwrap_or(StoreUrl::Memory);
        let sessions = self.session_store.clone().unwrap_or_else(|| main.clone());
        wire::open_stores(&main, &sessions, wire::DEFAULT_MMAP)
    }
}

/// A key that ends with the process, and with it everybody's cookies.
fn passing_key(entropy: &dyn Entropy) -> Result<SigningKey, BuildError> {
    let mut secret = zeroize::Zeroizing::new([0; 32]);
    entropy
        .fill(&mut *secret)
        .map_err(|error| BuildError::System("randomness", error.into()))?;
    Ok(SigningKey::new(&*secret)?)
}

impl App {
    /// Begins to build an app.
    #[must_use]
    pub fn builder() -> AppBuilder {
        AppBuilder::default()
    }

    /// Answers a request whose body is whole; see [`kunci_web::App::call`].
    #[must_use]
    pub fn call(&self, request: http::Request<Bytes>) -> Response {
        self.web.call(request)
    }

    /// Whether answering may take long; see [`kunci_web::Cost`].
    #[must_use]
    pub fn may_block(&self, method: &Method, path: &str) -> bool {
        self.web.may_block(method, path)
    }

    /// The domain behind the app, for use cases beside its routes.
    #[must_use]
    pub const fn core(&self) -> &Arc<Core> {
        &self.core
    }
}

/// Why an app could not be served, or ended to be.
#[derive(Debug, ThisError)]
pub enum ServeError {
    /// The text is no address with a port.
    #[error("{0:?} is not ADDRESS:PORT")]
    Address(String),
    /// The address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] kunci_tiny_http::BindError),
    /// The transport ended with an error.
    #[error(transparent)]
    Transport(#[from] kunci_tiny_http::ServeError),
}

impl App {
    /// Serves the app on a loopback address such as `127.0.0.1:8080` until the process ends; port 0 picks
    /// a free one. `started` is told the address once requests are answered.
    ///
    /// # Errors
    /// Any [`ServeError`].
    pub fn serve(self, address: &str, started: impl FnOnce(&str)) -> Result<(), ServeError> {
        let address = address
            .parse()
            .map_err(|_| ServeError::Address(address.to_owned()))?;
        let bound = wire::bind_loopback(address)?;
        let shown = bound.address().url("http");
        let running = wire::host(Arc::new(self), bound);
        started(&shown);
        Ok(running.wait()?)
    }
}
