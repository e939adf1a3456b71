//! What every value parser of the settings shares: the reason for a refusal.
//!
//! Left out: the message around it, which `error` composes from the setting and its source.

use std::borrow::Cow;

/// Why a text is no value of a setting: a clause without the text itself.
///
/// The text is left to the message around it, which alone knows whether it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) Cow<'static, str>);

impl From<&'static str> for Refusal {
    fn from(why: &'static str) -> Self {
        Refusal(Cow::Borrowed(why))
    }
}

impl From<String> for Refusal {
    fn from(why: String) -> Self {
        Refusal(Cow::Owned(why))
    }
}

impl From<crate::store_url::StoreUrlError> for Refusal {
    fn from(error: crate::store_url::StoreUrlError) -> Self {
        Refusal(error.0)
    }
}

/// Splits a list at its commas and parses each item; spaces around an item do not count.
///
/// An empty text is the empty list.
pub(super) fn list<T>(text: &str, item: fn(&str) -> Result<T, Refusal>) -> Result<Vec<T>, Refusal> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(|part| item(part.trim())).collect()
}
