//! The stores in SQLite keep every promise of their ports, through one handle and through two.

mod support;

use support::{sessions, sessions_twice, users, users_twice};

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
