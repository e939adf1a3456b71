//! The session cookie. A forged value is refused without reading a store.
//!
//! The value is 32 random bytes and their HMAC-SHA-256 under the secret key, in base64url without padding
//! (RFC 4648, section 5).

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};
use kunci_domain::use_cases::CookieAction;
use kunci_domain::{OpenSession, SessionToken};

use super::key::{SigningKey, TAG_LEN};
use super::{Cookie, CookieName};

const SIGNED_LEN: usize = SessionToken::LEN + TAG_LEN;

/// The session cookie on http or https, with the keys that sign it and the other cookies, and their names.
#[derive(Debug)]
pub struct SessionCookie {
    session: Cookie,
    pub(super) device: Cookie,
    pub(super) link: Cookie,
    left: Cookie,
    current: SigningKey,
    fallbacks: Vec<SigningKey>,
}

/// A valid session cookie of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Presented {
    pub(crate) token: SessionToken,
    /// Whether a retired key signed the cookie, so the client needs a newly signed one.
    pub(crate) outdated: bool,
}

/// The maximum number of valid cookies of one request for which a store is asked.
const MAX_PRESENTED: usize = 4;

impl SessionCookie {
    /// Creates the cookie. On https, it is `Secure` and its name has the prefix `__Host-`.
    ///
    /// `fallbacks` are retired keys whose signatures are still accepted.
    #[must_use]
    pub fn new(name: &CookieName, https: bool, current: SigningKey, fallbacks: Vec<SigningKey>) -> Self {
        let cookie = |suffix| Cookie::new(name, suffix, https);
        Self {
            session: cookie(""),
            device: cookie("-device"),
            link: cookie("-link"),
            left: cookie("-left"),
            current,
            fallbacks,
        }
    }

    /// Returns whether the cookie is for https only.
    pub(crate) const fn is_secure(&self) -> bool {
        self.session.https
    }

    /// Returns the key that signs new cookies.
    pub(super) const fn current(&self) -> &SigningKey {
        &self.current
    }

