//! The records that `rows_of_third_layout.sql` stores.

use std::time::Duration;

use kunci_domain::{
    Actor, Authentication, Device, Epoch, Event, EventKind, Lifetime, LinkKey, Notices, OneTimeToken,
    PasswordHash, PendingSignIn, Permanence, Purpose, RecoveryDigest, Revision, Role, SealedSeed,
    SecondFactor, Session, SessionData, SessionKey, SignInState, Standing, Timestamp, TotpStep, User, UserId,
    Username,
};
use kunci_testkit::samples::{address, values};
use serde_json::Value;

/// The time at which the rows of the third layout are read.
pub(crate) const NOW: Timestamp = Timestamp::from_unix_millis(1_800_000_000_000);

pub(crate) const ADA: UserId = UserId::from_stored(7001);

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

pub(crate) fn ada() -> User {
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

pub(crate) fn grace() -> User {
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

pub(crate) fn reset_link() -> OneTimeToken {
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

pub(crate) fn invitation_link() -> OneTimeToken {
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

pub(crate) fn spent_link() -> OneTimeToken {
    OneTimeToken {
        key: LinkKey::from_stored(padded([0xcc])),
        purpose: Purpose::SignIn,
        ..reset_link()
    }
}

/// Returns Ada's events, the latest first.
pub(crate) fn events() -> [Event; 3] {
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

pub(crate) fn signed_in_session() -> Session {
    let authenticated_at = Timestamp::from_unix_millis(1_799_990_000_000);
    Session {
        key: SessionKey::from_stored(padded([0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88])),
        origin: Some(SessionKey::from_stored(padded([0xee]))),
        previous: None,
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

pub(crate) fn visitor_session() -> Session {
    Session {
        key: SessionKey::from_stored(padded([0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99])),
        origin: None,
        previous: None,
        sign_in: SignInState::Visitor,
        data: SessionData::default(),
        created_at: Timestamp::from_unix_millis(1_799_999_000_000),
        permanence: Permanence::Browser,
        device: Device::default(),
        revision: Revision::from_stored(0),
        ..signed_in_session()
    }
}

pub(crate) fn pending_session() -> Session {
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

pub(crate) fn enrolling_session() -> Session {
    let seed = vec![1, 2, 254, 0, 15, 16, 17, 18, 19, 20, 21];
    Session {
        key: SessionKey::from_stored(padded([0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0x00, 0x11])),
        origin: None,
        previous: None,
        enrolment: Some(SealedSeed::from_stored(seed)),
        data: SessionData::default(),
        permanence: Permanence::Browser,
        device: Device::default(),
        revision: Revision::from_stored(4),
        ..signed_in_session()
    }
}
