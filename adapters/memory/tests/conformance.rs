//! The stores in memory keep every promise of their ports.

use kunci_memory::{MemorySessionStore, MemoryUserStore};

mod sessions {
    kunci_testkit::session_store_suite!(((), super::MemorySessionStore::default()));
}

mod directory {
    kunci_testkit::session_directory_suite!(((), super::MemorySessionStore::default()));
}

mod users {
    kunci_testkit::user_store_suite!(((), super::MemoryUserStore::default()));
}
