//! Refused settings, missing entropy, memory limits and debug output.

#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

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
fn hasher_is_a_trait_object() {
    let hasher: Arc<dyn PasswordHasher> = Arc::new(set_up(Cost::default(), Concurrency::default()).unwrap());
    assert!(
        hasher
            .decoy()
            .expose()
            .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
    );
}

#[test]
fn defaults_follow_owasp_with_one_permit_per_core() {
    assert_eq!(Cost::default(), cost(19_456, 2, 1));
    let cores = std::thread::available_parallelism().unwrap();
    assert_eq!(Concurrency::default(), concurrency(cores.get(), 64));
}

#[test]
fn unsupported_cost_is_refused() {
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
fn cost_beyond_the_limits_is_refused() {
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
fn missing_entropy_prevents_creation() {
    let refused = Argon2Hasher::new(Cost::default(), concurrency(1, 0), Arc::new(BrokenEntropy));
    assert!(matches!(refused, Err(SetUpError::Decoy(_))), "{refused:?}");
}

/// Entropy that fails once the flag is set.
#[derive(Default)]
struct FailingEntropy(AtomicBool);

impl Entropy for FailingEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        if self.0.load(Ordering::SeqCst) {
            return BrokenEntropy.fill(bytes);
        }
        bytes.fill(1);
        Ok(())
    }
}

#[test]
fn missing_entropy_prevents_hashing() {
    let entropy = Arc::new(FailingEntropy::default());
    let hasher = Argon2Hasher::new(cost(8, 1, 1), concurrency(1, 0), entropy.clone()).unwrap();
    let password = Password::presented("correct horse".to_owned());
    assert!(hasher.hash(&password).is_ok());
    entropy.0.store(true, Ordering::SeqCst);
    let refused = hasher.hash(&password);
    assert!(matches!(refused, Err(HashError::Failed(_))), "{refused:?}");
}

#[track_caller]
fn check_memory(cost: Cost, permits: usize, kept: u64) {
    let hasher = set_up(cost, concurrency(permits, 64)).unwrap();
    assert_eq!(hasher.kept_memory_bytes(), kept);
    assert_eq!(hasher.peak_memory_bytes(), kept + 1_024 * MIB);
}

#[test]
fn memory_limits_follow_from_the_settings() {
    check_memory(Cost::default(), 2, 2 * 19 * MIB);
    check_memory(cost(65_536, 3, 4), 8, 8 * 64 * MIB);
    // Argon2 uses a multiple of four blocks per lane (RFC 9106, section 3.2, step 2).
    check_memory(cost(23, 1, 2), 1, 16 * 1_024);
}

#[test]
fn debug_output_shows_only_the_settings() {
    let hasher = set_up(cost(64, 3, 4), concurrency(2, 7)).unwrap();
    assert_eq!(
        format!("{hasher:?}"),
        "Argon2Hasher { cost: Cost { memory_kib: 64, iterations: 3, parallelism: 4 }, \
         concurrency: Concurrency { permits: 2, queue: 7 }, .. }"
    );
}
