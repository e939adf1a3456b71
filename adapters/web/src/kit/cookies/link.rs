//! The link cookie, which moves the token of a link out of the address bar, where others could see it.
//!
//! The form of the link page reads the token from the cookie. The token is a secret of 256 bits that the
//! store checks, so the cookie is not signed.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use kunci_domain::LinkToken;

use super::CookieName;

const NAME: CookieName = CookieName {
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
    /// Returns the token in the request's cookie.
    pub(crate) fn read(self, headers: &HeaderMap) -> Option<LinkToken> {
        let value = NAME.values(self.https, headers).next()?;
        LinkToken::parse(std::str::from_utf8(value).ok()?).ok()
    }

    /// Returns the `Set-Cookie` header for a token.
    pub(crate) fn set(self, token: &LinkToken) -> Option<HeaderValue> {
        NAME.set(self.https, &token.expose(), Some(MAX_AGE))
    }

    /// Returns the `Set-Cookie` header that removes the cookie.
    pub(crate) fn remove(self) -> Option<HeaderValue> {
        NAME.remove(self.https)
    }
}
