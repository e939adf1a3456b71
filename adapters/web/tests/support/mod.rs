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

mod messages;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use kunci_domain::ports::{Clock, SessionDirectory, UserStore};
use kunci_domain::use_cases::{NewUser, create_user};
use kunci_domain::{Core, Role, Session, SessionPolicy, Timestamp, User, Username};
use kunci_memory::{MemorySessionStore, MemoryUserStore};
use kunci_testkit::fakes::{BrokenEntropy, FakeClock, FastHasher, SeededEntropy, Watched};
use kunci_web::{App, Origin, Route, SessionCookie, Settings, SigningKey};

pub use kunci_testkit::fakes::{Act, Watch};
pub use messages::{Answer, Ask, delete, form, get, json, post, put, request};

/// A password that breaks no rule.
pub const PASSWORD: &str = "correct horse battery";
pub const MINUTE: Duration = Duration::from_secs(60);
pub const DAY: Duration = Duration::from_secs(24 * 3_600);

/// What the three kinds of clients ask for.
pub const TEXT: &str = "*/*";
pub const JSON: &str = "application/json";
pub const PAGE: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
pub const FORMS: [&str; 3] = [TEXT, JSON, PAGE];

/// Every route that a site has by itself; `k` stands for any key.
pub const ROUTES: [(&str, &str); 24] = [
    ("GET", "/"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/register"),
    ("POST", "/register"),
    ("GET", "/profile"),
    ("GET", "/logout"),
    ("POST", "/logout"),
    ("GET", "/logout_all"),
    ("POST", "/logout_all"),
    ("GET", "/account"),
    ("GET", "/account/password"),
    ("POST", "/account/password"),
    ("GET", "/api/v1/session"),
    ("POST", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("GET", "/api/v1/session/data"),
    ("DELETE", "/api/v1/session/data"),
    ("GET", "/api/v1/session/data/k"),
    ("PUT", "/api/v1/session/data/k"),
    ("DELETE", "/api/v1/session/data/k"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/assets/none"),
];

/// A good request for one of [`ROUTES`], made by somebody who has the password of `ada`.
pub fn good(method: &str, path: &str) -> Ask {
    match (method, path) {
        ("POST", "/login") => form(path, &[("username", "ada"), ("password", PASSWORD)]),
        ("POST", "/register") => form(path, &[("username", "eve"), ("password", PASSWORD)]),
        ("POST", "/account/password") => form(
            path,
            &[("current_password", PASSWORD), ("new_password", NEW_PASSWORD)],
        ),
        ("POST", "/api/v1/session") => json(
            method,
            path,
            &format!(r#"{{"username":"ada","password":"{PASSWORD}"}}"#),
        ),
        ("PUT", _) => json(method, path, "1"),
        _ => request(method, path),
    }
}

pub const NEW_PASSWORD: &str = "staple of the battery";

/// What is chosen about a site.
pub struct Setup {
    pub https: bool,
    pub redirect_hosts: Vec<String>,
    /// The key that signs, and those that are being retired, each as the one byte it consists of.
    pub keys: (u8, Vec<u8>),
    pub routes: Vec<Route>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            https: false,
            redirect_hosts: Vec::new(),
            keys: (1, Vec::new()),
            routes: Vec::new(),
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
        let (watch, sessions, users) = (Watch::default(), Arc::default(), Arc::default());
        let hasher = Arc::new(FastHasher::new());
        let core = Arc::new(Core {
            sessions: Arc::new(Watched(Arc::clone(&sessions), watch.clone())),
            users: Arc::new(Watched(Arc::clone(&users), watch.clone())),
            hasher: hasher.clone(),
            entropy: Arc::new(SeededEntropy::new(1)),
            policy: SessionPolicy::default(),
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
        let core = Arc::new(Core {
            sessions: Arc::clone(&self.core.sessions),
            users: Arc::clone(&self.core.users),
            hasher: Arc::clone(&self.core.hasher),
            entropy: Arc::new(BrokenEntropy),
            policy: self.core.policy,
        });
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
    }
}

/// A client that keeps its cookie as a browser does.
pub struct Client<'s>(&'s Site, RefCell<Option<String>>);

impl Client<'_> {
    pub fn send(&self, ask: Ask) -> Answer {
        let kept = self.1.borrow().clone();
        let answer = self.0.send(match kept {
            Some(cookie) => ask.cookie(&cookie),
            None => ask,
        });
        if let Some(told) = answer.set_cookie() {
            *self.1.borrow_mut() = (!told.contains("Max-Age=0")).then(|| answer.cookie().unwrap());
        }
        answer
    }

    pub fn cookie(&self) -> Option<String> {
        self.1.borrow().clone()
    }
}
