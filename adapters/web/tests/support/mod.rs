//! A site without sockets: memory stores under a watch, a clock to set, a quick hasher, and requests to send.
//!
//! What a test is about stays in the test; in here is only what every test would repeat.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_debug_implementations,
    reason = "each test file uses its part of it, and a broken helper should fail at once"
)]

mod account;
mod log;
mod messages;
mod routes;
mod want;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kunci_domain::ports::{Clock, Entropy, SessionDirectory, UserStore};
use kunci_domain::use_cases::{NewUser, create_user};
use kunci_domain::{AccountPolicy, Core, Role, Session, SessionPolicy, Timestamp, User, Username};
use kunci_memory::{MemoryAuditLog, MemorySessionStore, MemoryThrottle, MemoryTokenStore, MemoryUserStore};
use kunci_testkit::fakes::{
    BrokenEntropy, FakeClock, FastHasher, FastSealer, Postbox, SeededEntropy, Watched,
};
use kunci_web::{App, Origin, Route, SessionCookie, Settings, SigningKey, TrustedProxies};

pub use account::{Authenticator, add_user_with_email, open_link};
pub use kunci_testkit::fakes::{Act, Watch};
pub use log::logged;
pub use messages::{Answer, Ask, delete, form, get, json, post, put, request};
pub use routes::{ROUTES, good, ready};
pub use want::{Want, check};

/// A password that breaks no rule.
pub const PASSWORD: &str = "correct horse battery";
pub const MINUTE: Duration = Duration::from_secs(60);
pub const DAY: Duration = Duration::from_secs(24 * 3_600);

/// What the three kinds of clients ask for.
pub const TEXT: &str = "*/*";
pub const JSON: &str = "application/json";
pub const PAGE: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
pub const FORMS: [&str; 3] = [TEXT, JSON, PAGE];

pub const NEW_PASSWORD: &str = "staple of the battery";

/// What is chosen about a site.
pub struct Setup {
    pub https: bool,
    pub redirect_hosts: Vec<String>,
    /// The key that signs, and those that are being retired, each as the one byte it consists of.
    pub keys: (u8, Vec<u8>),
    pub routes: Vec<Route>,
    pub accounts: AccountPolicy,
    pub proxies: Vec<&'static str>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            https: false,
            redirect_hosts: Vec::new(),
            keys: (1, Vec::new()),
            routes: Vec::new(),
            accounts: AccountPolicy::default(),
            proxies: Vec::new(),
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
    pub users: Arc<MemoryUserStore>,
    pub history: Arc<MemoryAuditLog>,
    pub postbox: Arc<Postbox>,
}

impl Site {
    pub fn new() -> Self {
        Self::with(Setup::default())
    }

