//! Stored hashes: current, outdated and unreadable ones.
//!
//! The strings come from argon2-cffi 25.1.0, which wraps the reference implementation in C.

#![allow(clippy::unwrap_used, reason = "a failed set-up fails the test")]

use std::sync::Arc;

use kunci_argon2::{Argon2Hasher, Concurrency, Cost};
use kunci_domain::ports::{HashError, PasswordHasher, Verdict};
use kunci_domain::{Password, PasswordHash};
use kunci_testkit::fakes::SeededEntropy;

const HORSE: &str = "correct horse battery staple";
const FOX: &str = "Grüße an alle \u{1f98a}";

/// The hash of `HORSE` at the cost `QUICK` with the salt `SALT`.
const QUICK_HASH: &str =
    "$argon2id$v=19$m=64,t=2,p=1$a3VuY2ktMDEyMzQ1Njc4OQ$ruSC5UUqKzphIkPj6veAHZFtvnSw4WasYeFc1EGjYlA";
const SALT: &[u8] = b"kunci-0123456789";
const QUICK: Cost = Cost {
    memory_kib: 64,
    iterations: 2,
    parallelism: 1,
};

fn hasher(cost: Cost, entropy: Arc<SeededEntropy>) -> Argon2Hasher {
    Argon2Hasher::new(cost, Concurrency::default(), entropy).unwrap()
}

fn quick() -> Argon2Hasher {
    hasher(QUICK, Arc::new(SeededEntropy::new(1)))
}

fn verify(hasher: &Argon2Hasher, password: &str, hash: &str) -> Result<Verdict, HashError> {
    let password = Password::presented(password.to_owned());
    hasher.verify(&password, &PasswordHash::from_stored(hash.to_owned()))
}

#[track_caller]
fn check_hash(cost: Cost, password: &str, want: &str) {
    let entropy = Arc::new(SeededEntropy::new(1));
    let hasher = hasher(cost, Arc::clone(&entropy));
    entropy.script(SALT);
    let made = hasher.hash(&Password::presented(password.to_owned())).unwrap();
    assert_eq!(made.expose(), want);
    assert_eq!(verify(&hasher, password, want).unwrap(), Verdict::Match);
}

#[test]
fn hashes_equal_those_of_the_reference_implementation() {
    check_hash(QUICK, HORSE, QUICK_HASH);
    check_hash(
        Cost::default(),
        FOX,
        "$argon2id$v=19$m=19456,t=2,p=1$a3VuY2ktMDEyMzQ1Njc4OQ$qOiwL5sfKzy4uuDdbWAmY1P7QuqNUCD4kfFQV35WWYI",
    );
    let lanes = Cost {
        memory_kib: 64,
        iterations: 3,
        parallelism: 4,
    };
    check_hash(
        lanes,
        HORSE,
        "$argon2id$v=19$m=64,t=3,p=4$a3VuY2ktMDEyMzQ1Njc4OQ$mwaRMaslAh6QaF7o98/oApmEuVF8pQSXsSdmBrJruPc",
    );
}

/// Hashes that differ from the current parameters as the first column says.
const OUTDATED: [(&str, &str, &str); 7] = [
    (
        "more memory than a thread keeps",
        FOX,
        "$argon2id$v=19$m=19456,t=2,p=1$a3VuY2ktMDEyMzQ1Njc4OQ$qOiwL5sfKzy4uuDdbWAmY1P7QuqNUCD4kfFQV35WWYI",
    ),
    (
        "passes and lanes",
        HORSE,
        "$argon2id$v=19$m=64,t=3,p=4$a3VuY2ktMDEyMzQ1Njc4OQ$mwaRMaslAh6QaF7o98/oApmEuVF8pQSXsSdmBrJruPc",
    ),
    (
        "version",
        HORSE,
        "$argon2id$v=16$m=64,t=2,p=1$a3VuY2ktMDEyMzQ1Njc4OQ$+jjpgKVwT3f4cDakL+MmvO88TizY8SfbfWkOPVFP2Sw",
    ),
    (
        "version, absent as in version 1.0",
        HORSE,
        "$argon2id$m=64,t=2,p=1$a3VuY2ktMDEyMzQ1Njc4OQ$+jjpgKVwT3f4cDakL+MmvO88TizY8SfbfWkOPVFP2Sw",
    ),
    (
        "salt and tag of 8 and 16 bytes",
        HORSE,
        "$argon2id$v=19$m=64,t=2,p=1$a3VuY2ktMDE$AEjUUnSWAdHDtjRV7WVAtQ",
    ),
    (
        "less memory",
        "old",
        "$argon2id$v=19$m=8,t=1,p=1$a3VuY2ktMDEyMzQ1Njc4OQ$Yw7R2mgaDnBDKiUT5cZHaemfJnfRT+RK9DBrd6+yoOo",
    ),
    (
        "the defaults of argon2-cffi",
        HORSE,
        "$argon2id$v=19$m=65536,t=3,p=4$dn/MPr8bEWNQA9RRkal4iQ$zm2pX7g9RuxQ/5wsTm3jkJYu5RrlhIdHe4vbqiraM28",
    ),
];

