//! Wrappers that consult a rule before each call of a store or mailer.
//!
//! The rule passes the call on, skips it and claims success, or fails it. A test can force a failure at any
//! step, run another request between two steps, or simulate a store in which records outlive their deletion.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use kunci_domain::mail::Mail;
use kunci_domain::ports::{
    AccountStore, Committed, Inserted, MailError, Mailer, Rotated, SessionStore, StoreError, Taken, Throttle,
    Touched, Updated,
};
use kunci_domain::{
    AccountChange, Budget, BudgetKey, EmailAddress, Event, LinkKey, OneTimeToken, Purpose, Session,
    SessionKey, Timestamp, User, UserId, Username,
};

use super::gate::Gate;
use super::ports::{account_store_methods, session_store_methods, throttle_methods};

/// The outcome of a call.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// The call is passed to the store.
    Pass,
    /// The call is skipped and reported as done.
    Skip,
    /// The call fails with [`StoreError::Unavailable`].
    Fail,
    /// The call fails with [`StoreError::Corrupt`].
    Corrupt,
}

type Rule = Arc<dyn Fn(&'static str) -> Act + Send + Sync>;

/// The rule that the stores of one test share, and the calls made since it was set.
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
        let left = Mutex::new(Some(passed));
        self.set(move |_| {
            let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
            match *left {
                None => Act::Pass,
                Some(0) => {
                    *left = None;
                    Act::Fail
                }
                Some(n) => {
                    *left = Some(n - 1);
                    Act::Pass
                }
            }
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

    /// Records the call and returns whether to make it.
    ///
    /// # Errors
    /// Returns the error that the rule demands.
    fn ask(&self, name: &'static str) -> Result<bool, StoreError> {
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(name);
        let rule = Arc::clone(&self.rule.read().unwrap_or_else(PoisonError::into_inner));
        match rule(name) {
            Act::Pass => Ok(true),
            Act::Skip => Ok(false),
            Act::Corrupt => Err(StoreError::Corrupt {
                store: "watched",
                source: "a byte on the disk has flipped".into(),
            }),
            Act::Fail => Err(StoreError::Unavailable {
                store: "watched",
                source: "the disk with the secret path /var/secret is full".into(),
            }),
        }
    }
}

/// A store whose calls are subject to a [`Watch`].
#[derive(Debug)]
pub struct Watched<S>(pub Arc<S>, pub Watch);

impl<S> Watched<S> {
    /// Makes the call if the rule allows it. Returns `claimed` if the call is skipped.
    fn pass<T>(
        &self,
        name: &'static str,
        call: impl FnOnce(&S) -> Result<T, StoreError>,
        claimed: T,
    ) -> Result<T, StoreError> {
        match self.1.ask(name)? {
            true => call(&self.0),
            false => Ok(claimed),
        }
    }
}

/// Implements a port by making each call that the rule allows.
macro_rules! watched {
    (
        $port:ident $prefix:literal:
        $($method:ident($($argument:ident: $type:ty),*) -> $answer:ty = $claimed:expr;)*
    ) => {
        impl<S: $port> $port for Watched<S> {
            $(
                fn $method(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                    let name = concat!($prefix, ".", stringify!($method));
                    self.pass(name, |store| store.$method($($argument),*), $claimed)
                }
            )*
        }
    };
}

account_store_methods!(watched);
session_store_methods!(watched);
throttle_methods!(watched);

impl<M: Mailer> Mailer for Watched<M> {
    fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError> {
        match self.1.ask("mailer.send") {
            Ok(true) => self.0.send(mail, now),
            Ok(false) => Ok(()),
            Err(error) => Err(MailError::Failed(error.into())),
        }
    }
}
