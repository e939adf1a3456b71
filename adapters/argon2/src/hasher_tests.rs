//! Permits and failures of hashing.

use std::num::NonZeroUsize;
use std::sync::{Arc, mpsc};
use std::thread;

use kunci_domain::ports::{HashError, PasswordHasher};
use kunci_domain::{Password, PasswordHash};
use kunci_testkit::fakes::SeededEntropy;

use super::Argon2Hasher;
use crate::cost::{Concurrency, Cost};

const QUICK: Cost = Cost {
    memory_kib: 8,
    iterations: 1,
    parallelism: 1,
};

fn hasher() -> Argon2Hasher {
    let one_at_a_time = Concurrency {
        permits: NonZeroUsize::MIN,
        queue: 0,
    };
    Argon2Hasher::new(QUICK, one_at_a_time, Arc::new(SeededEntropy::new(1))).unwrap()
}

/// Runs `act` while the only permit is taken.
fn while_busy<A>(hasher: &Argon2Hasher, act: impl FnOnce() -> A) -> A {
    let (taken, is_taken) = mpsc::channel();
    let (release, is_released) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            hasher.pool.run(move |_| {
                taken.send(()).unwrap();
                // Dropping the sender releases the permit.
                let _ = is_released.recv();
                Err(HashError::Busy)
            })
        });
        is_taken.recv().unwrap();
        let acted = act();
        drop(release);
        acted
    })
}

#[test]
fn full_hasher_is_busy_for_every_call_and_recovers() {
    let hasher = hasher();
    let password = Password::presented("correct horse".to_owned());
    let hash = hasher.hash(&password).unwrap();
    let garbage = PasswordHash::from_stored("garbage".to_owned());
    while_busy(&hasher, || {
        assert!(matches!(hasher.hash(&password), Err(HashError::Busy)));
        // An unreadable hash and the decoy need a permit as well, because they cost the same.
        for stored in [&hash, hasher.decoy(), &garbage] {
            assert!(matches!(hasher.verify(&password, stored), Err(HashError::Busy)));
        }
    });
    assert!(hasher.verify(&password, &hash).is_ok());
    assert!(matches!(
        hasher.verify(&password, &garbage),
        Err(HashError::Unreadable)
    ));
}

#[test]
fn panic_while_hashing_is_a_failure() {
    let hasher = hasher();
    let broken = hasher
        .pool
        .run(|_| std::panic::resume_unwind(Box::new("on purpose")));
    let error = broken.map_err(crate::error::from_pool).unwrap_err();
    assert!(matches!(error, HashError::Failed(_)), "{error:?}");
}
