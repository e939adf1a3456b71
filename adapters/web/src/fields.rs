//! What a client sends to a route: a form on page routes, a JSON object under `/api/`, read by the same handler.
//!
//! Forms may have more fields than a handler reads, as pages say of themselves that they are pages; JSON may
//! not, because a program that sends a key which nobody knows is mistaken.

use serde::de::Error as _;
use serde_json::Value;
use zeroize::Zeroize;

use crate::errors::Error;
use crate::forms::{Form, FormError};
use crate::json_body::{self, JsonError};
use crate::request::Request;

/// A key that a JSON object may have, and the kind of its value.
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

/// The values that came, each under one name.
///
/// They may be secrets: there is no `Debug` of them, and they are wiped when dropped.
pub(crate) enum Fields {
    Form(Form),
    Json(Values),
}

/// Keys and their values; wiped when dropped.
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
    /// Reads the body of a request.
    ///
    /// # Errors
    /// Any [`FormError`] or [`JsonError`].
    pub(crate) fn of(request: &Request, keys: &[Key]) -> Result<Self, Error> {
        if request.is_api() {
            Ok(Self::Json(object(request, keys)?))
        } else {
            Ok(Self::Form(request.form()?))
        }
    }

    /// A form without fields, for a body that is empty.
    pub(crate) fn none() -> Self {
        Self::Form(Form::default())
    }

    /// The value of a field, if it came.
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

    /// The value of a field that is needed.
    ///
    /// # Errors
    /// That it is missing.
    pub(crate) fn require(&self, name: &'static str) -> Result<&str, Error> {
        self.get(name).ok_or_else(|| match self {
            Self::Form(_) => FormError::Missing(name).into(),
            Self::Json(_) => wrong_shape("a key is missing").into(),
        })
    }

    /// Whether a box is ticked; `absent` when the field did not come.
    ///
    /// # Errors
    /// [`FormError::BadValue`].
    pub(crate) fn choice(&self, name: &'static str, absent: bool) -> Result<bool, Error> {
        match self {
            Self::Form(form) => Ok(form.choice(name, absent)?),
            Self::Json(_) => Ok(self.get(name).map_or(absent, |value| value == "true")),
        }
    }
}

fn object(request: &Request, keys: &[Key]) -> Result<Values, JsonError> {
    let Value::Object(object) = json_body::parse_value(request.headers(), request.body())? else {
        return Err(wrong_shape("an object is asked for"));
    };
    let mut values = Values::default();
    for (name, value) in object {
        let key = keys.iter().find(|key| key.name() == name && key.takes(&value));
        let key = key.ok_or_else(|| wrong_shape("a key is unknown, or its value of another type"))?;
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
