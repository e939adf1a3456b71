//! What is refused at the start, what hashing can occupy, and what does not show.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kunci_argon2::{Argon2Hasher, Concurrency, Cost, SetUpError};
use kunci_domain::Password;
use kunci_domain::ports::{Entropy, EntropyError, HashError, PasswordHasher};
use kunci_testkit::fakes::{BrokenEntropy, SeededEntropy};

const MIB: u64 = 1 << 20;

fn cost(memory_kib: u32, iterations: u32, parallelism: u32) -> Cost {
    Cost {
        memory_kib,
        iterations,
        parallelism,
    }
}

fn concurrency(permits: usize, queue: usize) -> Concurrency {
    Concurrency {
        permits: NonZeroUsize::new(permits).unwrap(),
        queue,
    }
}

fn set_up(cost: Cost, concurrency: Concurrency) -> Result<Argon2Hasher, SetUpError> {
    Argon2Hasher::new(cost, concurrency, Arc::new(SeededEntropy::new(1)))
}

#[test]
fn it_is_a_trait_object() {
    let hasher: Arc<dyn PasswordHasher> = Arc::new(set_up(Cost::default(), Concurrency::default()).unwrap());
    assert!(
        hasher
            .decoy()
            .expose()
            .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
    );
}

#[test]
fn the_defaults_are_what_owasp_recommends_and_a_permit_for_each_core() {
    assert_eq!(Cost::default(), cost(19_456, 2, 1));
    let cores = std::thread::available_parallelism().unwrap();
    assert_eq!(Concurrency::default(), concurrency(cores.get(), 64));
}

#[test]
fn a_cost_that_argon2_does_not_know_is_refused() {
    for cost in [
        cost(7, 1, 1),
        cost(0, 1, 1),
        cost(64, 0, 1),
        cost(64, 1, 0),
        cost(64, 1, 9),
        cost(64, 1, u32::MAX),
    ] {
        let refused = set_up(cost, concurrency(1, 0));
        assert!(
            matches!(refused, Err(SetUpError::Cost(_))),
            "{cost:?} gives {refused:?}"
        );
    }
    assert!(set_up(cost(8, 1, 1), concurrency(1, 0)).is_ok());
}

#[test]
fn a_cost_that_would_be_unreadable_later_is_refused() {
    for cost in [
        cost(Cost::MAX_MEMORY_KIB + 1, 1, 1),
        cost(Cost::MAX_MEMORY_KIB, 5, 1),
        cost(64, u32::MAX, 1),
    ] {
        let refused = set_up(cost, concurrency(1, 0));
        assert!(
            matches!(refused, Err(SetUpError::TooCostly)),
            "{cost:?} gives {refused:?}"
        );
    }
    assert!(set_up(cost(Cost::MAX_MEMORY_KIB, 4, 1), concurrency(1, 0)).is_ok());
}

#[test]
fn without_randomness_there_is_no_hasher() {
    let refused = Argon2Hasher::new(Cost::default(), concurrency(1, 0), Arc::new(BrokenEntropy));
    assert!(matches!(refused, Err(SetUpError::Decoy(_))), "{refused:?}");
}

/// Entropy that runs dry.
#[derive(Default)]
struct Dry(AtomicBool);

impl Entropy for Dry {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        if self.0.load(Ordering::SeqCst) {
            return BrokenEntropy.fill(bytes);
        }
        bytes.fill(1);
        Ok(())
    }
}

#[test]
fn without_a_salt_there_is_no_hash() {
    let entropy = Arc::new(Dry::default());
    let hasher = Argon2Hasher::new(cost(8, 1, 1), concurrency(1, 0), entropy.clone()).unwrap();
    let password = Password::presented("correct horse".to_owned());
    assert!(hasher.hash(&password).is_ok());
    entropy.0.store(true, Ordering::SeqCst);
    let refused = hasher.hash(&password);
    assert!(matches!(refused, Err(HashError::Failed(_))), "{refused:?}");
}

#[track_caller]
fn occupies(cost: Cost, permits: usize, kept: u64) {
    let hasher = set_up(cost, concurrency(permits, 64)).unwrap();
    assert_eq!(hasher.kept_memory_bytes(), kept);
    assert_eq!(hasher.peak_memory_bytes(), kept + 1_024 * MIB);
}

#[test]
fn what_hashing_occupies_follows_from_the_settings() {
    occupies(Cost::default(), 2, 2 * 19 * MIB);
    occupies(cost(65_536, 3, 4), 8, 8 * 64 * MIB);
    // Argon2 uses whole groups of four blocks per lane: RFC 9106, section 3.2, step 2.
    occupies(cost(23, 1, 2), 1, 16 * 1_024);
}

#[test]
fn debug_shows_the_settings_and_nothing_else() {
    let hasher = set_up(cost(64, 3, 4), concurrency(2, 7)).unwrap();
    assert_eq!(
        format!("{hasher:?}"),
        "Argon2Hasher { cost: Cost { memory_kib: 64, iterations: 3, parallelism: 4 }, \
         concurrency: Concurrency { permits: 2, queue: 7 }, .. }"
    );
}