#[test]
fn other_parameters_match_as_outdated() {
    let hasher = quick();
    for (difference, password, hash) in OUTDATED {
        let right = verify(&hasher, password, hash).unwrap();
        assert_eq!(right, Verdict::MatchOutdated, "{difference}");
        let wrong = verify(&hasher, "wrong horse", hash).unwrap();
        assert_eq!(wrong, Verdict::Mismatch, "{difference}");
    }
}

/// Returns the fields of a hash before the salt, and the lengths of salt and tag. Version 1.0 need not be written,
/// so it is left out.
fn cost_of(hash: &str) -> (String, Vec<usize>) {
    let fields: Vec<&str> = hash.split('$').collect();
    let (parameters, secret) = fields.split_at(fields.len() - 2);
    let lengths = secret.iter().map(|field| field.len()).collect();
    (parameters.join("$").replace("$v=16", ""), lengths)
}

#[test]
fn decoy_like_a_stored_hash_costs_the_same_and_matches_no_password() {
    let hasher = quick();
    for (difference, password, hash) in OUTDATED.into_iter().chain([("none", HORSE, QUICK_HASH)]) {
        let decoy = hasher.decoy_like(&PasswordHash::from_stored(hash.to_owned()));
        assert_eq!(cost_of(decoy.expose()), cost_of(hash), "{difference}");
        let answer = verify(&hasher, password, decoy.expose()).unwrap();
        assert_eq!(answer, Verdict::Mismatch, "{difference}");
    }
}

#[test]
fn current_parameters_are_not_outdated() {
    assert_eq!(verify(&quick(), HORSE, QUICK_HASH).unwrap(), Verdict::Match);
}

#[track_caller]
fn unreadable(hasher: &Argon2Hasher, hash: &str) {
    let answer = verify(hasher, HORSE, hash);
    assert!(
        matches!(answer, Err(HashError::Unreadable)),
        "{hash:?} gives {answer:?}"
    );
}

#[test]
fn other_schemes_are_unreadable() {
    let hasher = quick();
    let schemes = [
        "$argon2i$v=19$m=64,t=2,p=1$a3VuY2ktMDEyMzQ1Njc4OQ$6QFwxhyphS9cm6NSPoFJKPtTn+IILG9ZgVmGdDUoduk",
        "$argon2d$v=19$m=64,t=2,p=1$a3VuY2ktMDEyMzQ1Njc4OQ$Dkk/zi8quU908vU99x5IoZP6v0ECkXyXn9Fiq32cyio",
        "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
        "$scrypt$ln=17,r=8,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
        "$pbkdf2-sha256$i=600000$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
        "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
        HORSE,
    ];
    for hash in schemes {
        unreadable(&hasher, hash);
    }
}

