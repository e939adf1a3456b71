//! Accounts and sessions as Kunci makes them, and a way to write many of them at once.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kunci_argon2::{Argon2Hasher, Concurrency, Cost};
use kunci_domain::ports::{PasswordHasher, StoreError};
use kunci_domain::{
    Authentication, Device, Epoch, Password, PasswordHash, Permanence, Revision, Role, Session, SessionData,
    SessionKey, SessionPolicy, Standing, Timestamp, User, UserId, Username,
};
use kunci_rand::RandEntropy;

use crate::{Outcome, PASSWORD};

/// Sessions begin within this time before now, so that no two batches end at the same moment.
const SPAN: Duration = Duration::from_secs(3_600);
/// Long enough for any session to have ended.
const LONG_AGO: Duration = Duration::from_secs(60 * 24 * 3_600);
/// So many threads write at a time; the store commits what they ask for together.
const WRITERS: u64 = 64;

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/140.0.0.0 Safari/537.36";

/// The time that the system's clock shows.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_millis(0).after(since)
}

/// A hash of [`PASSWORD`] at today's cost.
///
/// # Errors
/// When hashing fails.
pub fn password_hash() -> Outcome<PasswordHash> {
    let hasher = Argon2Hasher::new(Cost::default(), Concurrency::default(), Arc::new(RandEntropy))?;
    Ok(hasher.hash(&Password::presented(PASSWORD.to_owned()))?)
}

/// The account `user-NUMBER`.
///
/// # Errors
/// Never, as these names are fine.
pub fn user(number: u64, password_hash: &PasswordHash, now: Timestamp) -> Outcome<User> {
    Ok(User {
        id: user_id(number),
        name: Username::parse(&format!("user-{number}"))?,
        email: None,
        email_confirmed_at: None,
        password_hash: password_hash.clone(),
        second_factor: None,
        role: Role::Member,
        standing: Standing::Enabled,
        epoch: Epoch::default(),
        revision: Revision::FIRST,
        created_at: now,
        password_changed_at: now,
    })
}

/// Ids of accounts are random in life: an odd multiplier spreads the numbers as evenly.
fn user_id(number: u64) -> UserId {
    let spread = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    UserId::from_stored((spread >> 1).cast_signed())
}

/// A session of nobody in particular that keeps no values.
#[must_use]
pub fn visitor(key: SessionKey, began: Timestamp) -> Session {
    Session {
        key,
        origin: None,
        authentication: None,
        data: SessionData::default(),
        created_at: began,
        last_seen_at: began,
        lifetime: SessionPolicy::default().permanent,
        permanence: Permanence::Permanent,
        device: Device::default(),
        revision: Revision::FIRST,
    }
}

/// A session in which an account made by [`user`] is signed in with a browser.
#[must_use]
pub fn signed_in(key: SessionKey, number: u64, began: Timestamp) -> Session {
    Session {
        authentication: Some(Authentication {
            user: user_id(number),
            epoch: Epoch::default(),
            at: began,
        }),
        device: Device::new(BROWSER, Some([192, 0, 2, 7].into())),
        ..visitor(key, began)
    }
}

/// When session `number` of `count` began, so that the last one began just now.
#[must_use]
pub fn began(number: u64, count: u64, now: Timestamp) -> Timestamp {
    let before = SPAN.as_millis() as i64 * (count - number) as i64 / count.max(1) as i64;
    Timestamp::from_unix_millis(now.unix_millis() - before)
}

/// The same, but so long ago that the session has ended.
#[must_use]
pub fn began_long_ago(number: u64, count: u64, now: Timestamp) -> Timestamp {
    let began = began(number, count, now).unix_millis();
    Timestamp::from_unix_millis(began - LONG_AGO.as_millis() as i64)
}

/// Calls `write` with every number, from many threads; ends with the first failure.
///
/// # Errors
/// What `write` failed with.
pub fn from_many_threads<W>(numbers: Range<u64>, write: W) -> Outcome
where
    W: Fn(u64) -> Result<(), StoreError> + Sync,
{
    let (next, failed) = (AtomicU64::new(numbers.start), AtomicBool::new(false));
    let work = || {
        while !failed.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if numbers.end <= number {
                break;
            }
            write(number).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
        }
        Ok::<(), StoreError>(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..WRITERS).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            thread.join().map_err(|_| "a thread that writes has panicked")??;
        }
        Ok(())
    })
}
