//! A site without sockets: watched in-memory stores, a settable clock, a fast hasher, and a client.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_debug_implementations,
    reason = "each test file uses a part of this module, and a broken helper should fail at once"
)]

mod account;
mod expected;
mod log;
mod messages;
mod routes;
mod visitors;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kunci_domain::ports::{AccountStore, Clock, Committed, Entropy, SeparateStores, SessionStore};
use kunci_domain::use_cases::{NewUser, create_user};
use kunci_domain::{
    AccountPolicy, BudgetKind, BudgetOwner, Core, DecoyKey, Role, Session, SessionPolicy, Step, Timestamp,
    User, Username,
};
use kunci_memory::{MemoryAccountStore, MemorySessionStore, MemoryThrottle};
use kunci_testkit::fakes::{
    BrokenEntropy, FakeClock, FastHasher, FastSealer, RecordingMailer, SeededEntropy, Watched,
};
use kunci_web::{
    App, CookieName, ForwardedHeader, Hsts, LoggedAccountStore, Origin, Route, SessionCookie, Settings,
    SigningKey, StoreLocality, TrustedProxies,
};

pub use account::{Authenticator, add_user_with_email, link_form, open_link, operator, unconfirmed_site};
pub use expected::{Expected, check};
pub use kunci_testkit::fakes::{Act, Watch};
pub use log::take_log;
pub use messages::{
    TestRequest, TestResponse, delete, form, get, json, post, put, request, sign_in_form, sign_up_form,
};
pub use routes::{all_routes, prepare_request, valid_request};
pub use visitors::Visitor;

/// A password that every rule accepts.
pub const PASSWORD: &str = "correct horse battery";
pub const MINUTE: Duration = Duration::from_secs(60);
pub const DAY: Duration = Duration::from_secs(24 * 3_600);

/// `Accept` headers of command-line clients, programs and browsers.
pub const TEXT: &str = "*/*";
pub const JSON: &str = "application/json";
pub const PAGE: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
pub const ACCEPT_HEADERS: [&str; 3] = [TEXT, JSON, PAGE];

pub const NEW_PASSWORD: &str = "staple of the battery";

/// Options of a test site.
pub struct Setup {
    pub https: bool,
    pub hsts: Hsts,
    pub cookie_name: CookieName,
    pub redirect_hosts: Vec<String>,
    /// The current signing key and the retired ones; each key is one byte repeated 32 times.
    pub keys: (u8, Vec<u8>),
    pub routes: Vec<Route>,
    pub account_policy: AccountPolicy,
    pub proxies: Vec<&'static str>,
    pub stores: StoreLocality,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            https: false,
            hsts: Hsts::default(),
            cookie_name: CookieName::default(),
            redirect_hosts: Vec::new(),
            keys: (1, Vec::new()),
            routes: Vec::new(),
            account_policy: AccountPolicy::default(),
            proxies: Vec::new(),
            stores: StoreLocality::Local,
        }
    }
}

pub struct Site {
    pub app: App,
    pub core: Arc<Core>,
    pub clock: Arc<FakeClock>,
    pub hasher: Arc<FastHasher>,
    pub watch: Watch,
    pub sessions: Arc<MemorySessionStore>,
    pub accounts: Arc<MemoryAccountStore>,
    pub throttle: Arc<MemoryThrottle>,
    pub postbox: Arc<RecordingMailer>,
}

impl Site {
    pub fn new() -> Self {
        Self::with(Setup::default())
    }

    /// Creates a site whose public address is `https://id.example.org`.
    pub fn https() -> Self {
        Self::with(Setup {
            https: true,
            ..Setup::default()
        })
    }

    pub fn with_routes(routes: Vec<Route>) -> Self {
        Self::with(Setup {
            routes,
            ..Setup::default()
        })
    }

    pub fn with(setup: Setup) -> Self {
        let (watch, accounts) = (Watch::default(), Arc::default());
        let throttle = Arc::new(MemoryThrottle::default());
        let sessions = Arc::new(MemorySessionStore::default());
        let postbox = Arc::new(RecordingMailer::default());
        let hasher = Arc::new(FastHasher::new());
        let watched_sessions = Arc::new(Watched(Arc::clone(&sessions), watch.clone()));
        let watched_accounts = Arc::new(Watched(Arc::clone(&accounts), watch.clone()));
        let core = Arc::new(Core {
            check: Arc::new(SeparateStores {
                sessions: watched_sessions.clone(),
                accounts: watched_accounts.clone(),
            }),
            sessions: watched_sessions,
            accounts: Arc::new(LoggedAccountStore::new(watched_accounts)),
            throttle: Arc::new(Watched(Arc::clone(&throttle), watch.clone())),
            mailer: postbox.clone(),
            hasher: hasher.clone(),
            sealer: Arc::new(FastSealer::default()),
            entropy: Arc::new(SeededEntropy::new(1)),
            decoy_key: DecoyKey::new([7; DecoyKey::LEN]),
            policy: SessionPolicy::default(),
            account_policy: setup.account_policy.clone(),
        });
        let clock = Arc::new(FakeClock::new(Timestamp::from_unix_millis(1_795_371_300_000)));
        Self {
            app: app(&core, &clock, setup),
            core,
            clock,
            hasher,
            watch,
            sessions,
            accounts,
            throttle,
            postbox,
        }
    }

    /// Returns the same site after a restart with other settings; the stores are kept.
    pub fn restarted(self, setup: Setup) -> Self {
        Self {
            app: app(&self.core, &self.clock, setup),
            ..self
        }
    }

