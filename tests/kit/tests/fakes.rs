//! The fakes keep the promises of their ports and follow the instructions of a test.

#![allow(clippy::unwrap_used, reason = "a test fails if a step fails")]

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use kunci_domain::ports::{Clock, Entropy, HashError, PasswordHasher, Verdict};
use kunci_domain::{Password, PasswordHash, SessionToken, Timestamp};
use kunci_testkit::fakes::{BrokenEntropy, FakeClock, FastHasher, SeededEntropy};

mod fast_hasher {
    use kunci_testkit::fakes::FastHasher;

    kunci_testkit::password_hasher_suite!(FastHasher::new());
}

mod fast_hasher_of_another_generation {
    use kunci_testkit::fakes::FastHasher;

    kunci_testkit::password_hasher_suite!(FastHasher::of_generation(2));
}

fn draw<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes).unwrap();
    bytes
}

#[test]
fn clock_stands_still_until_moved() {
    let clock: Arc<FakeClock> = Arc::new(FakeClock::new(Timestamp::from_unix_millis(1_000)));
    let seen: Arc<dyn Clock> = clock.clone();
    assert_eq!(seen.now(), Timestamp::from_unix_millis(1_000));
    clock.advance(Duration::from_millis(1));
    assert_eq!(seen.now(), Timestamp::from_unix_millis(1_001));
    clock.set(Timestamp::from_unix_millis(-5));
    assert_eq!(seen.now(), Timestamp::from_unix_millis(-5));
}

#[test]
fn clock_stops_at_the_latest_timestamp() {
    let clock = FakeClock::new(Timestamp::from_unix_millis(1));
    clock.advance(Duration::MAX);
    assert_eq!(clock.now(), Timestamp::MAX);
}

#[test]
fn concurrent_advances_all_count() {
    let clock = FakeClock::new(Timestamp::from_unix_millis(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..100).for_each(|_| clock.advance(Duration::from_millis(1))));
        }
    });
    assert_eq!(clock.now(), Timestamp::from_unix_millis(800));
}

#[test]
fn entropy_depends_only_on_the_seed() {
    let of = |seed| draw::<64>(&SeededEntropy::new(seed));
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn stream_matches_the_splitmix64_reference() {
    // The first outputs of the published reference code for the seed 1234567.
    let words = [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973];
    let stream = draw::<16>(&SeededEntropy::new(1_234_567));
    assert_eq!(stream[..8], words[0].to_le_bytes());
    assert_eq!(stream[8..], words[1].to_le_bytes());
}

#[test]
fn entropy_does_not_repeat_across_threads() {
    let entropy = SeededEntropy::new(0);
    let batch = || (0..1_000).map(|_| draw(&entropy)).collect::<Vec<[u8; 16]>>();
    let ids: HashSet<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(batch)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(ids.len(), 8_000);
}

#[test]
fn script_is_matched_by_length_in_order() {
    let entropy = SeededEntropy::new(3);
    entropy.script([1; 4]);
    entropy.script([2; 4]);
    entropy.script(vec![9; 2]);
    assert_eq!(draw::<2>(&entropy), [9; 2]);
    assert_eq!(draw::<4>(&entropy), [1; 4]);
    assert_eq!(draw::<8>(&entropy), draw::<8>(&SeededEntropy::new(3)));
    assert_eq!(draw::<4>(&entropy), [2; 4]);
    assert_ne!(draw::<4>(&entropy), [2; 4]);
}

#[test]
fn debug_output_hides_the_script() {
    let entropy = SeededEntropy::new(3);
    entropy.script([77; 4]);
    assert_eq!(format!("{entropy:?}"), "SeededEntropy { .. }");
}

#[test]
fn broken_entropy_generates_no_token() {
    assert!(SessionToken::generate(&BrokenEntropy).is_err());
}

#[test]
fn hash_of_another_generation_is_outdated() {
    let password = Password::presented("correct horse".to_owned());
    let wrong = Password::presented("wrong horse".to_owned());
    let (old, new) = (FastHasher::new(), FastHasher::of_generation(2));
    let hash = old.hash(&password).unwrap();
    assert_eq!(old.verify(&password, &hash).unwrap(), Verdict::Match);
    assert_eq!(new.verify(&password, &hash).unwrap(), Verdict::MatchOutdated);
    assert_eq!(new.verify(&wrong, &hash).unwrap(), Verdict::Mismatch);
    let renewed = new.hash(&password).unwrap();
    assert_eq!(new.verify(&password, &renewed).unwrap(), Verdict::Match);
}

#[test]
fn busy_hasher_refuses_and_counts_nothing() {
    let hasher = FastHasher::new();
    let password = Password::presented("correct horse".to_owned());
    let hash = hasher.hash(&password).unwrap();
    hasher.set_busy(true);
    assert!(matches!(hasher.hash(&password), Err(HashError::Busy)));
    assert!(matches!(hasher.verify(&password, &hash), Err(HashError::Busy)));
    assert_eq!((hasher.hashes(), hasher.verifications()), (1, 0));
    hasher.set_busy(false);
    assert_eq!(hasher.verify(&password, &hash).unwrap(), Verdict::Match);
}

#[test]
fn hasher_counts_every_verification() {
    let hasher = FastHasher::new();
    let password = Password::presented("correct horse".to_owned());
    let hash = hasher.hash(&password).unwrap();
    let unreadable = PasswordHash::from_stored("unreadable".to_owned());
    let answers = [&hash, hasher.decoy(), &unreadable].map(|hash| hasher.verify(&password, hash).is_ok());
    assert_eq!(answers, [true, true, false]);
    assert_eq!((hasher.hashes(), hasher.verifications()), (1, 3));
}
