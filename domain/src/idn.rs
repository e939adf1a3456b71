//! Domain names beyond ASCII: one form for all spellings of a name, and the form that the DNS has.
//!
//! The mapping is that of UTS #46. Characters that no registry accepts are not refused, because the tables
//! for this would make the minimal build too large; mail to such a domain cannot be delivered.

use idna::punycode;
use unicode_normalization::UnicodeNormalization;

use crate::hidden::is_hidden;

/// The beginning of a label in punycode (RFC 5890, section 2.3.2.1).
const PREFIX: &str = "xn--";

/// Returns the domain in its readable form: in lower case and normalisation form KC, without punycode.
///
/// A label in punycode stays if it has hidden characters, or is not the punycode of a label in this form.
pub(crate) fn readable(domain: &str) -> String {
    let domain = mapped(domain);
    domain
        .split('.')
        .map(readable_label)
        .collect::<Vec<_>>()
        .join(".")
}

/// Returns a readable domain with punycode for each label beyond ASCII.
pub(crate) fn ascii(domain: &str) -> String {
    domain.split('.').map(ascii_label).collect::<Vec<_>>().join(".")
}

/// Maps the letters, and the full stop of Chinese and Japanese keyboards. Normalisation can reveal capitals,
/// and lower case can leave its form.
fn mapped(text: &str) -> String {
    let lower = text.nfkc().flat_map(char::to_lowercase);
    lower.nfkc().map(|c| if c == '。' { '.' } else { c }).collect()
}

fn readable_label(label: &str) -> String {
    let decoded = label.strip_prefix(PREFIX).and_then(punycode::decode_to_string);
    decoded
        .filter(|text| mapped(text) == *text && ascii_label(text) == label && !text.contains(is_hidden))
        .unwrap_or_else(|| label.to_owned())
}

fn ascii_label(label: &str) -> String {
    let encoded = (!label.is_ascii()).then(|| punycode::encode_str(label)).flatten();
    encoded.map_or_else(|| label.to_owned(), |code| format!("{PREFIX}{code}"))
}
