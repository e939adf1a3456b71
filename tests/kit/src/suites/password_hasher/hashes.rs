//! What a hash looks like, what the decoy is, and what becomes of hashes that nobody made.

use std::collections::HashSet;

use kunci_domain::PasswordHash;
use kunci_domain::ports::{HashError, PasswordHasher, Verdict};

use super::steps::{PASSWORD, check, hash, password};

/// Each hash has a salt of its own, and each verifies.
pub fn the_same_password_hashes_differently_each_time(hasher: &dyn PasswordHasher) {
    let hashes: Vec<_> = (0..4).map(|_| hash(hasher, PASSWORD)).collect();
    let texts: HashSet<_> = hashes.iter().map(PasswordHash::expose).collect();
    assert_eq!(
        texts.len(),
        hashes.len(),
        "two hashes of one password are the same"
    );
    for hash in &hashes {
        check(hasher, PASSWORD, hash, Verdict::Match);
    }
}

/// A hash fits wherever a line of plain text does: a column, a log of changes, a file.
pub fn a_hash_is_one_line_of_ascii(hasher: &dyn PasswordHasher) {
    for password in [PASSWORD, "", "zwei\nZeilen\u{1f98a}"] {
        let hash = hash(hasher, password);
        let plain = hash.expose().bytes().all(|byte| byte.is_ascii_graphic());
        assert!(plain && !hash.expose().is_empty(), "{:?}", hash.expose());
    }
}

/// Not even a part of the password stands in its hash.
pub fn a_hash_does_not_contain_the_password(hasher: &dyn PasswordHasher) {
    let password = "quixotically";
    let hash = hash(hasher, password);
    let part = password.as_bytes().windows(6).find(|part| {
        let hash = hash.expose().as_bytes();
        hash.windows(6).any(|window| window.eq_ignore_ascii_case(part))
    });
    assert_eq!(part, None, "{:?}", hash.expose());
}

/// Whatever is presented for a name that nobody has is wrong, and is answered like any wrong password.
pub fn the_decoy_matches_nothing(hasher: &dyn PasswordHasher) {
    let decoy = hasher.decoy();
    for password in ["", " ", "\0", "decoy", "password", PASSWORD, decoy.expose()] {
        check(hasher, password, decoy, Verdict::Mismatch);
    }
}

/// In a PHC string everything before the salt says what a check costs, so there the two must agree.
pub fn the_decoy_has_the_parameters_of_today(hasher: &dyn PasswordHasher) {
    let (decoy, hash) = (hasher.decoy(), hash(hasher, PASSWORD));
    assert_eq!(parameters(&hash).matches('$').next(), Some("$"), "no PHC string");
    assert_eq!(parameters(decoy), parameters(&hash));
    assert_eq!(decoy.expose().len(), hash.expose().len());
    assert_ne!(decoy.expose(), hash.expose());
}

/// What no hasher wrote is said to be unreadable, and is no match.
pub fn garbage_is_unreadable(hasher: &dyn PasswordHasher) {
    let hash = hash(hasher, PASSWORD);
    let hash = hash.expose();
    let cut = parameters(&PasswordHash::from_stored(hash.to_owned())).to_owned();
    let around = [
        format!(" {hash}"),
        format!("{hash} "),
        format!("{hash}\n"),
        format!("{hash}$"),
        format!("{hash}\0"),
        format!("{hash}{hash}"),
        format!("${hash}"),
        cut,
    ];
    let made_up = [
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
    for garbage in around.iter().map(String::as_str).chain(made_up) {
        let answer = hasher.verify(
            &password(PASSWORD),
            &PasswordHash::from_stored(garbage.to_owned()),
        );
        assert!(
            matches!(answer, Err(HashError::Unreadable)),
            "{garbage:?} gives {answer:?}"
        );
    }
}

/// A hash that was cut or changed anywhere is no match; whether it can still be read does not matter.
pub fn a_damaged_hash_never_matches(hasher: &dyn PasswordHasher) {
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
        never_matches(hasher, &hash[..end - 1]);
        never_matches(hasher, &format!("{}{}", &hash[..last], &hash[end..]));
        never_matches(hasher, &format!("{}{other}{}", &hash[..last], &hash[end..]));
    }
}

#[track_caller]
fn never_matches(hasher: &dyn PasswordHasher, damaged: &str) {
    let answer = hasher.verify(
        &password(PASSWORD),
        &PasswordHash::from_stored(damaged.to_owned()),
    );
    let refused = matches!(answer, Ok(Verdict::Mismatch) | Err(HashError::Unreadable));
    assert!(refused, "{damaged:?} gives {answer:?}");
}

/// A PHC string without its last two fields, the salt and the hash.
fn parameters(hash: &PasswordHash) -> &str {
    let mut fields = hash.expose().rsplitn(3, '$');
    fields.nth(2).unwrap_or_default()
}
