//! A wrapper that consults a rule before each call of an adapter.
//!
//! The rule passes the call on, skips it and claims success, or fails it before or after its effect. A test
//! can force a failure at any step, run another request between two steps, or simulate a store in which
//! records outlive their deletion.

use std::convert::identity;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use kunci_domain::mail::Mail;
use kunci_domain::ports::{
    AccountStore, CheckedSession, Committed, EntropyError, HashError, Inserted, MailError, Mailer,
    PasswordHasher, Rotated, Sealer, SessionCheck, SessionStore, StoreError, Taken, Throttle, Touched,
    UnsealError, Updated, Verdict,
};
use kunci_domain::{
    AccountChange, Budget, BudgetKey, BudgetKind, BudgetOwner, EmailAddress, Event, LinkKey, OneTimeToken,
    Password, PasswordHash, Purpose, Session, SessionKey, Timestamp, UsedBudget, User, UserId, Username,
};
use zeroize::Zeroizing;

use super::gate::Gate;

/// The outcome of a call.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// The call is passed to the adapter.
    Pass,
    /// The call is skipped and reported as done.
    Skip,
    /// The call fails with [`StoreError::Unavailable`].
    Fail,
    /// The call fails with [`StoreError::Corrupt`].
    Corrupt,
    /// The call is passed to the adapter, and then fails because its acknowledgement is lost.
    Unacknowledged,
}

type Rule = Arc<dyn Fn(&'static str) -> Act + Send + Sync>;

/// The rule that the adapters of one test share, and the calls made since it was set.
#[derive(Clone)]
pub struct Watch {
    rule: Arc<RwLock<Rule>>,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("calls", &self.calls)
            .finish_non_exhaustive()
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            rule: Arc::new(RwLock::new(Arc::new(|_| Act::Pass))),
            calls: Arc::default(),
        }
    }
}

