//! Wrappers that make the calls of a working store fail as planned.
//!
//! A call that fails has no effect. Failures after the effect, when only the acknowledgement is lost, are not
//! simulated.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kunci_domain::ports::{
    AccountStore, Committed, Inserted, Rotated, SessionStore, StoreError, Taken, Throttle, Touched, Updated,
};
use kunci_domain::{
    AccountChange, Budget, BudgetKey, EmailAddress, Event, LinkKey, OneTimeToken, Purpose, Session,
    SessionKey, Timestamp, User, UserId, Username,
};

use super::ports::{account_store_methods, session_store_methods, throttle_methods};

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

/// Implements a port by passing each call that does not fail.
macro_rules! failing {
    (
        $port:ident $prefix:literal:
        $($method:ident($($argument:ident: $type:ty),*) -> $answer:ty = $claimed:expr;)*
    ) => {
        impl $port for Failing<dyn $port> {
            $(
                fn $method(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                    self.pass(|store| store.$method($($argument),*))
                }
            )*
        }
    };
}

account_store_methods!(failing);
session_store_methods!(failing);
throttle_methods!(failing);
