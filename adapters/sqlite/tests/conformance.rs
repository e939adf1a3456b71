//! The SQLite stores pass the conformance suites of their ports, with one handle and with two.

mod support;

use support::{history, history_twice, sessions, sessions_twice, tokens, tokens_twice, users, users_twice};

mod session_store {
    kunci_testkit::session_store_suite!(super::sessions());
}

mod session_directory {
    kunci_testkit::session_directory_suite!(super::sessions());
}

mod two_session_stores {
    kunci_testkit::shared_session_store_suite!(super::sessions_twice());
}

mod user_store {
    kunci_testkit::user_store_suite!(super::users());
}

mod two_user_stores {
    kunci_testkit::shared_user_store_suite!(super::users_twice());
}

mod token_store {
    kunci_testkit::token_store_suite!(super::tokens());
}

mod two_token_stores {
    kunci_testkit::shared_token_store_suite!(super::tokens_twice());
}

mod audit_log {
    kunci_testkit::audit_log_suite!(super::history());
}

mod two_audit_logs {
    kunci_testkit::shared_audit_log_suite!(super::history_twice());
}
