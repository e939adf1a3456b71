//! Sessions and users to test with, each made from a number and the same for the same number.
//!
//! Left out: what a test wants to be special about them; every field is public, so it sets that itself.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use kunci_domain::{
    Authentication, Device, Epoch, Lifetime, PasswordHash, Permanence, Revision, Role, Session, SessionData,
    SessionKey, Standing, Timestamp, User, UserId, Username,
};
use serde_json::Value;

/// The idle lifetime of every session that is made here.
pub const IDLE: Duration = Duration::from_secs(3_600);
/// The absolute lifetime of every session that is made here.
pub const ABSOLUTE: Duration = Duration::from_secs(8 * 3_600);

/// When the sessions and users that are made here begin; the same during one run.
///
/// It is the real time, read once, for the sake of stores whose own time-to-live runs by the real
/// clock: a session that is alive for the test must not be swept as long dead.
pub fn start() -> Timestamp {
    static START: OnceLock<Timestamp> = OnceLock::new();
    *START.get_or_init(|| {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_unix_millis(0).after(now)
    })
}

/// [`start`] and so many milliseconds.
#[must_use]
pub fn start_plus(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(start().unix_millis().saturating_add(millis))
}

/// A key whose bits are as evenly spread as those of a digest.
#[must_use]
pub fn key(number: u64) -> SessionKey {
    let mut bytes = [0; SessionKey::LEN];
    for (index, chunk) in (0_u64..).zip(bytes.chunks_mut(8)) {
        chunk.copy_from_slice(&spread(number.wrapping_mul(4).wrapping_add(index)).to_be_bytes());
    }
    SessionKey::from_stored(bytes)
}

/// The key that differs from `key` in its last bit only.
#[must_use]
pub fn neighbour(key: &SessionKey) -> SessionKey {
    let mut bytes = *key.as_bytes();
    bytes[SessionKey::LEN - 1] ^= 1;
    SessionKey::from_stored(bytes)
}

/// The id of a user.
#[must_use]
pub fn user_id(number: u64) -> UserId {
    // 63 bits always fit, so that the default is never taken.
    UserId::from_stored(i64::try_from(spread(number) >> 1).unwrap_or_default())
}

/// A visitor's session: nobody signed in, no values, no device.
#[must_use]
pub fn visitor(number: u64) -> Session {
    Session {
        key: key(number),
        origin: None,
        authentication: None,
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

/// A session in which `user` is signed in, with a value and a device.
#[must_use]
pub fn signed_in(number: u64, user: UserId) -> Session {
    Session {
        authentication: Some(Authentication {
            user,
            epoch: Epoch::from_stored(7),
            at: start(),
        }),
        data: values([("theme", "dark".into())]),
        device: Device::new("Mozilla/5.0 (X11; Linux x86_64)", Some([192, 0, 2, 7].into())),
        ..visitor(number)
    }
}

/// A session as it goes on after a rotation.
#[must_use]
pub fn rotated(old: &Session, number: u64) -> Session {
    Session {
        key: key(number),
        origin: Some(*old.first_key()),
        ..old.clone()
    }
}

/// Values of a session.
#[must_use]
pub fn values<const N: usize>(entries: [(&str, Value); N]) -> SessionData {
    let entries = entries.map(|(key, value)| (key.to_owned(), value));
    SessionData::from_stored(BTreeMap::from(entries))
}

/// A user with a name.
///
/// # Panics
/// When `name` is no user name.
#[must_use]
#[allow(
    clippy::expect_used,
    reason = "a test that misspells its own sample should fail at once"
)]
pub fn user(number: u64, name: &str) -> User {
    User {
        id: user_id(number),
        name: Username::parse(name).expect("a sample has a valid name"),
        email: None,
        password_hash: PasswordHash::from_stored(format!("$fast$v=1$salt$hash-of-{number}")),
        role: Role::Member,
        standing: Standing::Enabled,
        epoch: Epoch::default(),
        revision: Revision::FIRST,
        created_at: start(),
        password_changed_at: start(),
    }
}

/// SplitMix64: neighbouring numbers come out looking unrelated.
const fn spread(number: u64) -> u64 {
    let mut bits = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
