//! The passwords that guessers try first.
//!
//! `common-passwords.txt` holds 8,354 of them, eight characters or more, lower case, sorted by bytes.
//! It is the part with that length of the list that Django ships with `CommonPasswordValidator`,
//! compiled by Royce Williams from published breaches (Django is under the BSD 3-clause licence).

static SORTED_LINES: &str = include_str!("common-passwords.txt");

/// Whether the list has this password; `folded` is in lower case.
///
/// It searches the text in place, so that the list costs no memory beyond its own pages.
pub(crate) fn contains(folded: &str) -> bool {
    let (mut low, mut high) = (0, SORTED_LINES.len());
    while low < high {
        let (start, end) = line_around(low.midpoint(high));
        match SORTED_LINES.as_bytes()[start..end].cmp(folded.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

/// Where the line that holds this byte begins and ends, without its line feed.
fn line_around(at: usize) -> (usize, usize) {
    let bytes = SORTED_LINES.as_bytes();
    let start = bytes[..at]
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |before| before + 1);
    let end = bytes[at..]
        .iter()
        .position(|b| *b == b'\n')
        .map_or(bytes.len(), |more| at + more);
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::{SORTED_LINES, contains};

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
}
