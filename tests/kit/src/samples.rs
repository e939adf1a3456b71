//! Sample sessions, users, tokens and events. Equal arguments give equal samples.
//!
//! All fields are public, so a test sets what is special about its sample.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use kunci_domain::{
    Actor, Authentication, BudgetKey, Device, EmailAddress, Epoch, Event, EventKind, Lifetime, LinkKey,
    Notices, OneTimeToken, PasswordHash, PendingSignIn, Permanence, Purpose, RecoveryDigest, Revision, Role,
    SealedSeed, SecondFactor, Session, SessionData, SessionKey, SignInState, Standing, Timestamp, TotpStep,
    User, UserId, Username,
};
use serde_json::Value;

/// The idle lifetime of all sample sessions.
pub const IDLE: Duration = Duration::from_secs(3_600);
/// The absolute lifetime of all sample sessions.
pub const ABSOLUTE: Duration = Duration::from_secs(8 * 3_600);

/// Returns the creation time of all samples, which is constant during one run.
///
/// It is the real time, read once. Stores whose time-to-live follows the real clock would otherwise
/// remove samples as long expired.
pub fn start() -> Timestamp {
    static START: OnceLock<Timestamp> = OnceLock::new();
    *START.get_or_init(|| {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_unix_millis(0).after(now)
    })
}

/// Returns the time `millis` milliseconds after [`start`].
#[must_use]
pub fn start_plus(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(start().unix_millis().saturating_add(millis))
}

/// Returns a session key whose bits are as evenly distributed as those of a digest.
#[must_use]
pub fn key(number: u64) -> SessionKey {
    SessionKey::from_stored(digest(number))
}

/// Returns the key that differs from `key` only in the last bit.
#[must_use]
pub fn neighbour(key: &SessionKey) -> SessionKey {
    let mut bytes = *key.as_bytes();
    bytes[SessionKey::LEN - 1] ^= 1;
    SessionKey::from_stored(bytes)
}

/// Returns a user id.
#[must_use]
pub fn user_id(number: u64) -> UserId {
    // 63 bits always fit, so the default is never used.
    UserId::from_stored(i64::try_from(spread(number) >> 1).unwrap_or_default())
}

/// Returns the session of a visitor, without values and without a device.
#[must_use]
pub fn visitor(number: u64) -> Session {
    Session {
        key: key(number),
        origin: None,
        previous: None,
        sign_in: SignInState::Visitor,
        enrolment: None,
        notices: Notices::default(),
        data: SessionData::default(),
        created_at: start(),
        last_seen_at: start(),
        lifetime: Lifetime {
            idle: IDLE,
            absolute: ABSOLUTE,
        },
        permanence: Permanence::Browser,
        device: Device::default(),
        revision: Revision::FIRST,
    }
}

/// Returns a session in which `user` is signed in, with a value and a device.
#[must_use]
pub fn signed_in(number: u64, user: UserId) -> Session {
    Session {
        sign_in: SignInState::Complete(Authentication {
            user,
            epoch: Epoch::from_stored(7),
            at: start(),
        }),
        data: values([("theme", "dark".into())]),
        device: Device::new("Mozilla/5.0 (X11; Linux x86_64)", Some([192, 0, 2, 7].into())),
        ..visitor(number)
    }
}

/// Returns the session of a client who has entered the password of `user` and not the code.
#[must_use]
pub fn pending(number: u64, user: UserId) -> Session {
    let first_step = Authentication {
        user,
        epoch: Epoch::from_stored(7),
        at: start(),
    };
    Session {
        sign_in: SignInState::PendingSecondFactor(PendingSignIn {
            first_step,
            permanence: Permanence::Permanent,
        }),
        ..visitor(number)
    }
}

/// Returns the session that follows `old` after a rotation.
#[must_use]
pub fn rotated(old: &Session, number: u64) -> Session {
    Session {
        key: key(number),
        origin: Some(*old.first_key()),
        previous: Some(old.key),
        ..old.clone()
    }
}

