//! Strict parsing of forms as browsers send them.

use std::borrow::Cow;
use std::collections::HashSet;

use http::{HeaderMap, header};
use percent_encoding::percent_decode;
use thiserror::Error;
use zeroize::Zeroize;

/// The fields of an `application/x-www-form-urlencoded` body, each at most once.
///
/// The values may be secrets: `Debug` shows the names only, and the values are zeroized on drop.
#[derive(Default)]
pub struct Form(Vec<(String, String)>);

/// Why a form is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormError {
    /// `Content-Type` is not `application/x-www-form-urlencoded`.
    #[error("send the form as application/x-www-form-urlencoded")]
    MediaType,
    /// A percent sign is not followed by two hexadecimal digits.
    #[error("the form has a % that is not followed by two hexadecimal digits")]
    PercentEncoding,
    /// A name or a value is not valid UTF-8.
    #[error("the form is not in UTF-8")]
    Utf8,
    /// A field appears more than once.
    #[error("the field {0} appears more than once")]
    Repeated(String),
    /// A required field is absent.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field has a value that is not accepted.
    #[error("the field {0} has an invalid value")]
    BadValue(&'static str),
}

impl Form {
    /// Parses a body.
    ///
    /// # Errors
    /// Any [`FormError`] but [`FormError::Missing`].
    pub(crate) fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, FormError> {
        if !has_type(headers, "application/x-www-form-urlencoded") {
            return Err(FormError::MediaType);
        }
        let mut form = Self(Vec::new());
        // Without the set, 64 KiB of short fields would take a quarter of a second.
        let mut seen = HashSet::new();
        for (name, value) in pairs(body) {
            let (name, value) = (decode(name)?, decode(value)?);
            if !seen.insert(name.clone()) {
                return Err(FormError::Repeated(printable(&name)));
            }
            form.0.push((name, value));
        }
        Ok(form)
    }

    /// Returns the value of a field, or `None` if it is absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the value of a required field.
    ///
    /// # Errors
    /// [`FormError::Missing`] if it is absent.
    pub fn require(&self, name: &'static str) -> Result<&str, FormError> {
        self.get(name).ok_or(FormError::Missing(name))
    }

    /// Returns whether a checkbox is ticked, or `default` if the field is absent.
    ///
    /// # Errors
    /// [`FormError::BadValue`] if the value is not a known word.
    pub fn choice(&self, name: &'static str, default: bool) -> Result<bool, FormError> {
        match self.get(name) {
            None => Ok(default),
            Some("on" | "true" | "yes" | "1") => Ok(true),
            Some("off" | "false" | "no" | "0" | "") => Ok(false),
            Some(_) => Err(FormError::BadValue(name)),
        }
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            value.zeroize();
        }
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// Returns the value of a field in a query, or `None` if it is absent, repeated or not properly encoded.
///
/// Other pairs are ignored, whatever they contain: links gain pairs that Kunci does not know, such as those of
/// trackers.
pub(crate) fn query_value(query: &str, name: &str) -> Option<String> {
    let is_named = |key| decode(key).is_ok_and(|key| key == name);
    let mut values = pairs(query.as_bytes()).filter(|(key, _)| is_named(key));
    let (_, value) = values.next()?;
    match values.next() {
        None => decode(value).ok(),
        Some(_) => None,
    }
}

/// Splits a form or a query into encoded names and values.
fn pairs(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let pairs = text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        (&pair[..end], pair.get(end + 1..).unwrap_or_default())
    })
}

/// Returns whether `Content-Type` is the media type `essence`. Its parameters are ignored.
pub(crate) fn has_type(headers: &HeaderMap, essence: &str) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let named = value.and_then(|value| value.split(';').next());
    named.is_some_and(|named| named.trim().eq_ignore_ascii_case(essence))
}

fn decode(part: &[u8]) -> Result<String, FormError> {
    if !percent_encoding_is_valid(part) {
        return Err(FormError::PercentEncoding);
    }
    let spaced: Vec<u8> = part
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let decoded = percent_decode(&spaced).decode_utf8().map(Cow::into_owned);
    decoded.map_err(|_| FormError::Utf8)
}

/// Returns whether every percent sign is followed by two hexadecimal digits.
pub(crate) fn percent_encoding_is_valid(part: &[u8]) -> bool {
    let digit = |at: usize| part.get(at).is_some_and(u8::is_ascii_hexdigit);
    let mut signs = part.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    signs.all(|(at, _)| digit(at + 1) && digit(at + 2))
}

/// Shortens a field name from a client and removes its control characters, so that a message can quote it.
fn printable(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &[u8]) -> Result<Vec<(String, String)>, FormError> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            "Application/X-WWW-Form-Urlencoded; charset=utf-8"
                .parse()
                .unwrap(),
        );
        Form::parse(&headers, body).map(|form| form.0.clone())
    }

    #[track_caller]
    fn check(body: &[u8], want: Result<&[(&str, &str)], FormError>) {
        let want = want.map(|pairs| {
            pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect()
        });
        assert_eq!(parse(body), want, "{:?}", String::from_utf8_lossy(body));
    }

    #[test]
    fn forms_are_parsed_strictly() {
        check(b"", Ok(&[]));
        check(b"a=1&b=2", Ok(&[("a", "1"), ("b", "2")]));
        check(b"a=1&&b", Ok(&[("a", "1"), ("b", "")]));
        check(b"a=+%2B%25%3D=%26", Ok(&[("a", " +%==&")]));
        check(b"p=%C3%A9%00x", Ok(&[("p", "é\0x")]));
        check("p=é".as_bytes(), Ok(&[("p", "é")]));
        check(b"a=%", Err(FormError::PercentEncoding));
        check(b"a=%4", Err(FormError::PercentEncoding));
        check(b"a=%zz", Err(FormError::PercentEncoding));
        check(b"%g0=1", Err(FormError::PercentEncoding));
        check(b"a=%C3", Err(FormError::Utf8));
        check(b"a=\xff", Err(FormError::Utf8));
        check(b"a=1&a=1", Err(FormError::Repeated("a".into())));
        check(b"a=1&%61=2", Err(FormError::Repeated("a".into())));
    }

    #[test]
    fn forms_require_their_media_type() {
        for kind in [
            "",
            "application/json",
            "multipart/form-data; boundary=x",
            "text/plain",
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            assert_eq!(
                Form::parse(&headers, b"a=1").err(),
                Some(FormError::MediaType),
                "{kind}"
            );
        }
    }

    #[test]
    fn unknown_choice_values_are_refused() {
        let form = Form(vec![
            ("y".into(), "on".into()),
            ("n".into(), "off".into()),
            ("b".into(), "maybe".into()),
        ]);
        assert_eq!(form.choice("y", false), Ok(true));
        assert_eq!(form.choice("n", true), Ok(false));
        assert_eq!(form.choice("absent", true), Ok(true));
        assert_eq!(form.choice("b", true), Err(FormError::BadValue("b")));
    }

    #[test]
    fn debug_shows_names_only() {
        assert_eq!(
            format!("{:?}", Form(vec![("password".into(), "secret".into())])),
            r#"["password"]"#
        );
    }
}