/// A part of `QUICK_HASH`, and invalid replacements for it.
const DAMAGES: [(&str, &[&str]); 6] = [
    (
        "$argon2id$",
        &[
            "argon2id$",
            "$$",
            "$ARGON2ID$",
            "$argon2id",
            "$$argon2id$",
            " $argon2id$",
        ],
    ),
    (
        "v=19",
        &[
            "v=18",
            "v=20",
            "v=019",
            "v=",
            "v=-19",
            "v=+19",
            "v=19,x=1",
            "V=19",
            "v=4294967315",
            "",
        ],
    ),
    (
        "m=64,t=2,p=1",
        &[
            "",
            "m=64",
            "m=64,t=2",
            "m=64,p=1,t=2",
            "t=2,m=64,p=1",
            "m=64,t=2,p=1,",
            ",m=64,t=2,p=1",
            "m=64,m=64,t=2,p=1",
            "m=64,t=2,p=1,p=1",
            "m=64,t=2,p=1,keyid=8PDw8A",
            "m=64,t=2,p=1,data=Dw8PDw8P",
            "m=64,t=2,x=1",
            "m=064,t=2,p=1",
            "m=+64,t=2,p=1",
            "m=-64,t=2,p=1",
            "m=64,t=2,p=",
            "m=64,t=2=2,p=1",
            "m=6 4,t=2,p=1",
            "m=0x40,t=2,p=1",
            "m=\u{0666}\u{0664},t=2,p=1",
        ],
    ),
    (
        "m=64,t=2,p=1",
        &[
            "m=64,t=0,p=1",
            "m=64,t=2,p=0",
            "m=7,t=2,p=1",
            "m=0,t=2,p=1",
            "m=64,t=2,p=9",
            "m=64,t=2,p=16777216",
            "m=64,t=2,p=4294967295",
            "m=1048577,t=1,p=1",
            "m=4294967295,t=1,p=1",
            "m=4294967296,t=1,p=1",
            "m=1048576,t=5,p=1",
            "m=64,t=65537,p=1",
            "m=64,t=4294967295,p=1",
            "m=4294967295,t=4294967295,p=1",
        ],
    ),
    (
        "$a3VuY2ktMDEyMzQ1Njc4OQ",
        &[
            "",
            "$",
            "$a3VuY2ktMD",
            "$a3VuY2ktMDEyMzQ1Njc4OQ==",
            "$a3VuY2ktMDEyMzQ1Njc4OR",
            "$a3VuY2ktMDEyMzQ1Njc4O",
            "$a3Vu\nY2ktMDEyMzQ1Njc4OQ",
            "$kunci-0123456789.",
            "$\u{e9}3VuY2ktMDEyMzQ1Njc4OQ",
            "$a3VuY2ktMDEyMzQ1Njc4OQa3VuY2ktMDEyMzQ1Njc4OQa3VuY2ktMDEyMzQ1Njc4OQ",
        ],
    ),
    (
        "$ruSC5UUqKzphIkPj6veAHZFtvnSw4WasYeFc1EGjYlA",
        &[
            "",
            "$",
            "$ruSC5UUqKzph",
            "$ruSC5UUqKzphIkPj6veAHZFtvnSw4WasYeFc1EGjYlA=",
            "$ruSC5UUqKzphIkPj6veAHZFtvnSw4WasYeFc1EGjYlB",
            "$ruSC5UUqKzphIkPj6veAHZFtvnSw4WasYeFc1EGjYl",
            "$ruSC5UUqKzphIkPj6veAHZFtvnSw4WasYeFc1EGjYlA$",
            "$ruSC5UUqKzphIkPj6veAHZFtvnSw4WasYeFc1EGjYlA\0",
            "$ruSC5UUqKzphIkPj6veAHZFtvnSw4WasYeFc1EGjYlA$x",
            "$ruSC5UUqKzphIkPj6veAHZFtvnSw4WasYeFc1EGjYlA ",
            "$ruSC5UUqKzphIkPj6veAHZFtvnSw4WasYeFc1EGj_-A",
            "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ],
    ),
];

#[test]
fn damaged_strings_are_unreadable() {
    let hasher = quick();
    for (part, replacements) in DAMAGES {
        assert_eq!(QUICK_HASH.matches(part).count(), 1, "{part:?}");
        for replacement in replacements {
            unreadable(&hasher, &QUICK_HASH.replace(part, replacement));
        }
    }
}

#[test]
fn hash_at_the_work_limit_is_verified() {
    // 64 KiB at 2^16 passes is exactly the work limit. A mismatch shows that the hash was computed.
    let at_the_limit = QUICK_HASH.replace("t=2", "t=65536");
    assert_eq!(verify(&quick(), HORSE, &at_the_limit).unwrap(), Verdict::Mismatch);
}
