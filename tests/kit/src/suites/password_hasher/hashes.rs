//! Promises about the form of hashes, the decoy, and malformed hashes.

use std::collections::HashSet;

use kunci_domain::PasswordHash;
use kunci_domain::ports::{HashError, PasswordHasher, Verdict};

use super::support::{PASSWORD, assert_verdict, hash, password};

/// Checks that each hash of a password has its own salt, and that each verifies.
pub fn hashes_of_one_password_differ(hasher: &dyn PasswordHasher) {
    let hashes: Vec<_> = (0..4).map(|_| hash(hasher, PASSWORD)).collect();
    let texts: HashSet<_> = hashes.iter().map(PasswordHash::expose).collect();
    assert_eq!(texts.len(), hashes.len(), "two hashes of one password are equal");
    for hash in &hashes {
        assert_verdict(hasher, PASSWORD, hash, Verdict::Match);
    }
}

/// Checks that a hash is one line of printable ASCII, so that it fits a database column or a text file.
pub fn hash_is_one_line_of_ascii(hasher: &dyn PasswordHasher) {
    for password in [PASSWORD, "", "zwei\nZeilen\u{1f98a}"] {
        let hash = hash(hasher, password);
        let plain = hash.expose().bytes().all(|byte| byte.is_ascii_graphic());
        assert!(plain && !hash.expose().is_empty(), "{:?}", hash.expose());
    }
}

/// Checks that a hash contains no part of the password.
pub fn hash_does_not_contain_the_password(hasher: &dyn PasswordHasher) {
    let password = "quixotically";
    let hash = hash(hasher, password);
    let part = password.as_bytes().windows(6).find(|part| {
        let hash = hash.expose().as_bytes();
        hash.windows(6).any(|window| window.eq_ignore_ascii_case(part))
    });
    assert_eq!(part, None, "{:?}", hash.expose());
}

/// Checks that the decoy is a mismatch for every password.
pub fn decoy_matches_no_password(hasher: &dyn PasswordHasher) {
    let decoy = hasher.decoy();
    for password in ["", " ", "\0", "decoy", "password", PASSWORD, decoy.expose()] {
        assert_verdict(hasher, password, decoy, Verdict::Mismatch);
    }
}

/// Checks that the decoy has the same parameters and length as a new hash, so that both cost the same
/// to verify.
///
/// In a PHC string, the fields before the salt are the parameters.
pub fn decoy_has_the_current_parameters(hasher: &dyn PasswordHasher) {
    let (decoy, hash) = (hasher.decoy(), hash(hasher, PASSWORD));
    assert_eq!(
        parameters(&hash).matches('$').next(),
        Some("$"),
        "the hash is not a PHC string"
    );
    assert_eq!(parameters(decoy), parameters(&hash));
    assert_eq!(decoy.expose().len(), hash.expose().len());
    assert_ne!(decoy.expose(), hash.expose());
}

/// Checks that the decoy of a stored hash has its parameters and length, so that both cost the same to verify.
pub fn decoy_like_a_hash_has_its_parameters(hasher: &dyn PasswordHasher) {
    let hash = hash(hasher, PASSWORD);
    let decoy = hasher.decoy_like(&hash);
    assert_eq!(parameters(&decoy), parameters(&hash));
    assert_eq!(decoy.expose().len(), hash.expose().len());
}

/// Checks that the decoy of a stored hash is a mismatch for every password, also for the password of the hash.
pub fn decoy_like_a_hash_matches_no_password(hasher: &dyn PasswordHasher) {
    let decoy = hasher.decoy_like(&hash(hasher, PASSWORD));
    for password in ["", "decoy", PASSWORD, decoy.expose()] {
        assert_verdict(hasher, password, &decoy, Verdict::Mismatch);
    }
}

/// Checks that an unreadable hash has the decoy with the current parameters.
pub fn decoy_like_an_unreadable_hash_is_the_decoy(hasher: &dyn PasswordHasher) {
    for text in ["", "unreadable", "$unknown$v=1$a=1$c2FsdA$aGFzaA"] {
        let decoy = hasher.decoy_like(&PasswordHash::from_stored(text.to_owned()));
        assert_eq!(decoy.expose(), hasher.decoy().expose(), "{text:?}");
    }
}

/// Checks that text which is not a hash of this hasher is `Unreadable`.
pub fn malformed_hash_is_unreadable(hasher: &dyn PasswordHasher) {
    let hash = hash(hasher, PASSWORD);
    let hash = hash.expose();
    let cut = parameters(&PasswordHash::from_stored(hash.to_owned())).to_owned();
    let malformed = [
        format!(" {hash}"),
        format!("{hash} "),
        format!("{hash}\n"),
        format!("{hash}$"),
        format!("{hash}\0"),
        format!("{hash}{hash}"),
        format!("${hash}"),
        cut,
    ];
    let unrelated = [
        "",
        " ",
        "$",
        "$$$$$",
        "*",
        "!",
        "\0",
        PASSWORD,
        "$unknown$v=1$a=1$c2FsdA$aGFzaA",
        "\u{1f98a}",
    ];
    for text in malformed.iter().map(String::as_str).chain(unrelated) {
        let answer = hasher.verify(&password(PASSWORD), &PasswordHash::from_stored(text.to_owned()));
        assert!(
            matches!(answer, Err(HashError::Unreadable)),
            "{text:?} gives {answer:?}"
        );
    }
}

/// Checks that a truncated or changed hash is a mismatch or `Unreadable`.
pub fn damaged_hash_never_matches(hasher: &dyn PasswordHasher) {
    let hash = hash(hasher, PASSWORD);
    let hash = hash.expose();
    let ends: Vec<_> = hash
        .match_indices('$')
        .map(|(at, _)| at)
        .chain([hash.len()])
        .collect();
    for end in ends.into_iter().filter(|end| *end > 0) {
        let last = end - 1;
        let other = if &hash[last..end] == "1" { "2" } else { "1" };
        assert_never_matches(hasher, &hash[..end - 1]);
        assert_never_matches(hasher, &format!("{}{}", &hash[..last], &hash[end..]));
        assert_never_matches(hasher, &format!("{}{other}{}", &hash[..last], &hash[end..]));
    }
}

#[track_caller]
fn assert_never_matches(hasher: &dyn PasswordHasher, damaged: &str) {
    let answer = hasher.verify(
        &password(PASSWORD),
        &PasswordHash::from_stored(damaged.to_owned()),
    );
    let refused = matches!(answer, Ok(Verdict::Mismatch) | Err(HashError::Unreadable));
    assert!(refused, "{damaged:?} gives {answer:?}");
}

/// Returns a PHC string without its last two fields, the salt and the hash.
fn parameters(hash: &PasswordHash) -> &str {
    let mut fields = hash.expose().rsplitn(3, '$');
    fields.nth(2).unwrap_or_default()
}
