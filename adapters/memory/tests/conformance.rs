//! Runs the conformance suites on the stores in memory.

use std::sync::Arc;

use kunci_domain::ports::{AccountStore, SeparateStores, SessionStore};
use kunci_memory::{MemoryAccountStore, MemorySessionStore, MemoryThrottle};

mod sessions {
    kunci_testkit::session_store_suite!(((), super::MemorySessionStore::default()));
}

mod accounts {
    kunci_testkit::account_store_suite!(((), super::MemoryAccountStore::default()));
}

mod throttle {
    kunci_testkit::throttle_suite!(((), super::MemoryThrottle::default()));
}

mod session_check {
    kunci_testkit::session_check_suite!(super::checked());
}

/// Returns a check of two stores, and the stores.
fn checked() -> ((), SeparateStores, Arc<dyn SessionStore>, Arc<dyn AccountStore>) {
    let sessions: Arc<dyn SessionStore> = Arc::new(MemorySessionStore::default());
    let accounts: Arc<dyn AccountStore> = Arc::new(MemoryAccountStore::default());
    let check = SeparateStores {
        sessions: Arc::clone(&sessions),
        accounts: Arc::clone(&accounts),
    };
    ((), check, sessions, accounts)
}