/// Returns session data with these entries.
#[must_use]
pub fn values<const N: usize>(entries: [(&str, Value); N]) -> SessionData {
    let entries = entries.map(|(key, value)| (key.to_owned(), value));
    SessionData::from_stored(BTreeMap::from(entries))
}

/// Returns a user with this name.
///
/// # Panics
/// Panics if `name` is not a valid username.
#[must_use]
#[allow(clippy::expect_used, reason = "a test with an invalid sample must fail")]
pub fn user(number: u64, name: &str) -> User {
    User {
        id: user_id(number),
        name: Username::parse(name).expect("the name of a sample is valid"),
        email: None,
        email_confirmed_at: None,
        password_hash: PasswordHash::from_stored(format!("$fast$v=1$salt$hash-of-{number}")),
        second_factor: None,
        role: Role::Member,
        standing: Standing::Enabled,
        epoch: Epoch::default(),
        revision: Revision::FIRST,
        created_at: start(),
        password_changed_at: start(),
    }
}

/// Returns an email address.
///
/// # Panics
/// Panics if `text` is not a valid address.
#[must_use]
#[allow(clippy::expect_used, reason = "a test with an invalid sample must fail")]
pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("the address of a sample is valid")
}

/// Returns a second factor with ten recovery codes, whose latest accepted code is that of [`start`].
#[must_use]
pub fn second_factor(number: u64) -> SecondFactor {
    let seed = digest(number.wrapping_add(1_000)).to_vec();
    let codes = (0..10).map(|code| digest(number.wrapping_mul(10).wrapping_add(code)));
    SecondFactor {
        seed: SealedSeed::from_stored(seed),
        last_step: TotpStep::at(start()),
        recovery: codes.map(RecoveryDigest::from_stored).collect(),
        since: start(),
    }
}

/// Returns the key of a one-time token.
#[must_use]
pub fn link_key(number: u64) -> LinkKey {
    LinkKey::from_stored(digest(number))
}

/// The lifetime of all sample one-time tokens.
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(900);

/// Returns an invitation: a token without an account, for one use.
#[must_use]
pub fn invitation(number: u64) -> OneTimeToken {
    OneTimeToken {
        key: link_key(number),
        purpose: Purpose::Invitation,
        account: None,
        address: None,
        uses_left: 1,
        created_at: start(),
        expires_at: start().after(TOKEN_LIFETIME),
    }
}

/// Returns a token for the account of `user`, for one use.
#[must_use]
pub fn token_for(number: u64, user: UserId, purpose: Purpose) -> OneTimeToken {
    OneTimeToken {
        purpose,
        account: Some((user, Epoch::from_stored(7))),
        address: Some(address("ada@example.org")),
        ..invitation(number)
    }
}

/// Returns an event whose actor and target is `user`, `millis` milliseconds after [`start`].
#[must_use]
pub fn event(user: UserId, millis: i64, kind: EventKind) -> Event {
    Event {
        actor: Actor::Owner,
        target: Some(user),
        at: start_plus(millis),
        kind,
        device: Device::new("Mozilla/5.0 (X11; Linux x86_64)", Some([192, 0, 2, 7].into())),
    }
}

/// Returns the key of a budget.
#[must_use]
pub fn budget_key(number: u64) -> BudgetKey {
    BudgetKey::new("sample", &[&number.to_be_bytes()])
}

/// Returns bytes that look like a digest.
fn digest(number: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (index, chunk) in (0_u64..).zip(bytes.chunks_mut(8)) {
        chunk.copy_from_slice(&spread(number.wrapping_mul(4).wrapping_add(index)).to_be_bytes());
    }
    bytes
}

/// Maps neighbouring numbers to unrelated ones (SplitMix64).
const fn spread(number: u64) -> u64 {
    let mut bits = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
