//! Types of values that are written as text: what each accepts, and how it is parsed, shown and documented.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use kunci_domain::Username;
use kunci_mail::Sender;
use kunci_transport::Listen;
use kunci_web::{CookieName, Origin, TrustedProxies, TrustedProxiesError};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroizing;

use crate::durations::in_largest_unit;
use crate::host::{self, Host};
use crate::keys::Secret;
use crate::store_url::StoreUrl;

#[cfg(feature = "smtp")]
pub(crate) use kunci_smtp::Server as SmtpServer;

/// A mail server. A build without the feature `smtp` has none.
#[cfg(not(feature = "smtp"))]
#[derive(Debug, Clone, Copy)]
pub(crate) enum SmtpServer {}

/// Why a value is refused, as a clause that does not repeat the value. Empty if only the form is wrong.
pub(crate) type Refusal = Cow<'static, str>;

/// A type whose values are written as text.
pub(crate) trait TextValue: Sized {
    /// Returns what `parse` accepts, to follow "expected".
    fn accepted() -> Cow<'static, str>;
    /// Returns a text that `parse` accepts. A secret has no such function.
    const SHOW: Option<fn(&Self) -> String>;

    /// Parses a text that is not empty and contains no control character.
    fn parse(text: &str) -> Result<Self, Refusal>;
}

/// Loads and documents a [`TextValue`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<T>(pub(crate) T);

impl<'de, T: TextValue> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer).map(Zeroizing::new)?;
        T::parse(&text).map(Self).map_err(de::Error::custom)
    }
}

impl<T: TextValue> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&T::SHOW.map_or_else(|| "(set)".to_owned(), |show| show(&self.0)))
    }
}

impl<T: TextValue> JsonSchema for Text<T> {
    fn schema_name() -> Cow<'static, str> {
        T::accepted()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = json_schema!({ "type": "string", "x-accepted": T::accepted() });
        if T::SHOW.is_none() {
            schema.insert("writeOnly".to_owned(), true.into());
        }
        schema
    }
}

/// Implements [`TextValue`] with its accepted texts, `parse` and `SHOW`.
macro_rules! text_values {
    ($($(#[$meta:meta])* $type:ty, $accepted:expr => $parse:expr, $show:expr;)+) => {
        $($(#[$meta])* impl TextValue for $type {
            const SHOW: Option<fn(&Self) -> String> = $show;

            fn accepted() -> Cow<'static, str> {
                $accepted.into()
            }

            fn parse(text: &str) -> Result<Self, Refusal> {
                $parse(text)
            }
        })+
    };
}

text_values! {
    Listen, "ADDRESS:PORT, localhost:PORT or unix:PATH" => listen, Some(Self::to_string);
    Host, "exact host names with an optional :PORT" => Self::parse, Some(Self::to_string);
    Origin, "http:// or https:// with a host and an optional port, without a path" =>
        host::origin, Some(|origin| origin.as_str().to_owned());
    Proxy, "addresses, networks such as 10.0.0.0/8, or unix for Unix sockets" => proxy, Some(|proxy| proxy.0.clone());
    StoreUrl, Self::forms() => |text| Self::parse(text).map_err(|error| error.0), Some(Self::show);
    Sender, "an address such as no-reply@example.org or Some Name <no-reply@example.org>" =>
        |text| Self::parse(text).map_err(|_| Refusal::default()), Some(Self::to_string);
    #[cfg(feature = "smtp")]
    SmtpServer, "smtps://HOST[:PORT] for TLS, smtp://HOST[:PORT] for STARTTLS, or smtp+plain://HOST[:PORT] on this machine" =>
        |text| Self::parse(text).map_err(|error| error.to_string().into()), Some(Self::to_string);
    #[cfg(not(feature = "smtp"))]
    SmtpServer, "no value, because this build lacks the feature smtp" => |_| Err(Refusal::default()), None;
    CookieName, "a name of at most 32 letters, digits, - and _ that begins with a letter" =>
        |text| Self::parse(text).ok_or_else(Refusal::default), Some(Self::to_string);
    Word, "words of at most 64 letters" => word, Some(|word| word.0.clone());
    Name, "user names" => name, Some(|name| name.0.clone());
    Secret, "at least 32 bytes as hexadecimal (64 digits or more) or base64url" => Self::parse, None;
    Password, "a password in one line" => |text: &str| Ok(Self(text.to_owned().into())), None;
}

/// Parses a listener. Names other than `localhost` are refused: their address can change between starts.
fn listen(text: &str) -> Result<Listen, Refusal> {
    if let Some(path) = text.strip_prefix("unix:") {
        let path = Some(path)
            .filter(|path| !path.is_empty())
            .ok_or("it has no path")?;
        return Ok(Listen::Unix(path.into()));
    }
    let local = text
        .strip_prefix("localhost:")
        .map(|port| format!("127.0.0.1:{port}"));
    let address = local.as_deref().unwrap_or(text).parse();
    address.map(Listen::Tcp).map_err(|_| Refusal::default())
}

/// A reverse proxy, or a network of them, whose forwarding headers are trusted.
#[derive(Debug, Clone)]
pub(crate) struct Proxy(pub(crate) String);

fn proxy(text: &str) -> Result<Proxy, Refusal> {
    match TrustedProxies::parse([text]) {
        Ok(proxy) => Ok(Proxy(proxy.to_string())),
        Err(TrustedProxiesError::Unreadable(_)) => Err(Refusal::default()),
        Err(TrustedProxiesError::EveryAddress(_)) => {
            Err("it lets every client choose its own address".into())
        }
    }
}

/// A word that passwords must not consist of.
#[derive(Debug, Clone)]
pub(crate) struct Word(pub(crate) String);

fn word(text: &str) -> Result<Word, Refusal> {
    let fits = text.chars().count() <= 64 && text.chars().all(char::is_alphabetic);
    fits.then(|| Word(text.to_owned())).ok_or_else(Refusal::default)
}

/// A username.
#[derive(Debug, Clone)]
pub(crate) struct Name(pub(crate) String);

fn name(text: &str) -> Result<Name, Refusal> {
    match Username::parse(text) {
        Ok(name) => Ok(Name(name.as_str().to_owned())),
        Err(error) => Err(error.to_string().into()),
    }
}

/// A password for the mail server. It is wiped when dropped, and `Debug` does not show it.
#[derive(Clone)]
#[cfg_attr(not(feature = "smtp"), allow(dead_code, reason = "only SMTP needs it"))]
pub(crate) struct Password(pub(crate) Zeroizing<String>);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// A duration in whole seconds, from `MIN` to `MAX` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Seconds<const MIN: u64, const MAX: u64>(
    #[serde(with = "humantime_serde")] pub(crate) Duration,
);

impl<const MIN: u64, const MAX: u64> Serialize for Seconds<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&in_largest_unit(self.0.as_secs()))
    }
}

impl<const MIN: u64, const MAX: u64> JsonSchema for Seconds<MIN, MAX> {
    fn schema_name() -> Cow<'static, str> {
        format!("Seconds from {MIN} to {MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let range = [MIN, MAX].map(in_largest_unit);
        json_schema!({ "type": "string", "format": "duration", "x-range": range })
    }
}
