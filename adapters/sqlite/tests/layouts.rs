//! Databases of earlier versions are migrated and keep their content.
//!
//! The tests make the first two layouts from the latest by reverting migrations. They make the third from its
//! migrations and from rows in SQL.

#![allow(clippy::expect_used, reason = "a failing step fails the test")]

mod support;

use std::path::Path;
use std::time::Duration;

use kunci_domain::ports::{AccountStore, Committed, Inserted, Rotated, SessionStore};
use kunci_domain::{
    AccountChange, Actor, Authentication, Device, Epoch, Event, EventKind, Lifetime, LinkKey, Notices,
    OneTimeToken, PasswordHash, PendingSignIn, Permanence, Purpose, RecoveryDigest, Revision, Role,
    SealedSeed, SecondFactor, Session, SessionData, SessionKey, SignInState, Standing, Step, Timestamp,
    TotpStep, User, UserId, Username,
};
use kunci_testkit::samples::{
    address, event, invitation, key, rotated, second_factor, start, user, values, visitor,
};
use rusqlite::Connection;
use serde_json::Value;
use support::{commit, open, place};

/// Reverts all migrations after the second.
const REVERT_TO_SECOND_LAYOUT: &str = "
    ALTER TABLE sessions DROP COLUMN pending_user_id;
    ALTER TABLE sessions DROP COLUMN pending_user_epoch;
    ALTER TABLE sessions DROP COLUMN pending_since;
    ALTER TABLE sessions DROP COLUMN pending_permanent;
    ALTER TABLE sessions DROP COLUMN enrolment;
    ALTER TABLE sessions DROP COLUMN notices;
    DROP TABLE tokens;
    DROP TABLE events;
    DROP INDEX users_by_confirmed_email;
    ALTER TABLE users DROP COLUMN email_confirmed_at;
    ALTER TABLE users DROP COLUMN totp_seed;
    ALTER TABLE users DROP COLUMN totp_last_step;
    ALTER TABLE users DROP COLUMN recovery_codes;
    ALTER TABLE users DROP COLUMN second_factor_since;
    PRAGMA user_version = 2;
";

/// Reverts the second migration.
const REVERT_TO_FIRST_LAYOUT: &str = "
    DROP INDEX sessions_by_origin;
    ALTER TABLE sessions DROP COLUMN origin;
    PRAGMA user_version = 1;
";

fn execute(path: &Path, sql: &str) {
    let connection = Connection::open(path).expect("a connection");
    connection.execute_batch(sql).expect("an earlier layout");
}

#[test]
fn first_layout_keeps_its_sessions() {
    let (_folder, path) = place();
    let (session, new) = (visitor(1), rotated(&visitor(1), 2));
    assert_eq!(
        open(&path).sessions().insert(&session).expect("insert"),
        Inserted::Done
    );
    execute(&path, REVERT_TO_SECOND_LAYOUT);
    execute(&path, REVERT_TO_FIRST_LAYOUT);
    let sessions = open(&path).sessions();
    assert_eq!(
        sessions.find(&key(1), start()).expect("find"),
        Some(session.clone())
    );
    assert_eq!(
        sessions.rotate(&session, &new, start()).expect("rotate"),
        Rotated::Done
    );
    assert!(sessions.delete(&session).expect("delete"));
}

#[test]
fn second_layout_keeps_its_users_and_gets_new_features() {
    let (_folder, path) = place();
    let mut ada = User {
        email: Some(address("ada@example.org")),
        ..user(1, "Ada")
    };
    commit(&open(&path).accounts(), Step::InsertUser(ada.clone()));
    execute(&path, REVERT_TO_SECOND_LAYOUT);
    let accounts = open(&path).accounts();
    assert_eq!(accounts.find(ada.id).expect("find"), Some(ada.clone()));
    ada.email_confirmed_at = Some(start());
    ada.second_factor = Some(second_factor(1));
    commit(&accounts, Step::ReplaceUser(ada.clone()));
    let found = accounts.find_by_address(&address("ADA@example.org"), 10);
    assert_eq!(found.expect("find_by_address").len(), 1);
    commit(&accounts, Step::IssueLink(invitation(1)));
    let signed_in = event(ada.id, 0, EventKind::SignedIn);
    commit(&accounts, Step::AppendEvent(signed_in.clone()));
    assert_eq!(accounts.events(ada.id, 0, 10).expect("events"), [signed_in]);
}

/// Makes a database of the third layout with SQLite alone.
fn make_third_layout(path: &Path) {
    execute(path, include_str!("../migrations/0001_sessions_and_users.sql"));
    execute(path, include_str!("../migrations/0002_origin_of_sessions.sql"));
    execute(path, include_str!("../migrations/0003_tokens_and_history.sql"));
    execute(
        path,
        "PRAGMA application_id = 0x4b756e63; PRAGMA user_version = 3; PRAGMA journal_mode = WAL;",
    );
    execute(path, include_str!("layouts/rows_of_third_layout.sql"));
}

