//! The PostgreSQL stores pass the conformance suites of their ports, with one node and with two.

mod support;

use support::{accounts, accounts_twice, checked, sessions, sessions_twice};

/// Returns what was opened, or ends the test if no server answers.
macro_rules! or_left_out {
    ($opened:expr) => {
        match $opened {
            Some(opened) => opened,
            None => return,
        }
    };
}

mod session_store {
    kunci_testkit::session_store_suite!(or_left_out!(super::sessions()));
}

mod two_session_stores {
    kunci_testkit::shared_session_store_suite!(or_left_out!(super::sessions_twice()));
}

mod account_store {
    kunci_testkit::account_store_suite!(or_left_out!(super::accounts()));
}

mod two_account_stores {
    kunci_testkit::shared_account_store_suite!(or_left_out!(super::accounts_twice()));
}

mod session_check {
    kunci_testkit::session_check_suite!(or_left_out!(super::checked()));
}