    /// Returns the same site with a failing source of randomness.
    pub fn without_entropy(self) -> Self {
        let core = Arc::new(with_entropy(&self.core, Arc::new(BrokenEntropy)));
        Self { core, ..self }.restarted(Setup::default())
    }

    pub fn send(&self, request: TestRequest) -> TestResponse {
        TestResponse::from_http(self.app.call(request.0))
    }

    /// Makes all budgets full that attempts at an account use, without advancing the clock.
    pub fn refill_budgets(&self, name: &str) {
        self.throttle.refill_all().unwrap();
        let owner = BudgetOwner::Account(self.user(name).unwrap().id);
        for kind in BudgetKind::ALL {
            let from = self.accounts.find_budget(&owner, kind).unwrap();
            let write = Step::WriteBudget {
                owner,
                kind,
                from,
                to: None,
            };
            let written = self.accounts.commit(&write.into(), self.clock.now()).unwrap();
            assert_eq!(written, Committed::Done);
        }
    }

    /// Creates an account without signing in.
    pub fn add_user(&self, name: &str, role: Role) -> User {
        let new = NewUser {
            name,
            email: "",
            password: PASSWORD.to_owned(),
            role,
        };
        create_user(&self.core, &operator(), new, Timestamp::from_unix_millis(0)).unwrap()
    }

    /// Signs in with [`PASSWORD`] and returns the session cookie.
    #[track_caller]
    pub fn sign_in(&self, name: &str) -> String {
        let answer = self.send(sign_in_form(name, PASSWORD));
        answer.cookie().expect("sign-in sets a cookie")
    }

    /// Signs up with [`PASSWORD`] and returns the session cookie.
    #[track_caller]
    pub fn sign_up(&self, name: &str) -> String {
        let answer = self.send(sign_up_form(name, PASSWORD));
        answer.cookie().expect("sign-up sets a cookie")
    }

    /// Returns the text of `/profile`, which names the user of a cookie.
    pub fn profile(&self, cookie: &str) -> String {
        self.send(get("/profile").cookie(cookie)).body
    }

    pub fn user(&self, name: &str) -> Option<User> {
        self.accounts
            .find_by_name(&Username::parse(name).unwrap())
            .unwrap()
    }

    /// Returns the unexpired sessions in the store.
    pub fn live_sessions(&self) -> Vec<Session> {
        self.sessions.list(None, None, 1_000, self.clock.now()).unwrap()
    }

    pub fn client(&self) -> Client<'_> {
        Client(self, RefCell::default())
    }
}

fn with_entropy(core: &Core, entropy: Arc<dyn Entropy>) -> Core {
    Core {
        sessions: Arc::clone(&core.sessions),
        check: Arc::clone(&core.check),
        accounts: Arc::clone(&core.accounts),
        throttle: Arc::clone(&core.throttle),
        mailer: Arc::clone(&core.mailer),
        hasher: Arc::clone(&core.hasher),
        sealer: Arc::clone(&core.sealer),
        entropy,
        decoy_key: core.decoy_key.clone(),
        policy: core.policy,
        account_policy: core.account_policy.clone(),
    }
}

fn app(core: &Arc<Core>, clock: &Arc<FakeClock>, setup: Setup) -> App {
    let settings = settings(&setup);
    App::new(core.clone(), clock.clone(), settings, setup.routes).unwrap()
}

pub fn settings(setup: &Setup) -> Settings {
    let key = |byte: u8| SigningKey::new(&[byte; 32]).unwrap();
    let fallbacks = setup.keys.1.iter().map(|byte| key(*byte)).collect();
    Settings {
        public_origin: setup
            .https
            .then(|| Origin::parse("https://id.example.org").unwrap()),
        redirect_hosts: setup.redirect_hosts.clone(),
        hsts: setup.hsts,
        cookie: SessionCookie::new(&setup.cookie_name, setup.https, key(setup.keys.0), fallbacks),
        trusted_proxies: TrustedProxies::parse(setup.proxies.iter().copied()).unwrap(),
        forwarded_header: ForwardedHeader::default(),
        stores: setup.stores,
        health: Vec::new(),
    }
}

/// A client that stores cookies as a browser does.
pub struct Client<'s>(&'s Site, RefCell<BTreeMap<String, String>>);

impl Client<'_> {
    pub fn send(&self, request: TestRequest) -> TestResponse {
        let answer = self.0.send(self.with_cookies(request));
        self.store_cookies(&answer);
        answer
    }

    /// Adds the cookies that a browser would send now.
    pub fn with_cookies(&self, request: TestRequest) -> TestRequest {
        let jar = self.1.borrow();
        let pairs: Vec<String> = jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        match pairs.is_empty() {
            true => request,
            false => request.cookie(&pairs.join("; ")),
        }
    }

    /// Stores the cookies of a response.
    pub fn store_cookies(&self, answer: &TestResponse) {
        for line in answer.headers.get_all("set-cookie") {
            self.store_cookie(line.to_str().unwrap());
        }
    }

    fn store_cookie(&self, line: &str) {
        let (pair, attributes) = line.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let mut jar = self.1.borrow_mut();
        if attributes.contains("Max-Age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Returns the session cookie as the client sends it.
    pub fn cookie(&self) -> Option<String> {
        self.cookie_of("kunci")
    }

    /// Returns a cookie as the client sends it.
    pub fn cookie_of(&self, name: &str) -> Option<String> {
        let jar = self.1.borrow();
        jar.get(name).map(|value| format!("{name}={value}"))
    }
}
