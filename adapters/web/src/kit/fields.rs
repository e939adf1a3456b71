//! The fields of a request body: a form on page routes, a JSON object under `/api/`.
//!
//! One handler serves both. Unknown form fields are ignored, because the forms of pages send the extra
//! fields `form` and `form_id`. Unknown JSON keys are refused, because they are mistakes of the client.

use http::HeaderMap;
use serde::de::Error as _;
use serde_json::Value;
use zeroize::Zeroize;

use crate::errors::Error;
use crate::kit::forms::{Form, FormError};
use crate::kit::json_body::{self, JsonError};

/// Key that a JSON object may have, with the type of its value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key {
    Text(&'static str),
    Choice(&'static str),
    Number(&'static str),
}

impl Key {
    const fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Choice(name) | Self::Number(name) => name,
        }
    }

    fn takes(self, value: &Value) -> bool {
        match self {
            Self::Text(_) => value.is_string(),
            Self::Choice(_) => value.is_boolean(),
            Self::Number(_) => value.is_u64(),
        }
    }
}

/// The fields of a request body.
///
/// The values may be secrets: the type has no `Debug`, and the values are zeroized on drop.
pub(crate) enum Fields {
    Form(Form),
    Json(Values),
}

/// Keys and values of a JSON object, zeroized on drop.
#[derive(Default)]
pub(crate) struct Values(Vec<(&'static str, String)>);

impl Drop for Values {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            value.zeroize();
        }
    }
}

impl Fields {
    /// Parses a body as a form.
    ///
    /// # Errors
    /// Any [`FormError`].
    pub(crate) fn of_form(headers: &HeaderMap, body: &[u8]) -> Result<Self, FormError> {
        Form::parse(headers, body).map(Self::Form)
    }

    /// Parses a body as a JSON object with these keys.
    ///
    /// # Errors
    /// Any [`JsonError`].
    pub(crate) fn of_json(headers: &HeaderMap, body: &[u8], keys: &[Key]) -> Result<Self, JsonError> {
        object(headers, body, keys).map(Self::Json)
    }

    /// Returns a form without fields, for an empty body.
    pub(crate) fn none() -> Self {
        Self::Form(Form::default())
    }

    /// Returns the value of a field, or `None` if it is absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        match self {
            Self::Form(form) => form.get(name),
            Self::Json(values) => {
                let mut values = values.0.iter();
                values
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| value.as_str())
            }
        }
    }

    /// Returns the value of a required field.
    ///
    /// # Errors
    /// [`FormError::Missing`] or [`JsonError::Shape`] if the field is absent.
    pub(crate) fn require(&self, name: &'static str) -> Result<&str, Error> {
        self.get(name).ok_or_else(|| match self {
            Self::Form(_) => FormError::Missing(name).into(),
            Self::Json(_) => wrong_shape("a key is missing").into(),
        })
    }

    /// Returns the new password.
    ///
    /// # Errors
    /// [`Error::PasswordsDiffer`] if the field `repeat_password` has another value. Programs may omit this field.
    pub(crate) fn new_password(&self) -> Result<&str, Error> {
        let new = self.require("new_password")?;
        if self.get("repeat_password").is_some_and(|repeat| repeat != new) {
            return Err(Error::PasswordsDiffer);
        }
        Ok(new)
    }

    /// Returns whether a checkbox is ticked, or `default` if the field is absent.
    ///
    /// # Errors
    /// [`FormError::BadValue`] if the value is not a known word.
    pub(crate) fn choice(&self, name: &'static str, default: bool) -> Result<bool, Error> {
        match self {
            Self::Form(form) => Ok(form.choice(name, default)?),
            Self::Json(_) => Ok(self.get(name).map_or(default, |value| value == "true")),
        }
    }
}

fn object(headers: &HeaderMap, body: &[u8], keys: &[Key]) -> Result<Values, JsonError> {
    let Value::Object(object) = json_body::parse_value(headers, body)? else {
        return Err(wrong_shape("expected an object"));
    };
    let mut values = Values::default();
    for (name, value) in object {
        let key = keys.iter().find(|key| key.name() == name && key.takes(&value));
        let key = key.ok_or_else(|| wrong_shape("a key is unknown or its value has the wrong type"))?;
        values.0.push((key.name(), text(value)));
    }
    Ok(values)
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn wrong_shape(why: &str) -> JsonError {
    JsonError::Shape(serde_json::Error::custom(why))
}
