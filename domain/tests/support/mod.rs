//! A small world for use cases: memory stores under a watch, a clock to set, entropy to script, a quick hasher.
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

use std::sync::Arc;
use std::time::Duration;

use kunci_domain::ports::{Clock, SessionDirectory, UserStore};
use kunci_domain::use_cases::{self, Handover, NewUser, SignIn, resume};
use kunci_domain::{
    Core, Device, OpenSession, Password, Permanence, Role, Session, SessionPolicy, SessionToken, Timestamp,
    User, Username,
};
use kunci_memory::{MemorySessionStore, MemoryUserStore};
use kunci_testkit::fakes::{FakeClock, FastHasher, SeededEntropy, Watched};

pub use kunci_testkit::fakes::{Act, Watch};

/// A password that breaks no rule.
pub const PASSWORD: &str = "correct horse battery";
pub const SECOND: Duration = Duration::from_secs(1);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(3_600);
pub const DAY: Duration = Duration::from_secs(24 * 3_600);

pub struct World {
    pub core: Arc<Core>,
    pub clock: FakeClock,
    pub entropy: Arc<SeededEntropy>,
    pub hasher: Arc<FastHasher>,
    pub watch: Watch,
    pub sessions: Arc<MemorySessionStore>,
    pub users: Arc<MemoryUserStore>,
}

impl World {
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    /// A world in which some of the core is other than usual.
    pub fn with(change: impl FnOnce(&mut Core)) -> Self {
        let (watch, sessions, users) = (Watch::default(), Arc::default(), Arc::default());
        let (entropy, hasher) = (Arc::new(SeededEntropy::new(1)), Arc::new(FastHasher::new()));
        let mut core = Core {
            sessions: Arc::new(Watched(Arc::clone(&sessions), watch.clone())),
            users: Arc::new(Watched(Arc::clone(&users), watch.clone())),
            hasher: hasher.clone(),
            entropy: entropy.clone(),
            policy: SessionPolicy::default(),
        };
        change(&mut core);
        Self {
            core: Arc::new(core),
            clock: FakeClock::new(Timestamp::from_unix_millis(1_795_371_300_000)),
            entropy,
            hasher,
            watch,
            sessions,
            users,
        }
    }

    /// Another core over the same stores, as after a restart with other settings.
    pub fn core_with(&self, change: impl FnOnce(&mut Core)) -> Arc<Core> {
        let mut core = Core {
            sessions: Arc::clone(&self.core.sessions),
            users: Arc::clone(&self.core.users),
            hasher: Arc::clone(&self.core.hasher),
            entropy: Arc::clone(&self.core.entropy),
            policy: self.core.policy,
        };
        change(&mut core);
        Arc::new(core)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A request without a token.
    pub fn visit(&self) -> OpenSession {
        resume(&self.core, None, Device::default(), self.now()).unwrap()
    }

    /// A request with a token.
    pub fn open(&self, token: &SessionToken) -> OpenSession {
        resume(&self.core, Some(token.clone()), Device::default(), self.now()).unwrap()
    }

    /// Who is signed in with a token, as the next request sees it.
    pub fn who(&self, token: &SessionToken) -> Option<String> {
        let open = self.open(token);
        open.user().map(|user| user.name.to_string())
    }

    /// Makes an account and signs in with it, for good.
    pub fn sign_up(&self, name: &str) -> SessionToken {
        let mut open = self.visit();
        use_cases::sign_up(&mut open, new_user(name, PASSWORD), Permanence::Permanent).unwrap();
        token(&open)
    }

    /// Signs in from one more device, for good.
    pub fn sign_in(&self, name: &str) -> SessionToken {
        let mut open = self.visit();
        use_cases::sign_in(&mut open, attempt(name, PASSWORD)).unwrap();
        token(&open)
    }

    pub fn user(&self, name: &str) -> User {
        self.users.find_by_name(&username(name)).unwrap().unwrap()
    }

    /// Every live session that the store holds.
    pub fn live_sessions(&self) -> Vec<Session> {
        self.sessions.list(None, None, 1_000, self.now()).unwrap()
    }
}

pub fn username(name: &str) -> Username {
    Username::parse(name).unwrap()
}

pub fn password(text: &str) -> Password {
    Password::presented(text.to_owned())
}

pub fn new_user<'a>(name: &'a str, password: &str) -> NewUser<'a> {
    NewUser {
        name,
        email: "",
        password: password.to_owned(),
        role: Role::Member,
    }
}

pub fn attempt<'a>(name: &'a str, text: &str) -> SignIn<'a> {
    SignIn {
        name,
        password: password(text),
        permanence: Permanence::Permanent,
    }
}

/// The token that the client is told.
#[track_caller]
pub fn token(open: &OpenSession) -> SessionToken {
    match open.handover() {
        Handover::Issue { token, .. } => token.clone(),
        other => panic!("the client is told no token: {other:?}"),
    }
}
