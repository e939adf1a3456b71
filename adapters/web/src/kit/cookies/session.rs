//! The session cookie. A forged value is refused without reading a store.
//!
//! The value is 32 random bytes and their HMAC-SHA-256 under the secret key, in base64url without padding
//! (RFC 4648, section 5).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};
use kunci_domain::use_cases::CookieAction;
use kunci_domain::{OpenSession, SessionToken};

use super::CookieName;
use super::key::{SigningKey, TAG_LEN};

const NAME: CookieName = CookieName {
    http: "kunci",
    https: "__Host-kunci",
};
const SIGNED_LEN: usize = SessionToken::LEN + TAG_LEN;

/// The session cookie on http or https, with the keys that sign it and the other cookies.
#[derive(Debug)]
pub struct SessionCookie {
    https: bool,
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
    /// Creates the cookie: `__Host-kunci` with `Secure` on https, `kunci` on http.
    ///
    /// `fallbacks` are retired keys whose signatures are still accepted.
    #[must_use]
    pub const fn new(https: bool, current: SigningKey, fallbacks: Vec<SigningKey>) -> Self {
        Self {
            https,
            current,
            fallbacks,
        }
    }

    /// Returns whether the cookie is for https only.
    pub(crate) const fn is_secure(&self) -> bool {
        self.https
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
        let values = NAME.values(self.https, headers);
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
            CookieAction::Issue { token, max_age } => NAME.set(self.https, &self.sign(token), max_age),
        }
    }

    /// Returns the `Set-Cookie` header that removes the cookie.
    pub(crate) fn removal(&self) -> Option<HeaderValue> {
        NAME.remove(self.https)
    }

    /// Returns the token that the client gets with a response.
    pub(crate) fn issued(&self, response: &HeaderMap) -> Option<Presented> {
        let mut lines = response.get_all(header::SET_COOKIE).iter();
        lines.find_map(|line| {
            let rest = line.as_bytes().strip_prefix(NAME.on(self.https).as_bytes())?;
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

    fn cookie(https: bool) -> SessionCookie {
        let key = |byte| SigningKey::new(&[byte; 32]).unwrap();
        SessionCookie::new(https, key(1), vec![key(2)])
    }

    fn read(lines: &[&str]) -> Vec<Presented> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_str(line).unwrap());
        }
        cookie(false).presented(&headers).collect()
    }

    #[track_caller]
    fn check(name: &str, lines: &[&str], want: &[&Presented]) {
        assert_eq!(read(lines).iter().collect::<Vec<_>>(), want, "{name}");
    }

    #[test]
    fn only_signed_values_are_accepted() {
        let token = SessionToken::from_bytes([7; 32]);
        let good = cookie(false).sign(&token);
        let old = SessionCookie::new(false, SigningKey::new(&[2; 32]).unwrap(), vec![]).sign(&token);
        let foreign = SessionCookie::new(false, SigningKey::new(&[3; 32]).unwrap(), vec![]).sign(&token);
        let fresh = Presented {
            token: token.clone(),
            outdated: false,
        };
        let outdated = Presented {
            token,
            outdated: true,
        };
        let other = SessionToken::from_bytes([8; 32]);
        let second = cookie(false).sign(&other);
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
        let tokens = (0..9).map(|n| cookie(false).sign(&SessionToken::from_bytes([n; 32])));
        let pairs: Vec<String> = tokens.map(|value| format!("kunci={value}")).collect();
        assert_eq!(read(&[&pairs.join("; ")]).len(), MAX_PRESENTED);
    }

    /// The last of the 86 characters encodes two bits of the 64 bytes. Its other four bits must be zero.
    #[test]
    fn nonzero_trailing_bits_are_refused() {
        let mut value = cookie(false)
            .sign(&SessionToken::from_bytes([7; 32]))
            .into_bytes();
        assert_eq!(value.len(), 86);
        let last = value.last_mut().unwrap();
        assert!(b"AQgw".contains(last));
        *last += 1;
        let value = String::from_utf8(value).unwrap();
        check(&value, &[&format!("kunci={value}")], &[]);
    }

    #[test]
    fn changing_any_character_is_refused() {
        let good = cookie(false).sign(&SessionToken::from_bytes([7; 32]));
        for at in 0..good.len() {
            let mut altered = good.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            check(&altered, &[&format!("kunci={altered}")], &[]);
        }
    }
}
