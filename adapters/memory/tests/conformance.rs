//! Runs the conformance suites on the stores in memory.

use kunci_memory::{
    MemoryAccountStore, MemoryAuditLog, MemorySessionStore, MemoryThrottle, MemoryTokenStore, MemoryUserStore,
};

mod sessions {
    kunci_testkit::session_store_suite!(((), super::MemorySessionStore::default()));
}

mod directory {
    kunci_testkit::session_directory_suite!(((), super::MemorySessionStore::default()));
}

mod users {
    kunci_testkit::user_store_suite!(((), super::MemoryUserStore::default()));
}

mod tokens {
    kunci_testkit::token_store_suite!(((), super::MemoryTokenStore::default()));
}

mod audit_log {
    kunci_testkit::audit_log_suite!(((), super::MemoryAuditLog::default()));
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
