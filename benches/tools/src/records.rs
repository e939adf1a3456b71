//! Accounts and sessions as Kunci creates them, and a function to write many of them concurrently.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kunci_argon2::{Argon2Hasher, Concurrency, Cost};
use kunci_domain::ports::{PasswordHasher, StoreError};
use kunci_domain::{
    Authentication, Device, Epoch, Notices, Password, PasswordHash, Permanence, Revision, Role, Session,
    SessionData, SessionKey, SessionPolicy, SignInState, Standing, Timestamp, User, UserId, Username,
};
use kunci_crypto::RandEntropy;

use crate::{Outcome, PASSWORD};

/// Sessions start within this time before now, so that they expire at different times.
const SPAN: Duration = Duration::from_secs(3_600);
/// A time after which any session has expired.
const LONG_AGO: Duration = Duration::from_secs(60 * 24 * 3_600);
/// The number of concurrent writers. The store commits their requests in groups.
const WRITERS: u64 = 64;

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/140.0.0.0 Safari/537.36";

/// Returns the system time.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_millis(0).after(since)
}

/// Returns a hash of [`PASSWORD`] at the default cost.
///
/// # Errors
/// Returns an error if hashing fails.
pub fn password_hash() -> Outcome<PasswordHash> {
    let hasher = Argon2Hasher::new(Cost::default(), Concurrency::default(), Arc::new(RandEntropy))?;
    Ok(hasher.hash(&Password::presented(PASSWORD.to_owned()))?)
}

/// Returns the account `user-NUMBER`.
///
/// # Errors
/// Never returns an error, because these names are valid.
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

/// Returns an account id. Real ids are random. Multiplying by an odd constant spreads these as evenly.
fn user_id(number: u64) -> UserId {
    let spread = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    UserId::from_stored((spread >> 1).cast_signed())
}

/// Returns an empty session of a visitor.
#[must_use]
pub fn visitor(key: SessionKey, started: Timestamp) -> Session {
    Session {
        key,
        origin: None,
        previous: None,
        sign_in: SignInState::Visitor,
        enrolment: None,
        notices: Notices::default(),
        data: SessionData::default(),
        created_at: started,
        last_seen_at: started,
        lifetime: SessionPolicy::default().permanent,
        permanence: Permanence::Permanent,
        device: Device::default(),
        revision: Revision::FIRST,
    }
}

/// Returns a browser session in which an account from [`user`] is signed in.
#[must_use]
pub fn signed_in(key: SessionKey, number: u64, started: Timestamp) -> Session {
    Session {
        sign_in: SignInState::Complete(Authentication {
            user: user_id(number),
            epoch: Epoch::default(),
            at: started,
        }),
        device: Device::new(BROWSER, Some([192, 0, 2, 7].into())),
        ..visitor(key, started)
    }
}

/// Returns the start of session `number` of `count`. The last one starts now.
#[must_use]
pub fn start_of(number: u64, count: u64, now: Timestamp) -> Timestamp {
    let before = SPAN.as_millis() as i64 * (count - number) as i64 / count.max(1) as i64;
    Timestamp::from_unix_millis(now.unix_millis() - before)
}

/// Returns the start of a session that has expired.
#[must_use]
pub fn expired_start_of(number: u64, count: u64, now: Timestamp) -> Timestamp {
    let started = start_of(number, count, now).unix_millis();
    Timestamp::from_unix_millis(started - LONG_AGO.as_millis() as i64)
}

/// Calls `write` with every number from many threads, until the first error.
///
/// # Errors
/// Returns the error of `write`.
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
            thread.join().map_err(|_| "a writing thread panicked")??;
        }
        Ok(())
    })
}
