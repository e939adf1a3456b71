//! Runs the conformance suites on the stores in memory.

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

mod small_throttle {
    kunci_testkit::throttle_suite!(((), super::MemoryThrottle::with_capacity(100)));
}