    /// Returns every key whose signatures are accepted, the current one first.
    pub(super) fn keys(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.current).chain(&self.fallbacks)
    }

    /// Returns the session cookies of the request whose signatures are valid, each value once.
    ///
    /// On http, other applications on the host can set cookies of the same name. The size of a head limits their
    /// number, and thus the work for invalid ones.
    pub(crate) fn presented(&self, headers: &HeaderMap) -> impl Iterator<Item = Presented> {
        let mut seen = Vec::new();
        let values = self.session.values(headers);
        let valid = values.filter_map(|value| self.verify(value));
        let distinct = valid.filter(move |presented| {
            let is_new = !seen.contains(&presented.token);
            seen.push(presented.token.clone());
            is_new
        });
        distinct.take(MAX_PRESENTED)
    }

    fn verify(&self, value: &[u8]) -> Option<Presented> {
        let mut signed = [0; SIGNED_LEN];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(value, &mut signed).ok()?;
        if length != SIGNED_LEN {
            return None;
        }
        let (token, tag) = signed.split_first_chunk::<{ SessionToken::LEN }>()?;
        let signer = self.keys().position(|key| key.verify(&[token], tag))?;
        Some(Presented {
            token: SessionToken::from_bytes(*token),
            outdated: signer != 0,
        })
    }

    /// Returns the `Set-Cookie` header if the token was issued, changed or removed.
    pub(crate) fn header(&self, session: &OpenSession) -> Option<HeaderValue> {
        match session.cookie_action() {
            CookieAction::Keep => None,
            CookieAction::Remove => self.removal(),
            CookieAction::Issue { token, max_age } => self.session.set(&self.sign(token), max_age),
        }
    }

    /// Returns the `Set-Cookie` header that removes the cookie.
    pub(crate) fn removal(&self) -> Option<HeaderValue> {
        self.session.remove()
    }

    /// Returns a `Set-Cookie` header for a cookie without meaning that expires after one second.
    ///
    /// Sign-out sets it because browsers react to the change of a cookie.
    pub(crate) fn change_marker(&self) -> Option<HeaderValue> {
        self.left.set("1", Some(Duration::from_secs(1)))
    }

    /// Returns whether a pair of a `Cookie` header is one of Kunci's cookies, whose names begin with that of the
    /// session cookie.
    pub(super) fn owns(&self, pair: &[u8]) -> bool {
        pair.starts_with(self.session.name.as_bytes())
    }

    /// Returns the token that the client gets with a response.
    pub(crate) fn issued(&self, response: &HeaderMap) -> Option<Presented> {
        let mut lines = response.get_all(header::SET_COOKIE).iter();
        lines.find_map(|line| {
            let rest = line.as_bytes().strip_prefix(self.session.name.as_bytes())?;
            let value = rest.strip_prefix(b"=")?.split(|byte| *byte == b';').next()?;
            self.verify(value)
        })
    }

    /// Returns the cookie value for a token.
    fn sign(&self, token: &SessionToken) -> String {
        let mut signed = [0; SIGNED_LEN];
        signed[..SessionToken::LEN].copy_from_slice(token.expose());
        signed[SessionToken::LEN..].copy_from_slice(&self.current.tag(&[token.expose()]));
        BASE64_URL_SAFE_NO_PAD.encode(signed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed_with(key_byte: u8, fallbacks: &[u8]) -> SessionCookie {
        let key = |byte| SigningKey::new(&[byte; 32]).unwrap();
        let fallbacks = fallbacks.iter().map(|byte| key(*byte)).collect();
        SessionCookie::new(&CookieName::default(), false, key(key_byte), fallbacks)
    }

    fn cookie() -> SessionCookie {
        signed_with(1, &[2])
    }

    fn read(lines: &[&str]) -> Vec<Presented> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_str(line).unwrap());
        }
        cookie().presented(&headers).collect()
    }

    #[track_caller]
    fn check(name: &str, lines: &[&str], want: &[&Presented]) {
        assert_eq!(read(lines).iter().collect::<Vec<_>>(), want, "{name}");
    }

    #[test]
    fn only_signed_values_are_accepted() {
        let token = SessionToken::from_bytes([7; 32]);
        let good = cookie().sign(&token);
        let old = signed_with(2, &[]).sign(&token);
        let foreign = signed_with(3, &[]).sign(&token);
        let fresh = Presented {
            token: token.clone(),
            outdated: false,
        };
        let outdated = Presented {
            token,
            outdated: true,
        };
        let other = SessionToken::from_bytes([8; 32]);
        let second = cookie().sign(&other);
        let other = Presented {
            token: other,
            outdated: false,
        };
        let crowd: Vec<String> = (0..200).map(|n| format!("c{n}=v")).collect();

        check("one cookie", &[&format!("kunci={good}")], &[&fresh]);
        check("among others", &[&format!("a=b; kunci={good}; c=d")], &[&fresh]);
        check(
            "after 200 others",
            &[&format!("{}; kunci={good}", crowd.join("; "))],
            &[&fresh],
        );
        check(
            "same value twice",
            &[&format!("kunci={good}; kunci={good}")],
            &[&fresh],
        );
        check(
            "in a second header",
            &["a=b", &format!("kunci={good}")],
            &[&fresh],
        );
        check(
            "signed with a retired key",
            &[&format!("kunci={old}")],
            &[&outdated],
        );
        check(
            "under both keys",
            &[&format!("kunci={good}; kunci={old}")],
            &[&fresh],
        );
        check(
            "among invalid ones",
            &[&format!(
                "kunci=; kunci=x; kunci={foreign}; kunci={good}; kunci=y"
            )],
            &[&fresh],
        );
        check(
            "two valid ones",
            &[&format!("kunci={second}; kunci={good}; kunci={second}")],
            &[&other, &fresh],
        );
        check("no cookie", &[], &[]);
        check("empty", &["kunci="], &[]);
        check("signed with a foreign key", &[&format!("kunci={foreign}")], &[]);
        check("truncated", &[&format!("kunci={}", &good[..85])], &[]);
        check("too long", &[&format!("kunci={good}A")], &[]);
        check("padded", &[&format!("kunci={good}==")], &[]);
        check("not base64url", &[&format!("kunci={}!", &good[..85])], &[]);
        check(
            "under another name",
            &[&format!("xkunci={good}; kuncix={good}")],
            &[],
        );
    }

    #[test]
    fn number_of_valid_values_is_limited() {
        let tokens = (0..9).map(|n| cookie().sign(&SessionToken::from_bytes([n; 32])));
        let pairs: Vec<String> = tokens.map(|value| format!("kunci={value}")).collect();
        assert_eq!(read(&[&pairs.join("; ")]).len(), MAX_PRESENTED);
    }

    /// The last of the 86 characters encodes two bits of the 64 bytes. Its other four bits must be zero.
    #[test]
    fn nonzero_trailing_bits_are_refused() {
        let mut value = cookie().sign(&SessionToken::from_bytes([7; 32])).into_bytes();
        assert_eq!(value.len(), 86);
        let last = value.last_mut().unwrap();
        assert!(b"AQgw".contains(last));
        *last += 1;
        let value = String::from_utf8(value).unwrap();
        check(&value, &[&format!("kunci={value}")], &[]);
    }

    #[test]
    fn changing_any_character_is_refused() {
        let good = cookie().sign(&SessionToken::from_bytes([7; 32]));
        for at in 0..good.len() {
            let mut altered = good.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            check(&altered, &[&format!("kunci={altered}")], &[]);
        }
    }
}
