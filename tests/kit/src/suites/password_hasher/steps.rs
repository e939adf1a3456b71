//! The steps that promises are made of. A hasher that does not answer fails the promise.

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
        Err(error) => panic!("no hash: {error:?}"),
    }
}

#[track_caller]
pub(super) fn check(hasher: &dyn PasswordHasher, presented: &str, hash: &PasswordHash, want: Verdict) {
    match hasher.verify(&password(presented), hash) {
        Ok(verdict) => assert_eq!(verdict, want, "{presented:?}"),
        Err(error) => panic!("{presented:?} gives {error:?}"),
    }
}

/// The password matches its hash, and the others do not.
#[track_caller]
pub(super) fn only_itself(hasher: &dyn PasswordHasher, text: &str, others: &[&str]) {
    let hash = hash(hasher, text);
    check(hasher, text, &hash, Verdict::Match);
    for other in others {
        check(hasher, other, &hash, Verdict::Mismatch);
    }
}