impl Watch {
    /// Replaces the rule and clears the recorded calls.
    pub fn set(&self, rule: impl Fn(&'static str) -> Act + Send + Sync + 'static) {
        *self.rule.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rule);
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Passes all calls on.
    pub fn pass(&self) {
        self.set(|_| Act::Pass);
    }

    /// Gives every call of this name, such as `sessions.delete`, the same outcome.
    pub fn each(&self, name: &'static str, act: Act) {
        self.set(move |called| if called == name { act } else { Act::Pass });
    }

    /// Fails one call after `passed` calls have been passed on.
    pub fn fail_after(&self, passed: usize) {
        self.after(passed, Act::Fail);
    }

    /// Gives one call this outcome after `passed` calls have been passed on.
    pub fn after(&self, passed: usize, act: Act) {
        let calls = AtomicUsize::new(0);
        self.set(move |_| match calls.fetch_add(1, Ordering::SeqCst) == passed {
            true => act,
            false => Act::Pass,
        });
    }

    /// Runs `meanwhile` just before the next call of this name.
    pub fn before(&self, name: &'static str, meanwhile: impl FnOnce() + Send + 'static) {
        let meanwhile = Mutex::new(Some(meanwhile));
        self.set(move |called| {
            // It is removed before it runs, because its own calls reach this rule, too.
            let due =
                (called == name).then(|| meanwhile.lock().unwrap_or_else(PoisonError::into_inner).take());
            if let Some(Some(meanwhile)) = due {
                meanwhile();
            }
            Act::Pass
        });
    }

    /// Makes every call of this name wait until the gate is open.
    pub fn hold(&self, name: &'static str, gate: &Gate) {
        let gate = gate.clone();
        self.set(move |called| {
            if called == name {
                gate.pass();
            }
            Act::Pass
        });
    }

    /// Returns the names of the calls since the rule was set, such as `accounts.find`.
    pub fn calls(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records a call and gives it the outcome that the rule demands. Returns `claimed` if it is skipped.
    fn run<T, E>(
        &self,
        name: &'static str,
        call: impl FnOnce() -> Result<T, E>,
        claimed: T,
        error: impl Fn(StoreError) -> E,
    ) -> Result<T, E> {
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(name);
        let rule = Arc::clone(&self.rule.read().unwrap_or_else(PoisonError::into_inner));
        match rule(name) {
            Act::Pass => call(),
            Act::Skip => Ok(claimed),
            Act::Fail => Err(error(unavailable())),
            Act::Corrupt => Err(error(corrupt())),
            Act::Unacknowledged => call().and_then(|_| Err(error(outcome_unknown()))),
        }
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable {
        store: "watched",
        source: "the disk with the secret path /var/secret is full".into(),
    }
}

fn corrupt() -> StoreError {
    StoreError::Corrupt {
        store: "watched",
        source: "a byte on the disk has flipped".into(),
    }
}

/// Returns the error of a call whose acknowledgement is lost.
fn outcome_unknown() -> StoreError {
    StoreError::OutcomeUnknown {
        store: "watched",
        source: "the connection broke before the answer".into(),
    }
}

/// An adapter whose calls are subject to a [`Watch`].
///
/// ```
/// use std::sync::Arc;
///
/// use kunci_domain::ports::SessionStore;
/// use kunci_memory::MemorySessionStore;
/// use kunci_testkit::fakes::{Act, Watch, Watched};
/// use kunci_testkit::samples::visitor;
///
/// let watch = Watch::default();
/// let store = Watched(Arc::new(MemorySessionStore::default()), watch.clone());
/// watch.each("sessions.delete", Act::Fail);
/// assert!(store.insert(&visitor(1)).is_ok());
/// assert!(store.delete(&visitor(1)).is_err());
/// assert_eq!(watch.calls(), ["sessions.insert", "sessions.delete"]);
/// ```
#[derive(Debug)]
pub struct Watched<S: ?Sized>(pub Arc<S>, pub Watch);

/// Implements a port by making each call that the rule allows.
macro_rules! watched {
    (
        $port:ident $prefix:literal:
        $($method:ident($($argument:ident: $type:ty),*) -> $answer:ty = $claimed:expr;)*
    ) => {
        impl<S: $port + ?Sized> $port for Watched<S> {
            $(
                fn $method(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                    let name = concat!($prefix, ".", stringify!($method));
                    self.1.run(name, || self.0.$method($($argument),*), $claimed, identity)
                }
            )*
        }
    };
}

account_store_methods!(watched);
session_store_methods!(watched);
session_check_methods!(watched);
throttle_methods!(watched);

impl<M: Mailer + ?Sized> Mailer for Watched<M> {
    fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError> {
        let failed = |error: StoreError| MailError::Failed(error.into());
        self.1.run("mailer.send", || self.0.send(mail, now), (), failed)
    }
}

impl<H: PasswordHasher + ?Sized> PasswordHasher for Watched<H> {
    fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        let (claimed, failed) = (self.decoy().clone(), |error: StoreError| {
            HashError::Failed(error.into())
        });
        self.1
            .run("hasher.hash", || self.0.hash(password), claimed, failed)
    }

    fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let (claimed, failed) = (Verdict::Mismatch, |error: StoreError| {
            HashError::Failed(error.into())
        });
        self.1
            .run("hasher.verify", || self.0.verify(password, hash), claimed, failed)
    }

    fn decoy(&self) -> &PasswordHash {
        self.0.decoy()
    }

    fn decoy_like(&self, stored: &PasswordHash) -> PasswordHash {
        self.0.decoy_like(stored)
    }
}

impl<S: Sealer + ?Sized> Sealer for Watched<S> {
    fn seal(&self, secret: &[u8], context: &[u8]) -> Result<Vec<u8>, EntropyError> {
        let failed = |error: StoreError| EntropyError(error.into());
        self.1
            .run("sealer.seal", || self.0.seal(secret, context), Vec::new(), failed)
    }

    fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        let failed = |error: StoreError| UnsealError(Some(error.into()));
        self.1.run(
            "sealer.open",
            || self.0.open(sealed, context),
            Zeroizing::default(),
            failed,
        )
    }
}
