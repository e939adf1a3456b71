//! Wrappers that make the calls of a working store fail as planned.
//!
//! A call that fails has no effect. Failures after the effect, when only the acknowledgement is lost, are not
//! simulated.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kunci_domain::ports::{
    AuditLog, Inserted, Rotated, SessionDirectory, SessionStore, StoreError, Taken, Throttle, TokenStore,
    Touched, Updated, UserInserted, UserStore,
};
use kunci_domain::{
    Budget, BudgetKey, EmailAddress, Event, LinkKey, OneTimeToken, Purpose, Session, SessionKey, Timestamp,
    User, UserId, Username,
};

/// Which calls of a store fail. Calls of all methods are counted together, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FailurePlan {
    /// No call fails.
    #[default]
    Never,
    /// Only this call fails.
    OnCall(u64),
    /// This call and all later ones fail.
    FromCall(u64),
}

impl FailurePlan {
    const fn fails(self, call: u64) -> bool {
        match self {
            Self::Never => false,
            Self::OnCall(number) => call == number,
            Self::FromCall(number) => number <= call,
        }
    }
}

/// A store that passes calls on to another store, except those that fail by plan.
///
/// ```
/// use std::sync::Arc;
///
/// use kunci_domain::ports::SessionStore;
/// use kunci_memory::MemorySessionStore;
/// use kunci_testkit::fakes::{Failing, FailurePlan};
/// use kunci_testkit::samples::{key, visitor};
///
/// let inner: Arc<dyn SessionStore> = Arc::new(MemorySessionStore::default());
/// let store = Failing::new(inner, FailurePlan::OnCall(2));
/// assert!(store.insert(&visitor(1)).is_ok());
/// assert!(store.delete(&visitor(1)).is_err());
/// assert!(store.delete(&visitor(1)).is_ok());
/// ```
pub struct Failing<Port: ?Sized> {
    inner: Arc<Port>,
    plan: Mutex<FailurePlan>,
    calls: AtomicU64,
}

impl<Port: ?Sized> Failing<Port> {
    /// Wraps `inner`.
    pub const fn new(inner: Arc<Port>, plan: FailurePlan) -> Self {
        Self {
            inner,
            plan: Mutex::new(plan),
            calls: AtomicU64::new(0),
        }
    }

    /// Replaces the plan and counts calls from 1 again.
    pub fn set_plan(&self, plan: FailurePlan) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = plan;
        self.calls.store(0, Ordering::SeqCst);
    }

    /// Returns the number of calls since the plan was set, including failed ones.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    fn pass<T>(&self, call: impl FnOnce(&Port) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let plan = *self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if plan.fails(number) {
            return Err(StoreError::Unavailable {
                store: "failing",
                source: format!("call {number} fails by plan").into(),
            });
        }
        call(&self.inner)
    }
}

impl<Port: ?Sized> fmt::Debug for Failing<Port> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failing")
            .field("plan", &self.plan)
            .field("calls", &self.calls)
            .finish_non_exhaustive()
    }
}

impl SessionStore for Failing<dyn SessionStore> {
    fn insert(&self, session: &Session) -> Result<Inserted, StoreError> {
        self.pass(|store| store.insert(session))
    }

    fn find(&self, key: &SessionKey, now: Timestamp) -> Result<Option<Session>, StoreError> {
        self.pass(|store| store.find(key, now))
    }

    fn update(&self, session: &Session, now: Timestamp) -> Result<Updated, StoreError> {
        self.pass(|store| store.update(session, now))
    }

    fn touch(&self, key: &SessionKey, now: Timestamp) -> Result<Touched, StoreError> {
        self.pass(|store| store.touch(key, now))
    }

    fn rotate(&self, old: &Session, new: &Session, now: Timestamp) -> Result<Rotated, StoreError> {
        self.pass(|store| store.rotate(old, new, now))
    }

    fn delete(&self, session: &Session) -> Result<bool, StoreError> {
        self.pass(|store| store.delete(session))
    }

    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        self.pass(|store| store.delete_all_of(user))
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.pass(|store| store.purge_expired(now, limit))
    }
}

impl SessionDirectory for Failing<dyn SessionDirectory> {
    fn list(
        &self,
        user: Option<UserId>,
        after: Option<&SessionKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        self.pass(|directory| directory.list(user, after, limit, now))
    }
}

impl UserStore for Failing<dyn UserStore> {
    fn insert(&self, user: &User) -> Result<UserInserted, StoreError> {
        self.pass(|store| store.insert(user))
    }

    fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.pass(|store| store.find(id))
    }

    fn find_by_name(&self, name: &Username) -> Result<Option<User>, StoreError> {
        self.pass(|store| store.find_by_name(name))
    }

    fn find_by_address(&self, address: &EmailAddress, limit: u32) -> Result<Vec<User>, StoreError> {
        self.pass(|store| store.find_by_address(address, limit))
    }

    fn update(&self, user: &User) -> Result<Updated, StoreError> {
        self.pass(|store| store.update(user))
    }

    fn delete(&self, id: UserId) -> Result<bool, StoreError> {
        self.pass(|store| store.delete(id))
    }

    fn list(&self, after: Option<&Username>, limit: u32) -> Result<Vec<User>, StoreError> {
        self.pass(|store| store.list(after, limit))
    }
}

impl TokenStore for Failing<dyn TokenStore> {
    fn issue(&self, token: &OneTimeToken) -> Result<Inserted, StoreError> {
        self.pass(|store| store.issue(token))
    }

    fn find(&self, key: &LinkKey, now: Timestamp) -> Result<Option<OneTimeToken>, StoreError> {
        self.pass(|store| store.find(key, now))
    }

    fn spend(
        &self,
        key: &LinkKey,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<OneTimeToken>, StoreError> {
        self.pass(|store| store.spend(key, purpose, now))
    }

    fn give_back(&self, key: &LinkKey, now: Timestamp) -> Result<(), StoreError> {
        self.pass(|store| store.give_back(key, now))
    }

    fn void(&self, key: &LinkKey, now: Timestamp) -> Result<bool, StoreError> {
        self.pass(|store| store.void(key, now))
    }

    fn void_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        self.pass(|store| store.void_all_of(user))
    }

    fn list(
        &self,
        purpose: Purpose,
        after: Option<&LinkKey>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OneTimeToken>, StoreError> {
        self.pass(|store| store.list(purpose, after, limit, now))
    }

    fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.pass(|store| store.purge_expired(now, limit))
    }
}

impl AuditLog for Failing<dyn AuditLog> {
    fn append(&self, event: &Event) -> Result<(), StoreError> {
        self.pass(|log| log.append(event))
    }

    fn list(&self, user: UserId, skip: u32, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.pass(|log| log.list(user, skip, limit))
    }

    fn delete_all_of(&self, user: UserId) -> Result<u64, StoreError> {
        self.pass(|log| log.delete_all_of(user))
    }

    fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.pass(|log| log.purge(before, limit))
    }
}

impl Throttle for Failing<dyn Throttle> {
    fn take(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<Taken, StoreError> {
        self.pass(|throttle| throttle.take(key, budget, now))
    }

    fn give_back(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<(), StoreError> {
        self.pass(|throttle| throttle.give_back(key, budget, now))
    }

    fn used(&self, key: &BudgetKey, budget: Budget, now: Timestamp) -> Result<u32, StoreError> {
        self.pass(|throttle| throttle.used(key, budget, now))
    }

    fn forget(&self, key: &BudgetKey) -> Result<(), StoreError> {
        self.pass(|throttle| throttle.forget(key))
    }
}
