//! Hidden characters: those that are invisible, or that change how the text around them is shown.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Returns whether `c` is a control or format character (Unicode Cc and Cf), a separator of lines or
/// paragraphs, or invisible.
///
/// Among the format characters are those that reverse the direction of text, and joiners.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    let is_ascii_text = (' '..='~').contains(&c);
    !is_ascii_text && (is_invisible(c) || has_hidden_category(c))
}

fn has_hidden_category(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    )
}

/// Returns whether `c` is one of the letters and marks in Unicode's `Default_Ignorable_Code_Point`: joiners,
/// Hangul fillers, inherent Khmer vowels, and variation selectors.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{34f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

/// Returns `text` with each hidden character as `\uXXXX`, for terminals and logs.
///
/// The form is that of JSON, so a JSON document keeps its meaning. Characters beyond U+FFFF become two of them.
///
/// ```
/// use kunci_domain::escape_hidden;
///
/// assert_eq!(escape_hidden("ada"), "ada");
/// assert_eq!(escape_hidden("ada\u{202e}\u{1b}[2J\n"), r"ada\u202e\u001b[2J\u000a");
/// ```
#[must_use]
pub fn escape_hidden(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a `String` never fails.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped.into()
}
