//! Compresses user agents, which are the longest part of most sessions.
//!
//! Each phrase that nearly every browser sends is stored as one control character; no user agent of a
//! `Device` contains control characters. A new phrase gets a new character, and a character is never reused.

use std::borrow::Cow;

/// Marks a text that contains control characters and is stored unchanged after this one.
const UNCHANGED: char = '\u{1f}';

/// The phrases and their characters. No phrase contains a later one.
const PHRASES: [(char, &str); 16] = [
    ('\u{1}', "Mozilla/5.0 (Windows NT 10.0; Win64; x64"),
    ('\u{2}', "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7"),
    ('\u{3}', "Mozilla/5.0 (X11; Linux x86_64"),
    ('\u{4}', "Mozilla/5.0 (iPhone; CPU iPhone OS "),
    ('\u{5}', "Mozilla/5.0 (Linux; Android 10; K"),
    ('\u{6}', "Mozilla/5.0 (Linux; Android "),
    ('\u{7}', "Mozilla/5.0 ("),
    ('\u{8}', ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/"),
    (
        '\u{b}',
        " like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/",
    ),
    ('\u{c}', ") AppleWebKit/605.1.15 (KHTML, like Gecko) Version/"),
    ('\u{e}', ".0.0.0 Mobile Safari/537.36"),
    ('\u{f}', ".0.0.0 Safari/537.36"),
    ('\u{10}', " Safari/604.1"),
    ('\u{11}', " Safari/605.1.15"),
    ('\u{12}', " Mobile/15E148"),
    ('\u{13}', ".0) Gecko/20100101 Firefox/"),
];

/// Returns the stored form of a text.
pub(crate) fn pack(text: &str) -> Cow<'_, str> {
    if text.contains(is_control) {
        return format!("{UNCHANGED}{text}").into();
    }
    let mut packed = Cow::Borrowed(text);
    for (short, phrase) in PHRASES {
        if packed.contains(phrase) {
            packed = packed.replace(phrase, short.encode_utf8(&mut [0; 4])).into();
        }
    }
    packed
}

/// Returns the text of a stored form, or `None` if it contains an unknown control character.
pub(crate) fn unpack(packed: &str) -> Option<String> {
    if let Some(text) = packed.strip_prefix(UNCHANGED) {
        return Some(text.to_owned());
    }
    let mut text = String::with_capacity(packed.len() * 3);
    let mut rest = packed;
    while let Some(at) = rest.find(is_control) {
        text.push_str(&rest[..at]);
        let (short, after) = rest[at..].split_at(1);
        text.push_str(PHRASES.iter().find(|(known, _)| short.starts_with(*known))?.1);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

const fn is_control(c: char) -> bool {
    c < ' '
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, at_most: usize) {
        let packed = pack(text);
        assert_eq!(unpack(&packed).as_deref(), Some(text), "{packed:?}");
        assert!(packed.len() <= at_most, "{packed:?} has {} bytes", packed.len());
    }

    #[test]
    fn user_agents_of_browsers_shrink_to_a_third() {
        check(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36",
            6,
        );
        check(
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Mobile Safari/537.36",
            6,
        );
        check(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
            7,
        );
        check(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
            12,
        );
        check(
            "Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0",
            16,
        );
        check(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36 Edg/146.0.0.0",
            20,
        );
    }

    #[test]
    fn any_other_text_round_trips() {
        for text in [
            "",
            "curl/8.5.0",
            "Ünïcödé 🦊",
            "\u{1}",
            "\u{1f}",
            "a\u{0}b",
            "\u{7}Mozilla/5.0 (",
        ] {
            check(text, text.len() + 1);
        }
    }

    #[test]
    fn each_phrase_has_its_own_character() {
        for (at, (short, phrase)) in PHRASES.iter().enumerate() {
            check(phrase, 1);
            assert!(is_control(*short) && *short != UNCHANGED);
            let taken = PHRASES[..at].iter().any(|(other, _)| other == short);
            assert!(!taken, "{short:?} stands for two phrases");
        }
    }

    #[test]
    fn unknown_control_character_is_refused() {
        assert_eq!(unpack("a\u{1e}b"), None);
    }
}
