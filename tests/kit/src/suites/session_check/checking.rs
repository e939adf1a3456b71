//! Promises about a session and its user.

use kunci_domain::ports::{AccountStore, CheckedSession, Committed, Inserted, SessionCheck, SessionStore};
use kunci_domain::{Admission, Session, Step, User};

use crate::samples::{self, key, start, user_id, visitor};

fn insert(sessions: &dyn SessionStore, session: &Session) {
    assert_eq!(sessions.insert(session).expect("insert"), Inserted::Done);
}

fn commit(accounts: &dyn AccountStore, step: Step) {
    let outcome = accounts.commit(&step.into(), start()).expect("commit");
    assert_eq!(outcome, Committed::Done);
}

/// Stores a user with a session, and returns both.
fn signed_in(sessions: &dyn SessionStore, accounts: &dyn AccountStore) -> (Session, User) {
    let (session, ada) = (samples::signed_in(1, user_id(1)), samples::user(1, "ada"));
    commit(accounts, Step::InsertUser(ada.clone()));
    insert(sessions, &session);
    (session, ada)
}

/// Checks that an unknown key finds nothing.
pub fn unknown_key_is_absent(check: &dyn SessionCheck, _: &dyn SessionStore, _: &dyn AccountStore) {
    assert_eq!(check.check(&key(1), start()).expect("check"), None);
}

/// Checks that a session is absent from its expiry on.
pub fn expired_session_is_absent(
    check: &dyn SessionCheck,
    sessions: &dyn SessionStore,
    _: &dyn AccountStore,
) {
    let session = visitor(1);
    insert(sessions, &session);
    let found = check.check(&session.key, session.expires_at()).expect("check");
    assert_eq!(found, None);
}

/// Checks that a visitor's session comes without a user.
pub fn visitor_has_no_user(check: &dyn SessionCheck, sessions: &dyn SessionStore, _: &dyn AccountStore) {
    let session = visitor(1);
    insert(sessions, &session);
    let found = check.check(&session.key, start()).expect("check");
    assert_eq!(
        found,
        Some(CheckedSession {
            session,
            admission: None
        })
    );
}

/// Checks that a session comes with the user that signed in.
pub fn signed_in_session_has_its_user(
    check: &dyn SessionCheck,
    sessions: &dyn SessionStore,
    accounts: &dyn AccountStore,
) {
    let (session, ada) = signed_in(sessions, accounts);
    let found = check.check(&session.key, start()).expect("check");
    let admission = Some(Admission::from(&ada));
    assert_eq!(found, Some(CheckedSession { session, admission }));
}

/// Checks that a session whose user was deleted comes without a user.
pub fn deleted_user_is_absent(
    check: &dyn SessionCheck,
    sessions: &dyn SessionStore,
    accounts: &dyn AccountStore,
) {
    let (session, ada) = signed_in(sessions, accounts);
    commit(accounts, Step::DeleteUser(ada.id));
    let found = check
        .check(&session.key, start())
        .expect("check")
        .expect("the session");
    assert_eq!(found.admission, None);
}

/// Checks that each acknowledged change of the user and of the session is seen at once.
pub fn acknowledged_changes_are_seen(
    check: &dyn SessionCheck,
    sessions: &dyn SessionStore,
    accounts: &dyn AccountStore,
) {
    let (session, mut ada) = signed_in(sessions, accounts);
    for _ in 0..50 {
        ada = ada.in_next_epoch();
        commit(accounts, Step::ReplaceUser(ada.clone()));
        ada.revision = ada.revision.next();
        let found = check
            .check(&session.key, start())
            .expect("check")
            .expect("the session");
        assert_eq!(found.admission, Some(Admission::from(&ada)));
    }
    assert!(sessions.delete(&session).expect("delete"));
    assert_eq!(check.check(&session.key, start()).expect("check"), None);
}
