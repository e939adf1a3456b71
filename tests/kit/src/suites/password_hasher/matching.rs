//! Which password matches a hash: the one that it was made of, byte for byte.

use kunci_domain::ports::{PasswordHasher, Verdict};

use super::steps::{PASSWORD, check, hash, only_itself};

/// Of the password itself, and today's hashes are not outdated.
pub fn the_right_password_matches(hasher: &dyn PasswordHasher) {
    let hash = hash(hasher, PASSWORD);
    check(hasher, PASSWORD, &hash, Verdict::Match);
    check(hasher, PASSWORD, &hash, Verdict::Match);
}

/// Of no other password, and not of another's hash.
pub fn another_password_does_not_match(hasher: &dyn PasswordHasher) {
    let (ours, theirs) = (hash(hasher, PASSWORD), hash(hasher, "Tr0ub4dor&3"));
    check(hasher, "Tr0ub4dor&3", &ours, Verdict::Mismatch);
    check(hasher, PASSWORD, &theirs, Verdict::Mismatch);
}

/// Neither less nor more than the password will do.
pub fn a_part_of_the_password_does_not_match(hasher: &dyn PasswordHasher) {
    let less = [
        "correct horse battery stapl",
        "orrect horse battery staple",
        "c",
        "",
    ];
    only_itself(hasher, PASSWORD, &less);
    only_itself(
        hasher,
        PASSWORD,
        &["correct horse battery staple!", "!correct horse battery staple"],
    );
    only_itself(
        hasher,
        PASSWORD,
        &["correct horse battery staplecorrect horse battery staple"],
    );
}

/// Upper and lower case are told apart, also beyond ASCII.
pub fn case_counts(hasher: &dyn PasswordHasher) {
    only_itself(
        hasher,
        PASSWORD,
        &["Correct horse battery staple", "CORRECT HORSE BATTERY STAPLE"],
    );
    only_itself(
        hasher,
        "straße ärger",
        &["STRASSE ÄRGER", "straße Ärger", "strasse ärger"],
    );
}

/// White space at the ends and inside is part of the password.
pub fn spaces_count(hasher: &dyn PasswordHasher) {
    let trimmed = [
        "Pass word",
        " Pass word",
        "Pass word ",
        " Pass  word ",
        " Password ",
        "\tPass word ",
    ];
    only_itself(hasher, " Pass word ", &trimmed);
    only_itself(
        hasher,
        "Pass word\r\n",
        &["Pass word", "Pass word\n", "Pass word\r"],
    );
    only_itself(hasher, "Pass\u{a0}word", &["Pass word"]);
}

/// What looks the same but has other bytes is another password: no normalisation (OWASP ASVS 5.0, 6.2.8).
pub fn unicode_forms_are_different_passwords(hasher: &dyn PasswordHasher) {
    only_itself(
        hasher,
        "caf\u{e9} au lait",
        &["cafe\u{301} au lait", "cafe au lait"],
    );
    only_itself(hasher, "\u{fb01}nger", &["finger"]);
    only_itself(hasher, "\u{212b}ngstr\u{f6}m", &["\u{c5}ngstr\u{f6}m"]);
}

/// The limits of other schemes and of short buffers are not ours: 72 bytes of bcrypt, 128, 255, 256.
pub fn nothing_is_cut_off(hasher: &dyn PasswordHasher) {
    for kept in [64, 72, 128, 255, 256] {
        let start = "x".repeat(kept);
        let whole = format!("{start}1");
        only_itself(
            hasher,
            &whole,
            &[&start, &format!("{start}2"), &format!("{whole}1")],
        );
    }
}

/// A NUL is a byte like any other.
pub fn nothing_ends_at_a_nul(hasher: &dyn PasswordHasher) {
    only_itself(
        hasher,
        "before\0after",
        &["before", "before\0", "before\0other", "beforeafter"],
    );
    only_itself(hasher, "\0", &["", "\0\0"]);
}

/// Whether it may be chosen is decided elsewhere; here it is a password with its own hash.
pub fn the_empty_password_is_a_password(hasher: &dyn PasswordHasher) {
    only_itself(hasher, "", &[" ", "\0", PASSWORD]);
}

/// As long a password as may be chosen, in the longest characters there are.
pub fn characters_of_four_bytes_count(hasher: &dyn PasswordHasher) {
    let foxes = "\u{1f98a}".repeat(256);
    let one_less = "\u{1f98a}".repeat(255);
    only_itself(hasher, &foxes, &[&one_less, &format!("{one_less}\u{1f98b}")]);
}

/// A password that is presented may have any length: 64 KiB here.
pub fn a_long_text_counts_to_its_end(hasher: &dyn PasswordHasher) {
    let text = "0123456789abcdef".repeat(4_096);
    let shorter = &text[..text.len() - 1];
    only_itself(hasher, &text, &[shorter, &format!("{shorter}F")]);
}
