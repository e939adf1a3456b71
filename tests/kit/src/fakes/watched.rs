//! Stores that ask a rule before each call: to pass it on, to fail in one of two ways, or to claim that it was done.
//!
//! With it a test forces a failure at any step, lets another request in between two steps, or plays a
//! store in which records outlive their deletion. What is kept is left to the store within.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use kunci_domain::ports::{
    Inserted, Rotated, SessionStore, StoreError, Touched, Updated, UserInserted, UserStore,
};
use kunci_domain::{Session, SessionKey, Timestamp, User, UserId, Username};

/// What becomes of a call.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// The store does it.
    Pass,
    /// The store says that it did it.
    Skip,
    /// The store says that it cannot.
    Fail,
    /// The store says that the record makes no sense.
    Corrupt,
}

type Rule = Arc<dyn Fn(&'static str) -> Act + Send + Sync>;

/// The rule that the stores of one test share, and the calls that they saw under it.
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
    /// Puts another rule into force and forgets the calls so far.
    pub fn set(&self, rule: impl Fn(&'static str) -> Act + Send + Sync + 'static) {
        *self.rule.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rule);
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Lets everything pass.
    pub fn pass(&self) {
        self.set(|_| Act::Pass);
    }

    /// Gives every call of this name, such as `sessions.delete`, the same fate.
    pub fn each(&self, name: &'static str, act: Act) {
        self.set(move |called| if called == name { act } else { Act::Pass });
    }

    /// Fails the call that has so many before it.
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

    /// Does something else just before the next call of this name.
    pub fn before(&self, name: &'static str, meanwhile: impl FnOnce() + Send + 'static) {
        let meanwhile = Mutex::new(Some(meanwhile));
        self.set(move |called| {
            // It is taken out first, because what it does comes by here, too.
            let due =
                (called == name).then(|| meanwhile.lock().unwrap_or_else(PoisonError::into_inner).take());
            if let Some(Some(meanwhile)) = due {
                meanwhile();
            }
            Act::Pass
        });
    }

    /// The calls since the rule was set, such as `users.find`.
    pub fn calls(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the call is to be made; an error when it is to fail.
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

/// A store under a [`Watch`].
#[derive(Debug)]
pub struct Watched<S>(pub Arc<S>, pub Watch);

impl<S: SessionStore> SessionStore for Watched<S> {
    fn insert(&self, session: &Session) -> Result<Inserted, StoreError> {
        match self.1.ask("sessions.insert")? {
            true => self.0.insert(session),
            false => Ok(Inserted::Done),
        }
    }

    fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>, StoreError> {
        match self.1.ask("sessions.find")? {
            true => self.0.find(key, now),
            false => Ok(None),
        }
    }

    fn update(&self, session: &Session, now: Timestamp) -> Result<Updated, StoreError> {
        match self.1.ask("sessions.update")? {
            true => self.0.update(session, now),
            false => Ok(Updated::Done),
        }
    }

    fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<Touched, StoreError> {
        match self.1.ask("sessions.touch")? {
            true => self.0.touch(key, now),
            false => Ok(Touched::Done),
        }
    }

    fn rotate(&self, old: &Session, new: &Session, now: Timestamp) -> Result<Rotated, StoreError> {
        match self.1.ask("sessions.rotate")? {
            true => self.0.rotate(old, new, now),
            false => Ok(Rotated::Done),
        }
    }

    fn delete(&self, session: &Session) -> Result<bool, StoreError> {
        match self.1.ask("sessions.delete")? {
            true => self.0.delete(session),
            false => Ok(true),
        }
    }

    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        match self.1.ask("sessions.delete_all_of")? {
            true => self.0.delete_all_of(user),
            false => Ok(1),
        }
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.0.purge_expired(now, limit)
    }
}

impl<S: UserStore> UserStore for Watched<S> {
    fn insert(&self, user: &User) -> Result<UserInserted, StoreError> {
        match self.1.ask("users.insert")? {
            true => self.0.insert(user),
            false => Ok(UserInserted::Done),
        }
    }

    fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        match self.1.ask("users.find")? {
            true => self.0.find(id),
            false => Ok(None),
        }
    }

    fn find_by_name(&self, name: &Username) -> Result<Option<User>, StoreError> {
        match self.1.ask("users.find_by_name")? {
            true => self.0.find_by_name(name),
            false => Ok(None),
        }
    }

    fn update(&self, user: &User) -> Result<Updated, StoreError> {
        match self.1.ask("users.update")? {
            true => self.0.update(user),
            false => Ok(Updated::Done),
        }
    }

    fn delete(&self, id: UserId) -> Result<bool, StoreError> {
        match self.1.ask("users.delete")? {
            true => self.0.delete(id),
            false => Ok(true),
        }
    }

    fn list(&self, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError> {
        self.0.list(after, limit)
    }
}