/// The time at which the rows of the third layout are read.
const NOW: Timestamp = Timestamp::from_unix_millis(1_800_000_000_000);

const ADA: UserId = UserId::from_stored(7001);

/// Returns bytes that begin with `first` and end with zeros.
fn padded<const N: usize>(first: [u8; N]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..N].copy_from_slice(&first);
    bytes
}

fn browser() -> Device {
    const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                           Chrome/146.0.0.0 Safari/537.36";
    Device::new(BROWSER, Some([192, 0, 2, 7].into()))
}

fn ada() -> User {
    User {
        id: ADA,
        name: Username::parse("Ada").expect("a name"),
        email: Some(address("ada@example.org")),
        email_confirmed_at: Some(Timestamp::from_unix_millis(1_799_200_000_000)),
        password_hash: PasswordHash::from_stored("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
        second_factor: Some(SecondFactor {
            seed: SealedSeed::from_stored(vec![1, 2, 3, 4]),
            last_step: TotpStep::from_stored(59_980_000),
            recovery: [[0x11; 32], [0x22; 32]].map(RecoveryDigest::from_stored).into(),
            since: Timestamp::from_unix_millis(1_799_300_000_000),
        }),
        role: Role::Administrator,
        standing: Standing::Enabled,
        epoch: Epoch::from_stored(3),
        revision: Revision::from_stored(5),
        created_at: Timestamp::from_unix_millis(1_799_000_000_000),
        password_changed_at: Timestamp::from_unix_millis(1_799_100_000_000),
    }
}

fn grace() -> User {
    let created_at = Timestamp::from_unix_millis(1_799_000_000_000);
    User {
        id: UserId::from_stored(7002),
        name: Username::parse("Grace").expect("a name"),
        email: None,
        email_confirmed_at: None,
        password_hash: PasswordHash::from_stored("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$b3RoZXI".to_owned()),
        second_factor: None,
        role: Role::Member,
        standing: Standing::Disabled,
        epoch: Epoch::from_stored(0),
        revision: Revision::from_stored(1),
        created_at,
        password_changed_at: created_at,
    }
}

fn reset_link() -> OneTimeToken {
    OneTimeToken {
        key: LinkKey::from_stored(padded([0xaa])),
        purpose: Purpose::ResetPassword,
        account: Some((ADA, Epoch::from_stored(3))),
        address: Some(address("ada@example.org")),
        uses_left: 1,
        created_at: Timestamp::from_unix_millis(1_799_999_900_000),
        expires_at: Timestamp::from_unix_millis(1_800_000_800_000),
    }
}

fn invitation_link() -> OneTimeToken {
    OneTimeToken {
        key: LinkKey::from_stored(padded([0xbb])),
        purpose: Purpose::Invitation,
        account: None,
        address: None,
        uses_left: 3,
        expires_at: Timestamp::from_unix_millis(1_800_604_700_000),
        ..reset_link()
    }
}

fn spent_link() -> OneTimeToken {
    OneTimeToken {
        key: LinkKey::from_stored(padded([0xcc])),
        purpose: Purpose::SignIn,
        ..reset_link()
    }
}

/// Returns Ada's events, the latest first.
fn events() -> [Event; 3] {
    let curl = Device::new("curl/8.5.0", Some([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into()));
    [
        (
            1_799_800_000_000,
            Actor::CommandLine,
            EventKind::DisabledByOperator,
            Device::default(),
        ),
        (1_799_900_000_000, Actor::Owner, EventKind::SignedIn, curl),
        (1_799_000_000_000, Actor::Owner, EventKind::SignedUp, browser()),
    ]
    .map(|(millis, actor, kind, device)| Event {
        actor,
        target: Some(ADA),
        at: Timestamp::from_unix_millis(millis),
        kind,
        device,
    })
}

fn authentication(at: Timestamp) -> Authentication {
    Authentication {
        user: ADA,
        epoch: Epoch::from_stored(3),
        at,
    }
}

fn signed_in_session() -> Session {
    let authenticated_at = Timestamp::from_unix_millis(1_799_990_000_000);
    Session {
        key: SessionKey::from_stored(padded([0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88])),
        origin: Some(SessionKey::from_stored(padded([0xee]))),
        sign_in: SignInState::Complete(authentication(authenticated_at)),
        enrolment: None,
        notices: Notices::default(),
        data: values([("theme", "dark".into())]),
        created_at: authenticated_at,
        last_seen_at: Timestamp::from_unix_millis(1_799_999_400_000),
        lifetime: Lifetime {
            idle: Duration::from_secs(3_600),
            absolute: Duration::from_secs(86_400),
        },
        permanence: Permanence::Permanent,
        device: browser(),
        revision: Revision::from_stored(2),
    }
}

fn visitor_session() -> Session {
    Session {
        key: SessionKey::from_stored(padded([0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99])),
        origin: None,
        sign_in: SignInState::Visitor,
        data: SessionData::default(),
        created_at: Timestamp::from_unix_millis(1_799_999_000_000),
        permanence: Permanence::Browser,
        device: Device::default(),
        revision: Revision::from_stored(0),
        ..signed_in_session()
    }
}

fn pending_session() -> Session {
    Session {
        key: SessionKey::from_stored(padded([0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0x00])),
        sign_in: SignInState::PendingSecondFactor(PendingSignIn {
            first_step: authentication(Timestamp::from_unix_millis(1_799_999_500_000)),
            permanence: Permanence::Permanent,
        }),
        notices: Notices::from_stored(vec!["Hello".to_owned(), "Again".to_owned()]),
        data: values([("cart", vec![Value::from(1), Value::from(0.1)].into())]),
        revision: Revision::from_stored(3),
        ..visitor_session()
    }
}

fn enrolling_session() -> Session {
    let seed = vec![1, 2, 254, 0, 15, 16, 17, 18, 19, 20, 21];
    Session {
        key: SessionKey::from_stored(padded([0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0x00, 0x11])),
        origin: None,
        enrolment: Some(SealedSeed::from_stored(seed)),
        data: SessionData::default(),
        permanence: Permanence::Browser,
        device: Device::default(),
        revision: Revision::from_stored(4),
        ..signed_in_session()
    }
}

#[test]
fn third_layout_keeps_every_record() {
    let (_folder, path) = place();
    make_third_layout(&path);
    let store = open(&path);
    let accounts = store.accounts();
    assert_eq!(accounts.list(None, 10).expect("list"), [ada(), grace()]);
    for user in [ada(), grace()] {
        assert_eq!(accounts.find(user.id).expect("find").as_ref(), Some(&user));
        assert_eq!(
            accounts.find_by_name(&user.name).expect("find_by_name"),
            Some(user)
        );
    }
    let found = accounts.find_by_address(&address("Ada@Example.org"), 10);
    assert_eq!(found.expect("find_by_address"), [ada()]);
    for link in [reset_link(), invitation_link()] {
        let found = accounts.find_link(&link.key, NOW).expect("find_link");
        assert_eq!(found.as_ref(), Some(&link));
        let listed = accounts.list_links(link.purpose, None, 10, NOW);
        assert_eq!(listed.expect("list_links"), [link]);
    }
    assert_eq!(
        accounts.find_link(&spent_link().key, NOW).expect("find_link"),
        None
    );
    assert_eq!(accounts.events(ADA, 0, 10).expect("events"), events());
    for session in [
        signed_in_session(),
        visitor_session(),
        pending_session(),
        enrolling_session(),
    ] {
        let found = store.sessions().find(&session.key, NOW).expect("find");
        assert_eq!(found, Some(session));
    }
}

#[test]
fn events_of_third_layout_get_their_actors() {
    let (_folder, path) = place();
    make_third_layout(&path);
    // The kinds of the third layout.
    let kinds = &EventKind::ALL[..20];
    for kind in kinds {
        let kind = kind.as_str();
        let values = format!("(8001, 1799000000000, '{kind}', '', NULL)");
        let columns = "user_id, at, kind, user_agent, address";
        execute(&path, &format!("INSERT INTO events ({columns}) VALUES {values}"));
    }
    let accounts = open(&path).accounts();
    let events = accounts
        .events(UserId::from_stored(8001), 0, 100)
        .expect("events");
    assert_eq!(events.len(), kinds.len());
    for event in events {
        let by_operator = event.kind.as_str().ends_with("_by_operator");
        let want = if by_operator {
            Actor::CommandLine
        } else {
            Actor::Owner
        };
        assert_eq!(event.actor, want, "{:?}", event.kind);
    }
}

#[test]
fn third_layout_keeps_its_links_usable() {
    let (_folder, path) = place();
    make_third_layout(&path);
    let accounts = open(&path).accounts();
    let apply = |change: AccountChange| accounts.commit(&change, NOW).expect("commit");
    let spend = |link: &OneTimeToken| AccountChange::from(Step::SpendLink(link.key, link.purpose));
    let reset = spend(&reset_link())
        .and(Step::ReplaceUser(ada().in_next_epoch()))
        .and(Step::AppendEvent(event(ADA, 0, EventKind::PasswordReset)));
    assert_eq!(apply(reset.clone()), Committed::Done);
    assert_eq!(apply(reset), Committed::LinkSpent);
    for _ in 0..3 {
        assert_eq!(apply(spend(&invitation_link())), Committed::Done);
    }
    for link in [invitation_link(), spent_link()] {
        assert_eq!(apply(spend(&link)), Committed::LinkSpent);
    }
    assert_eq!(
        apply(Step::IssueLink(invitation_link()).into()),
        Committed::Collision
    );
    assert_eq!(accounts.events(ADA, 0, 10).expect("events").len(), 4);
}
