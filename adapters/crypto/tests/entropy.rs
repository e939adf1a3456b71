//! Entropy: different bytes every time, from any thread, in any number.
//!
//! The operating system guarantees that the bytes are unpredictable, which no test can show.

#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;

use kunci_crypto::RandEntropy;
use kunci_domain::ports::Entropy;

const THREADS: usize = 32;
const IDS_PER_THREAD: usize = 10_000;

fn id(entropy: &dyn Entropy) -> [u8; 16] {
    let mut id = [0; 16];
    entropy.fill(&mut id).unwrap();
    id
}

#[test]
fn entropy_is_a_trait_object_for_any_thread() {
    let entropy: Arc<dyn Entropy> = Arc::new(RandEntropy);
    let elsewhere = Arc::clone(&entropy);
    let theirs = thread::spawn(move || id(&*elsewhere)).join().unwrap();
    assert_ne!(id(&*entropy), theirs);
}

#[test]
fn no_id_repeats_under_load() {
    let make = || (0..IDS_PER_THREAD).map(|_| id(&RandEntropy)).collect();
    let ids: HashSet<[u8; 16]> = thread::scope(|scope| {
        let makers: Vec<_> = (0..THREADS).map(|_| scope.spawn(make)).collect();
        let batches = makers.into_iter().map(|maker| maker.join().unwrap());
        batches.flat_map(|batch: Vec<_>| batch).collect()
    });
    assert_eq!(ids.len(), THREADS * IDS_PER_THREAD);
}

#[test]
fn buffers_of_any_length_are_filled_completely() {
    for length in [1, 31, 32, 33, 255, 256, 257, 65_536] {
        // An unfilled byte stays zero in all 64 attempts. For a filled byte, the probability is 2^-512.
        let mut seen = vec![0; length];
        for _ in 0..64 {
            let mut bytes = vec![0; length];
            RandEntropy.fill(&mut bytes).unwrap();
            seen.iter_mut().zip(bytes).for_each(|(seen, byte)| *seen |= byte);
        }
        assert!(seen.iter().all(|byte| *byte != 0), "{length} bytes");
    }
}

#[test]
fn empty_buffer_is_accepted() {
    let mut none = [];
    assert!(RandEntropy.fill(&mut none).is_ok());
}
