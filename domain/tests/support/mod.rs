//! A test environment for use cases: watched memory stores, a settable clock, seeded entropy and a fast
//! hasher.
//!
//! It holds only what many tests repeat.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    unused_macros,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_debug_implementations,
    reason = "each test file uses its part of it, and a broken helper should fail at once"
)]

mod accounts;
pub mod guessing;
mod recording_mailer;

use std::net::IpAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use kunci_domain::ports::{AccountStore, Clock, SeparateStores, SessionStore};
use kunci_domain::use_cases::{self, CookieAction, NewUser, Operator, SignIn, resume};
use kunci_domain::{
    AccountPolicy, Core, DecoyKey, Device, NoKnownDevices, OpenSession, Password, Permanence, RequestContext,
    Role, Session, SessionPolicy, SessionToken, Timestamp, User, Username,
};
use kunci_memory::{MemoryAccountStore, MemorySessionStore, MemoryThrottle};
use kunci_testkit::fakes::{FakeClock, FastHasher, FastSealer, SeededEntropy, Watched};

pub use accounts::{Authenticator, Known, code_at, replace, with_second_factor};
pub use kunci_testkit::fakes::{Act, Watch};
pub use recording_mailer::{RecordingMailer, notice};

/// Asserts that an outcome is an error that matches a pattern.
macro_rules! assert_err {
    ($outcome:expr, $error:pat) => {
        assert_err!($outcome, $error, "outcome")
    };
    ($outcome:expr, $error:pat, $($case:tt)+) => {
        match $outcome {
            Err($error) => {}
            other => panic!("{}: {other:?}", format_args!($($case)+)),
        }
    };
}
pub(crate) use assert_err;

/// A valid password.
pub const PASSWORD: &str = "correct horse battery";
/// A second valid password.
pub const NEW_PASSWORD: &str = "staple of the battery";
pub const MILLISECOND: Duration = Duration::from_millis(1);
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
    pub accounts: Arc<MemoryAccountStore>,
    pub throttle: Arc<MemoryThrottle>,
    pub mailer: Arc<RecordingMailer>,
    networks: AtomicU16,
}

impl World {
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    /// Creates a world with a modified core.
    pub fn with(change: impl FnOnce(&mut Core)) -> Self {
        let watch = Watch::default();
        let (sessions, accounts) = (Arc::default(), Arc::default());
        let (throttle, mailer) = (Arc::default(), Arc::default());
        let (entropy, hasher) = (Arc::new(SeededEntropy::new(1)), Arc::new(FastHasher::new()));
        let watched_sessions = Arc::new(Watched(Arc::clone(&sessions), watch.clone()));
        let watched_accounts = Arc::new(Watched(Arc::clone(&accounts), watch.clone()));
        let mut core = Core {
            check: Arc::new(SeparateStores {
                sessions: watched_sessions.clone(),
                accounts: watched_accounts.clone(),
            }),
            sessions: watched_sessions,
            accounts: watched_accounts,
            throttle: Arc::new(Watched(Arc::clone(&throttle), watch.clone())),
            mailer: Arc::new(Watched(Arc::clone(&mailer), watch.clone())),
            hasher: hasher.clone(),
            sealer: Arc::new(FastSealer::default()),
            entropy: entropy.clone(),
            decoy_key: DecoyKey::new([7; DecoyKey::LEN]),
            policy: SessionPolicy::default(),
            account_policy: AccountPolicy::default(),
        };
        change(&mut core);
        Self {
            core: Arc::new(core),
            clock: FakeClock::new(Timestamp::from_unix_millis(1_795_371_300_000)),
            entropy,
            hasher,
            watch,
            sessions,
            accounts,
            throttle,
            mailer,
            networks: AtomicU16::default(),
        }
    }

    /// Returns another core with the same stores, as after a restart with other settings.
    pub fn core_with(&self, change: impl FnOnce(&mut Core)) -> Arc<Core> {
        let mut core = Core {
            sessions: Arc::clone(&self.core.sessions),
            check: Arc::clone(&self.core.check),
            accounts: Arc::clone(&self.core.accounts),
            throttle: Arc::clone(&self.core.throttle),
            mailer: Arc::clone(&self.core.mailer),
            hasher: Arc::clone(&self.core.hasher),
            sealer: Arc::clone(&self.core.sealer),
            entropy: Arc::clone(&self.core.entropy),
            decoy_key: self.core.decoy_key.clone(),
            policy: self.core.policy,
            account_policy: self.core.account_policy.clone(),
        };
        change(&mut core);
        Arc::new(core)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Opens a session without a token.
    pub fn visit(&self) -> OpenSession {
        resume(
            RequestContext::new(&self.core, Device::default(), self.now()),
            None,
        )
        .unwrap()
    }

    /// Opens a session with a token.
    pub fn open(&self, token: &SessionToken) -> OpenSession {
        resume(
            RequestContext::new(&self.core, Device::default(), self.now()),
            Some(token.clone()),
        )
        .unwrap()
    }

    /// Opens a session with a token, from an address.
    pub fn open_from(&self, token: &SessionToken, address: impl Into<IpAddr>) -> OpenSession {
        let device = Device::new("a browser", Some(address.into()));
        resume(
            RequestContext::new(&self.core, device, self.now()),
            Some(token.clone()),
        )
        .unwrap()
    }

    /// Opens a session without a token, from an address.
    pub fn visit_from(&self, address: impl Into<IpAddr>) -> OpenSession {
        let device = Device::new("a browser", Some(address.into()));
        resume(RequestContext::new(&self.core, device, self.now()), None).unwrap()
    }

    /// Returns an address in a network that no other call returns.
    pub fn another_network(&self) -> [u8; 4] {
        let [high, low] = self.networks.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        // Each /16 has few of them, because larger networks have limits of their own.
        [10, low, high, 1]
    }

    /// Returns the name of the user that the next request with a token is signed in as.
    pub fn who(&self, token: &SessionToken) -> Option<String> {
        let open = self.open(token);
        open.user().map(|user| user.name.to_string())
    }

    /// Creates an account and signs in with a permanent session.
    pub fn sign_up(&self, name: &str) -> SessionToken {
        let mut open = self.visit();
        use_cases::sign_up(&mut open, new_user(name, PASSWORD), Permanence::Permanent, None).unwrap();
        token(&open)
    }

    /// Signs in from another device with a permanent session.
    pub fn sign_in(&self, name: &str) -> SessionToken {
        let mut open = self.visit();
        use_cases::sign_in(&mut open, attempt(name, PASSWORD)).unwrap();
        token(&open)
    }

    pub fn user(&self, name: &str) -> User {
        self.accounts.find_by_name(&username(name)).unwrap().unwrap()
    }

    /// Returns all live sessions.
    pub fn live_sessions(&self) -> Vec<Session> {
        self.sessions.list(None, None, 1_000, self.now()).unwrap()
    }
}

/// Returns the authority of the command line.
pub fn operator() -> Operator {
    Operator::on_command_line()
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
        devices: &NoKnownDevices,
    }
}

/// Returns the token that is issued to the client.
#[track_caller]
pub fn token(open: &OpenSession) -> SessionToken {
    match open.cookie_action() {
        CookieAction::Issue { token, .. } => token.clone(),
        other => panic!("no token is issued: {other:?}"),
    }
}

/// Runs `work` on `threads` threads that start at the same time, and returns the results.
pub fn in_parallel<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (barrier, work) = (Barrier::new(threads), &work);
    thread::scope(|scope| {
        let begin = |number| {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                work(number)
            })
        };
        let running: Vec<_> = (0..threads).map(begin).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
