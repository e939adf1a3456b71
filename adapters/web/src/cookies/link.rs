//! The link cookie: it carries the token of a link from the address bar, where others could see it, to the
//! form that acts on it.
//!
//! The token is a secret of 256 bits that a store knows, hence it is not signed.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use kunci_domain::LinkToken;

use super::Name;

const NAME: Name = Name {
    http: "kunci-link",
    https: "__Host-kunci-link",
};
const MAX_AGE: Duration = Duration::from_secs(15 * 60);

/// The link cookie on http or https.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkCookie {
    pub(crate) https: bool,
}

impl LinkCookie {
    /// The token that a request carries.
    pub(crate) fn read(self, headers: &HeaderMap) -> Option<LinkToken> {
        let value = NAME.values(self.https, headers).next()?;
        LinkToken::parse(std::str::from_utf8(value).ok()?).ok()
    }

    /// The `Set-Cookie` header that hands a token to the client.
    pub(crate) fn set(self, token: &LinkToken) -> Option<HeaderValue> {
        NAME.set(self.https, &token.expose(), Some(MAX_AGE))
    }

    /// The `Set-Cookie` header that makes the client forget it.
    pub(crate) fn remove(self) -> Option<HeaderValue> {
        NAME.remove(self.https)
    }
}
