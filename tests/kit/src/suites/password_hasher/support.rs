//! Helpers of the promises. If a hasher does not answer, the promise fails.

use kunci_domain::ports::{PasswordHasher, Verdict};
use kunci_domain::{Password, PasswordHash};

/// An ordinary password.
pub(super) const PASSWORD: &str = "correct horse battery staple";

pub(super) fn password(text: &str) -> Password {
    Password::presented(text.to_owned())
}

#[track_caller]
pub(super) fn hash(hasher: &dyn PasswordHasher, text: &str) -> PasswordHash {
    match hasher.hash(&password(text)) {
        Ok(hash) => hash,
        Err(error) => panic!("hash failed: {error:?}"),
    }
}

#[track_caller]
pub(super) fn assert_verdict(
    hasher: &dyn PasswordHasher,
    presented: &str,
    hash: &PasswordHash,
    want: Verdict,
) {
    match hasher.verify(&password(presented), hash) {
        Ok(verdict) => assert_eq!(verdict, want, "{presented:?}"),
        Err(error) => panic!("{presented:?} gives {error:?}"),
    }
}

/// Asserts that the password matches its hash and that the others do not.
#[track_caller]
pub(super) fn assert_matches_only(hasher: &dyn PasswordHasher, text: &str, others: &[&str]) {
    let hash = hash(hasher, text);
    assert_verdict(hasher, text, &hash, Verdict::Match);
    for other in others {
        assert_verdict(hasher, other, &hash, Verdict::Mismatch);
    }
}
