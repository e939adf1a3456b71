//! Codes as people type and paste them.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Returns the letters and digits of a code, with the digits of every script in ASCII.
///
/// Spaces, dashes, line ends, hidden characters and quotation marks are left out, and letters of full width
/// become ordinary ones. This only helps the owner: a code has the same entropy in each of these forms.
pub(crate) fn letters_and_digits(text: &str) -> impl Iterator<Item = char> + '_ {
    let kept = text.nfkc().filter(|c| c.is_alphanumeric());
    kept.map(|c| digit(c).unwrap_or(c))
}

/// Returns the ASCII digit for a decimal digit of any script.
///
/// Unicode encodes decimal digits in runs of ten, in the order of their values (section 4.6), so the number
/// of digits directly before one gives its value.
fn digit(c: char) -> Option<char> {
    let is_digit = |code: u32| {
        char::from_u32(code).is_some_and(|c| c.general_category() == GeneralCategory::DecimalNumber)
    };
    let before = (0..=u32::from(c))
        .rev()
        .take_while(|code| is_digit(*code))
        .count();
    char::from_digit(u32::try_from(before.checked_sub(1)? % 10).ok()?, 10)
}
