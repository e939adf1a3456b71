//! The list of common passwords, which are refused.
//!
//! `common-passwords.txt` holds the 8,354 entries with at least eight characters from the list that Django
//! ships with `CommonPasswordValidator`, in lower case and sorted by bytes. Royce Williams compiled that list
//! from published breaches. Django is under the BSD 3-clause licence.
//!
//! Shorter entries are omitted, because `NewPassword` refuses every password of fewer than eight characters.

use std::sync::LazyLock;

static SORTED: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("common-passwords.txt").lines().collect());

/// Returns whether `folded`, a password in lower case, is on the list.
pub(crate) fn contains(folded: &str) -> bool {
    SORTED.binary_search(&folded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{SORTED, contains};
    use crate::password::NewPassword;
    use crate::username::fold;

    #[test]
    fn list_is_sorted_and_folded_and_meets_asvs_6_2_4() {
        assert!(SORTED.len() >= 3_000, "only {} entries", SORTED.len());
        assert!(SORTED.is_sorted());
        for entry in SORTED.iter() {
            assert!(
                entry.chars().count() >= NewPassword::MIN_CHARS,
                "{entry:?} is short"
            );
            assert_eq!(*entry, fold(entry));
        }
    }

    #[test]
    fn only_exact_entries_are_found() {
        for entry in SORTED.iter() {
            assert!(contains(entry), "{entry:?} is not found");
            let longer = format!("{entry}\u{1}");
            assert!(!contains(&longer), "{longer:?} is found");
        }
        for absent in ["", "\n", "correct horse battery staple", "\u{10ffff}"] {
            assert!(!contains(absent), "{absent:?} is found");
        }
    }

    #[test]
    fn passwords_that_are_not_listed_are_never_refused() {
        let mut unlisted = (0..1_000_000).map(|n| format!("a password, number {n}"));
        assert!(!unlisted.any(|password| contains(&password)));
    }
}
