//! The SQLite stores pass the conformance suites of their ports, with one handle and with two.

mod support;

use support::{accounts, accounts_twice, sessions, sessions_twice};

mod session_store {
    kunci_testkit::session_store_suite!(super::sessions());
}

mod two_session_stores {
    kunci_testkit::shared_session_store_suite!(super::sessions_twice());
}

mod account_store {
    kunci_testkit::account_store_suite!(super::accounts());
}

mod two_account_stores {
    kunci_testkit::shared_account_store_suite!(super::accounts_twice());
}

mod session_check {
    kunci_testkit::session_check_suite!(super::support::checked());
}