    /// A site that people reach at `https://id.example.org`.
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
        let (watch, users) = (Watch::default(), Arc::default());
        let sessions = Arc::new(MemorySessionStore::default());
        let (history, postbox) = (Arc::new(MemoryAuditLog::default()), Arc::new(Postbox::default()));
        let hasher = Arc::new(FastHasher::new());
        let core = Arc::new(Core {
            sessions: Arc::new(Watched(Arc::clone(&sessions), watch.clone())),
            directory: sessions.clone(),
            users: Arc::new(Watched(Arc::clone(&users), watch.clone())),
            tokens: Arc::new(Watched(Arc::new(MemoryTokenStore::default()), watch.clone())),
            history: Arc::new(Watched(Arc::clone(&history), watch.clone())),
            throttle: Arc::new(Watched(Arc::new(MemoryThrottle::default()), watch.clone())),
            mailer: postbox.clone(),
            hasher: hasher.clone(),
            sealer: Arc::new(FastSealer::default()),
            entropy: Arc::new(SeededEntropy::new(1)),
            policy: SessionPolicy::default(),
            accounts: setup.accounts.clone(),
        });
        let clock = Arc::new(FakeClock::new(Timestamp::from_unix_millis(1_795_371_300_000)));
        Self {
            app: app(&core, &clock, setup),
            core,
            clock,
            hasher,
            watch,
            sessions,
            users,
            history,
            postbox,
        }
    }

    /// The same site after a restart with other settings.
    pub fn restarted(self, setup: Setup) -> Self {
        Self {
            app: app(&self.core, &self.clock, setup),
            ..self
        }
    }

    /// The same site, but its source of randomness has failed.
    pub fn without_entropy(self) -> Self {
        let core = Arc::new(with_other_policy(
            &self.core,
            Arc::new(BrokenEntropy),
            self.core.accounts.clone(),
        ));
        Self { core, ..self }.restarted(Setup::default())
    }

    /// The same site after a restart, with another policy for accounts.
    pub fn under(self, accounts: AccountPolicy) -> Self {
        let core = Arc::new(with_other_policy(
            &self.core,
            Arc::clone(&self.core.entropy),
            accounts,
        ));
        Self { core, ..self }.restarted(Setup::default())
    }

    pub fn send(&self, ask: Ask) -> Answer {
        Answer::of(self.app.call(ask.0))
    }

    /// Makes an account without signing in.
    pub fn add_user(&self, name: &str, role: Role) -> User {
        let new = NewUser {
            name,
            email: "",
            password: PASSWORD.to_owned(),
            role,
        };
        create_user(&self.core, new, Timestamp::from_unix_millis(0)).unwrap()
    }

    /// Signs in as somebody who has an account; the cookie to send back.
    #[track_caller]
    pub fn sign_in(&self, name: &str) -> String {
        let answer = self.send(form("/login", &[("username", name), ("password", PASSWORD)]));
        answer.cookie().expect("signing in sets a cookie")
    }

    /// Signs up; the cookie to send back.
    #[track_caller]
    pub fn sign_up(&self, name: &str) -> String {
        let answer = self.send(form("/register", &[("username", name), ("password", PASSWORD)]));
        answer.cookie().expect("signing up sets a cookie")
    }

    /// Who is signed in with a cookie, by the one line of text.
    pub fn profile(&self, cookie: &str) -> String {
        self.send(get("/profile").cookie(cookie)).body
    }

    pub fn user(&self, name: &str) -> Option<User> {
        self.users.find_by_name(&Username::parse(name).unwrap()).unwrap()
    }

    /// Every live session that the store holds.
    pub fn live_sessions(&self) -> Vec<Session> {
        self.sessions.list(None, None, 1_000, self.clock.now()).unwrap()
    }

    pub fn client(&self) -> Client<'_> {
        Client(self, RefCell::default())
    }
}

fn with_other_policy(core: &Core, entropy: Arc<dyn Entropy>, accounts: AccountPolicy) -> Core {
    Core {
        sessions: Arc::clone(&core.sessions),
        directory: Arc::clone(&core.directory),
        users: Arc::clone(&core.users),
        tokens: Arc::clone(&core.tokens),
        history: Arc::clone(&core.history),
        throttle: Arc::clone(&core.throttle),
        mailer: Arc::clone(&core.mailer),
        hasher: Arc::clone(&core.hasher),
        sealer: Arc::clone(&core.sealer),
        entropy,
        policy: core.policy,
        accounts,
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
        cookie: SessionCookie::new(setup.https, key(setup.keys.0), fallbacks),
        trusted_proxies: TrustedProxies::parse(setup.proxies.iter().copied()).unwrap(),
    }
}

/// A client that keeps its cookies as a browser does.
pub struct Client<'s>(&'s Site, RefCell<BTreeMap<String, String>>);

impl Client<'_> {
    pub fn send(&self, ask: Ask) -> Answer {
        let kept = self.1.borrow().clone();
        let pairs: Vec<String> = kept
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let answer = self.0.send(match pairs.is_empty() {
            true => ask,
            false => ask.cookie(&pairs.join("; ")),
        });
        for line in answer.headers.get_all("set-cookie") {
            self.keep(line.to_str().unwrap());
        }
        answer
    }

    fn keep(&self, line: &str) {
        let (pair, attributes) = line.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let mut jar = self.1.borrow_mut();
        if attributes.contains("Max-Age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The session cookie as it is sent back.
    pub fn cookie(&self) -> Option<String> {
        self.pair("kunci")
    }

    /// Any cookie as it is sent back.
    pub fn pair(&self, name: &str) -> Option<String> {
        let jar = self.1.borrow();
        jar.get(name).map(|value| format!("{name}={value}"))
    }

    /// Forgets a cookie.
    pub fn forget(&self, name: &str) {
        self.1.borrow_mut().remove(name);
    }
}
