//! The link cookie, which moves the token of a link out of the address bar, where others could see it.
//!
//! Only the page to which the link leads reads the cookie. Its form carries the token itself, so another link
//! that is opened in the meantime does not change what the form does. The value is the token, a dot, and an
//! HMAC-SHA-256 over a label and the token, so that cookies which other applications on the host set are ignored.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue};
use kunci_domain::LinkToken;

use super::key::TAG_LEN;
use super::session::SessionCookie;

const MAX_AGE: Duration = Duration::from_secs(15 * 60);

/// Label at the start of the signed data.
const LABEL: &[u8] = b"kunci link cookie";

/// The link cookie, with the keys of the session cookie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkCookie<'s>(pub(crate) &'s SessionCookie);

impl LinkCookie<'_> {
    /// Returns the token in the request's cookie.
    pub(crate) fn read(self, headers: &HeaderMap) -> Option<LinkToken> {
        self.0.link.values(headers).find_map(|value| self.verify(value))
    }

    fn verify(self, value: &[u8]) -> Option<LinkToken> {
        let (token, signature) = std::str::from_utf8(value).ok()?.split_once('.')?;
        let mut tag = [0; TAG_LEN];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(signature, &mut tag).ok()?;
        let mut keys = self.0.keys();
        let is_valid = keys.any(|key| key.verify(&[LABEL, token.as_bytes()], &tag[..length]));
        LinkToken::parse(token).ok().filter(|_| is_valid)
    }

    /// Returns the `Set-Cookie` header for a token.
    pub(crate) fn set(self, token: &LinkToken) -> Option<HeaderValue> {
        let token = token.expose();
        let tag = self.0.current().tag(&[LABEL, token.as_bytes()]);
        let value = format!("{}.{}", *token, BASE64_URL_SAFE_NO_PAD.encode(tag));
        self.0.link.set(&value, Some(MAX_AGE))
    }

    /// Returns the `Set-Cookie` header that removes the cookie.
    pub(crate) fn remove(self) -> Option<HeaderValue> {
        self.0.link.remove()
    }
}
