//! Wrappers that consult a rule before each call of a store or mailer.
//!
//! The rule passes the call on, skips it and claims success, or fails it. A test can force a failure at any
//! step, run another request between two steps, or simulate a store in which records outlive their deletion.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use kunci_domain::mail::Mail;
use kunci_domain::ports::{
    AuditLog, Inserted, MailError, Mailer, Rotated, SessionDirectory, SessionStore, StoreError, Taken,
    Throttle, TokenStore, Touched, Updated, UserInserted, UserStore,
};
use kunci_domain::{
    Budget, BudgetKey, EmailAddress, Event, LinkKey, OneTimeToken, Purpose, Session, SessionKey, Timestamp,
    User, UserId, Username,
};

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

    /// Returns the names of the calls since the rule was set, such as `users.find`.
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

impl<S: SessionStore> SessionStore for Watched<S> {
    fn insert(&self, session: &Session) -> Result<Inserted, StoreError> {
        self.pass("sessions.insert", |store| store.insert(session), Inserted::Done)
    }

    fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>, StoreError> {
        self.pass("sessions.find", |store| store.find(key, now), None)
    }

    fn update(&self, session: &Session, now: Timestamp) -> Result<Updated, StoreError> {
        self.pass(
            "sessions.update",
            |store| store.update(session, now),
            Updated::Done,
        )
    }

    fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<Touched, StoreError> {
        self.pass("sessions.touch", |store| store.touch(key, now), Touched::Done)
    }

    fn rotate(&self, old: &Session, new: &Session, now: Timestamp) -> Result<Rotated, StoreError> {
        self.pass(
            "sessions.rotate",
            |store| store.rotate(old, new, now),
            Rotated::Done,
        )
    }

    fn delete(&self, session: &Session) -> Result<bool, StoreError> {
        self.pass("sessions.delete", |store| store.delete(session), true)
    }

    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        self.pass("sessions.delete_all_of", |store| store.delete_all_of(user), 1)
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.0.purge_expired(now, limit)
    }
}

impl<S: SessionDirectory> SessionDirectory for Watched<S> {
    fn list(
        &self,
        user: Option<UserId>,
        after: Option<&SessionKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        self.pass(
            "sessions.list",
            |store| store.list(user, after, limit, now),
            Vec::new(),
        )
    }
}

impl<S: UserStore> UserStore for Watched<S> {
    fn insert(&self, user: &User) -> Result<UserInserted, StoreError> {
        self.pass("users.insert", |store| store.insert(user), UserInserted::Done)
    }

    fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.pass("users.find", |store| store.find(id), None)
    }

    fn find_by_name(&self, name: &Username) -> Result<Option<User>, StoreError> {
        self.pass("users.find_by_name", |store| store.find_by_name(name), None)
    }

    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Result<Vec<User>, StoreError> {
        self.pass(
            "users.find_by_address",
            |store| store.find_by_address(address, limit),
            Vec::new(),
        )
    }

    fn update(&self, user: &User) -> Result<Updated, StoreError> {
        self.pass("users.update", |store| store.update(user), Updated::Done)
    }

    fn delete(&self, id: UserId) -> Result<bool, StoreError> {
        self.pass("users.delete", |store| store.delete(id), true)
    }

    fn list(&self, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError> {
        self.pass("users.list", |store| store.list(after, limit), Vec::new())
    }
}

impl<S: TokenStore> TokenStore for Watched<S> {
    fn issue(&self, token: &OneTimeToken) -> Result<Inserted, StoreError> {
        self.pass("tokens.issue", |store| store.issue(token), Inserted::Done)
    }

    fn find(&self, key: &LinkKey, now: Timestamp) -> Result<Option<OneTimeToken>, StoreError> {
        self.pass("tokens.find", |store| store.find(key, now), None)
    }

    fn spend(
        &self,
        key: &LinkKey,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        self.pass("tokens.spend", |store| store.spend(key, purpose, now), None)
    }

    fn give_back(&self, key: &LinkKey, now: Timestamp) -> Result<(), StoreError> {
        self.pass("tokens.give_back", |store| store.give_back(key, now), ())
    }

    fn void(&self, key: &LinkKey, now: Timestamp) -> Result<bool, StoreError> {
        self.pass("tokens.void", |store| store.void(key, now), true)
    }

    fn void_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        self.pass("tokens.void_all_of", |store| store.void_all_of(user), 1)
    }

    fn list(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OneTimeToken>, StoreError> {
        self.pass(
            "tokens.list",
            |store| store.list(purpose, after, limit, now),
            Vec::new(),
        )
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.0.purge_expired(now, limit)
    }
}

impl<L: AuditLog> AuditLog for Watched<L> {
    fn append(&self, event: &Event) -> Result<(), StoreError> {
        self.pass("history.append", |store| store.append(event), ())
    }

    fn list(&self, user: UserId, skip: u32, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.pass("history.list", |store| store.list(user, skip, limit), Vec::new())
    }

    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        self.pass("history.delete_all_of", |store| store.delete_all_of(user), 1)
    }

    fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.0.purge(before, limit)
    }
}

impl<T: Throttle> Throttle for Watched<T> {
    fn take(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<Taken, StoreError> {
        self.pass(
            "throttle.take",
            |store| store.take(key, budget, now),
            Taken::Granted,
        )
    }

    fn give_back(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<(), StoreError> {
        self.pass(
            "throttle.give_back",
            |store| store.give_back(key, budget, now),
            (),
        )
    }

    fn used(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<u32, StoreError> {
        self.pass("throttle.used", |store| store.used(key, budget, now), 0)
    }

    fn forget(&self, key: &BudgetKey) -> Result<(), StoreError> {
        self.pass("throttle.forget", |store| store.forget(key), ())
    }
}

impl<M: Mailer> Mailer for Watched<M> {
    fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError> {
        match self.1.ask("mailer.send") {
            Ok(true) => self.0.send(mail, now),
            Ok(false) => Ok(()),
            Err(error) => Err(MailError::Failed(error.into())),
        }
    }
}
