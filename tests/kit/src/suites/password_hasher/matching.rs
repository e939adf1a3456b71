//! Promises about which passwords match a hash: the same bytes and nothing else.

use kunci_domain::ports::{PasswordHasher, Verdict};

use super::support::{PASSWORD, assert_matches_only, assert_verdict, hash};

/// Checks that a password matches its hash, and that a new hash is not outdated.
pub fn correct_password_matches(hasher: &dyn PasswordHasher) {
    let hash = hash(hasher, PASSWORD);
    assert_verdict(hasher, PASSWORD, &hash, Verdict::Match);
    assert_verdict(hasher, PASSWORD, &hash, Verdict::Match);
}

/// Checks that two passwords do not match each other's hashes.
pub fn different_password_does_not_match(hasher: &dyn PasswordHasher) {
    let (ours, theirs) = (hash(hasher, PASSWORD), hash(hasher, "Tr0ub4dor&3"));
    assert_verdict(hasher, "Tr0ub4dor&3", &ours, Verdict::Mismatch);
    assert_verdict(hasher, PASSWORD, &theirs, Verdict::Mismatch);
}

/// Checks that a shortened, extended or repeated password does not match.
pub fn part_of_the_password_does_not_match(hasher: &dyn PasswordHasher) {
    let less = [
        "correct horse battery stapl",
        "orrect horse battery staple",
        "c",
        "",
    ];
    assert_matches_only(hasher, PASSWORD, &less);
    assert_matches_only(
        hasher,
        PASSWORD,
        &["correct horse battery staple!", "!correct horse battery staple"],
    );
    assert_matches_only(
        hasher,
        PASSWORD,
        &["correct horse battery staplecorrect horse battery staple"],
    );
}

/// Checks that the case of letters is significant, also beyond ASCII.
pub fn case_is_significant(hasher: &dyn PasswordHasher) {
    assert_matches_only(
        hasher,
        PASSWORD,
        &["Correct horse battery staple", "CORRECT HORSE BATTERY STAPLE"],
    );
    assert_matches_only(
        hasher,
        "straße ärger",
        &["STRASSE ÄRGER", "straße Ärger", "strasse ärger"],
    );
}

/// Checks that white space at the ends and inside is significant.
pub fn whitespace_is_significant(hasher: &dyn PasswordHasher) {
    let trimmed = [
        "Pass word",
        " Pass word",
        "Pass word ",
        " Pass  word ",
        " Password ",
        "\tPass word ",
    ];
    assert_matches_only(hasher, " Pass word ", &trimmed);
    assert_matches_only(
        hasher,
        "Pass word\r\n",
        &["Pass word", "Pass word\n", "Pass word\r"],
    );
    assert_matches_only(hasher, "Pass\u{a0}word", &["Pass word"]);
}

/// Checks that passwords which look the same but differ in bytes are different passwords.
///
/// The password must be verified exactly as received (OWASP ASVS 5.0, 6.2.8).
pub fn unicode_is_not_normalised(hasher: &dyn PasswordHasher) {
    assert_matches_only(
        hasher,
        "caf\u{e9} au lait",
        &["cafe\u{301} au lait", "cafe au lait"],
    );
    assert_matches_only(hasher, "\u{fb01}nger", &["finger"]);
    assert_matches_only(hasher, "\u{212b}ngstr\u{f6}m", &["\u{c5}ngstr\u{f6}m"]);
}

/// Checks that passwords are not truncated at the limits of other schemes and short buffers: 64, 72
/// (bcrypt), 128, 255 and 256 bytes.
pub fn long_passwords_are_not_truncated(hasher: &dyn PasswordHasher) {
    for kept in [64, 72, 128, 255, 256] {
        let start = "x".repeat(kept);
        let password = format!("{start}1");
        assert_matches_only(
            hasher,
            &password,
            &[&start, &format!("{start}2"), &format!("{password}1")],
        );
    }
}

/// Checks that bytes after a NUL are significant.
pub fn nul_does_not_end_a_password(hasher: &dyn PasswordHasher) {
    assert_matches_only(
        hasher,
        "before\0after",
        &["before", "before\0", "before\0other", "beforeafter"],
    );
    assert_matches_only(hasher, "\0", &["", "\0\0"]);
}

/// Checks that the empty password matches only itself. The domain decides whether it may be chosen.
pub fn empty_password_has_its_own_hash(hasher: &dyn PasswordHasher) {
    assert_matches_only(hasher, "", &[" ", "\0", PASSWORD]);
}

/// Checks that passwords of 256 characters with four bytes each are significant to the end.
pub fn four_byte_characters_are_significant(hasher: &dyn PasswordHasher) {
    let foxes = "\u{1f98a}".repeat(256);
    let one_less = "\u{1f98a}".repeat(255);
    assert_matches_only(hasher, &foxes, &[&one_less, &format!("{one_less}\u{1f98b}")]);
}

/// Checks that a password of 64 KiB is significant to the end, since a client may send any length.
pub fn text_of_64_kib_is_significant_to_its_end(hasher: &dyn PasswordHasher) {
    let text = "0123456789abcdef".repeat(4_096);
    let shorter = &text[..text.len() - 1];
    assert_matches_only(hasher, &text, &[shorter, &format!("{shorter}F")]);
}
