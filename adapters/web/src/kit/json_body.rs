//! Strict parsing of JSON bodies: the correct media type, UTF-8, and no repeated key at any depth.

use std::fmt;

use http::HeaderMap;
use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::kit::forms::has_type;

/// Why a JSON body is refused.
#[derive(Debug, Error)]
pub enum JsonError {
    /// `Content-Type` is not `application/json`.
    #[error("send the body as application/json")]
    MediaType,
    /// The body is not valid JSON, or repeats a key.
    #[error("the body is not valid JSON: {0}")]
    Syntax(#[source] serde_json::Error),
    /// The body has an integer that would be rounded.
    #[error("an integer has at most 64 bits; send a larger one as a string")]
    LargeInteger,
    /// The body is valid JSON, but not what the route expects. The cause may quote the body, which may
    /// contain a password, so the message omits it.
    #[error("the body does not have the expected keys and types")]
    Shape(#[source] serde_json::Error),
}

/// Parses a body as a JSON value.
///
/// # Errors
/// Any [`JsonError`].
pub(crate) fn parse_value(headers: &HeaderMap, body: &[u8]) -> Result<Value, JsonError> {
    if !has_type(headers, "application/json") {
        return Err(JsonError::MediaType);
    }
    let Strict(value) = serde_json::from_slice(body).map_err(JsonError::Syntax)?;
    if has_large_integer(body) {
        return Err(JsonError::LargeInteger);
    }
    Ok(value)
}

/// Returns whether valid JSON has an integer beyond 64 bits, which `serde_json` would round.
///
/// Numbers with a fraction or an exponent have the precision that readers of JSON expect (RFC 8259,
/// section 6).
fn has_large_integer(json: &[u8]) -> bool {
    let mut in_string = false;
    let mut is_escaped = false;
    let mut outside = json.split(|byte| {
        let is_quote = *byte == b'"' && !is_escaped;
        is_escaped = in_string && *byte == b'\\' && !is_escaped;
        in_string ^= is_quote;
        in_string || !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
    });
    outside.any(is_large_integer)
}

fn is_large_integer(token: &[u8]) -> bool {
    let digits = token.strip_prefix(b"-").unwrap_or(token);
    let text = std::str::from_utf8(token).unwrap_or_default();
    let is_integer = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_integer && text.parse::<i64>().is_err() && text.parse::<u64>().is_err()
}

/// Parses a body and deserializes it.
///
/// # Errors
/// Any [`JsonError`].
pub(crate) fn parse<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, JsonError> {
    serde_json::from_value(parse_value(headers, body)?).map_err(JsonError::Shape)
}

/// JSON value without repeated keys. `serde_json` alone would keep the last value of a repeated key.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("a key appears more than once"));
            }
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, want: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, "application/json".parse().unwrap());
        let parsed = parse_value(&headers, body.as_bytes());
        assert_eq!(parsed.is_ok(), want, "{body}: {parsed:?}");
        if let Ok(value) = parsed {
            assert_eq!(value, serde_json::from_str::<Value>(body).unwrap());
        }
    }

    #[test]
    fn json_is_parsed_strictly() {
        check(r#"{"a":1,"b":[true,null,-2,1.5,"x",{}]}"#, true);
        check(r#""text""#, true);
        check(r#"{"a":1,"a":1}"#, false);
        check(r#"{"x":[{"a":1,"\u0061":2}]}"#, false);
        check("", false);
        check("{", false);
        check("1 2", false);
        check(&"[".repeat(10_000), false);
    }

    #[test]
    fn json_requires_its_media_type() {
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "",
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(http::header::CONTENT_TYPE, kind.parse().unwrap());
            assert!(
                matches!(parse_value(&headers, b"1"), Err(JsonError::MediaType)),
                "{kind}"
            );
        }
    }
}
