//! The passwords that guessers try first.
//!
//! `common-passwords.txt` has 8,354 of them, eight characters or more, lower case, sorted by bytes.
//! It is the part with that length of the list that Django ships with `CommonPasswordValidator`,
//! compiled by Royce Williams from published breaches (Django is under the BSD 3-clause licence).
//!
//! The program has a digest of 32 bits of each, which takes less than half of the text. So one in half a
//! million passwords that are not common is refused as if it were; its user chooses another.

mod digest;

use digest::digest;

/// Four bytes each, in ascending order; the build script makes them.
static DIGESTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/common-passwords"));

/// Whether the list has this password, or one with the same digest; `folded` is in lower case.
pub(crate) fn contains(folded: &str) -> bool {
    let (digests, _) = DIGESTS.as_chunks();
    let wanted = digest(folded.as_bytes());
    digests
        .binary_search_by_key(&wanted, |bytes| u32::from_le_bytes(*bytes))
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::{DIGESTS, contains};

    static SORTED_LINES: &str = include_str!("common-passwords.txt");

    #[test]
    fn list_is_sorted_lower_case_and_long_enough_for_asvs_6_2_4() {
        let lines: Vec<&str> = SORTED_LINES.lines().collect();
        assert!(lines.len() >= 3_000, "only {} lines", lines.len());
        assert!(lines.is_sorted());
        for line in lines {
            assert!(line.chars().count() >= 8, "{line:?} is short");
            assert_eq!(line, line.to_lowercase());
        }
    }

    #[test]
    fn every_listed_password_is_found_and_its_neighbours_are_not() {
        for line in SORTED_LINES.lines() {
            assert!(contains(line), "{line:?} is not found");
            assert!(
                !contains(&format!("{line}\u{1}")),
                "{line:?} with a tail is found"
            );
        }
        for absent in ["", "\n", "correct horse battery staple", "\u{10ffff}"] {
            assert!(!contains(absent), "{absent:?} is found");
        }
    }

    #[test]
    fn so_few_others_are_refused_that_it_does_not_matter() {
        assert_eq!(DIGESTS.len(), 4 * SORTED_LINES.lines().count());
        let refused = (0..1_000_000).filter(|n| contains(&format!("a password, number {n}")));
        assert!(refused.count() <= 10);
    }
}
