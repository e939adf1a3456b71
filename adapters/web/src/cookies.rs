//! The session cookie: how a token travels, and how a forged one is refused without asking a store.
//!
//! The value is 32 random bytes and their HMAC-SHA-256 under the secret key, in base64url.
//! What the token stands for is the domain's affair.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, header};
use kunci_domain::use_cases::Handover;
use kunci_domain::{OpenSession, SessionToken};
use sha2::Sha256;
use thiserror::Error;

use crate::base64url;

const TAG_LEN: usize = 32;
const SIGNED_LEN: usize = SessionToken::LEN + TAG_LEN;
const TEXT_LEN: usize = (SIGNED_LEN * 4).div_ceil(3);

/// A secret under which cookies are signed: at least 256 bits.
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

/// The key is shorter than 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a secret key has at least 32 bytes")]
pub struct SigningKeyError;

impl SigningKey {
    /// The shortest key, in bytes (OWASP ASVS 5.0, 11.2.3).
    pub const MIN_LEN: usize = 32;

    /// Takes a key.
    ///
    /// # Errors
    /// When it is too short.
    pub fn new(secret: &[u8]) -> Result<Self, SigningKeyError> {
        if secret.len() < Self::MIN_LEN {
            return Err(SigningKeyError);
        }
        Hmac::new_from_slice(secret)
            .map(Self)
            .map_err(|_| SigningKeyError)
    }

    fn tag(&self, token: &SessionToken) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(token.expose());
        mac
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// The cookie's name, attributes and keys: everything but its value, in one place, so that setting,
/// renewing and removing it cannot differ.
#[derive(Debug)]
pub struct SessionCookie {
    https: bool,
    name: &'static str,
    attributes: &'static str,
    current: SigningKey,
    fallbacks: Vec<SigningKey>,
}

/// What a request presents.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Presented {
    pub(crate) token: SessionToken,
    /// Signed with a key that is being retired, so the client should get it signed anew.
    pub(crate) outdated: bool,
}

/// Two different session cookies came; there is no telling which one is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ambiguous;

impl SessionCookie {
    /// `__Host-kunci` with `Secure` on https, `kunci` on http. `fallbacks` are retired keys whose
    /// cookies are still honoured.
    #[must_use]
    pub const fn new(https: bool, current: SigningKey, fallbacks: Vec<SigningKey>) -> Self {
        let (name, attributes) = if https {
            ("__Host-kunci", "; Path=/; HttpOnly; SameSite=Lax; Secure")
        } else {
            ("kunci", "; Path=/; HttpOnly; SameSite=Lax")
        };
        Self {
            https,
            name,
            attributes,
            current,
            fallbacks,
        }
    }

    /// Whether it is for https only.
    pub(crate) const fn is_secure(&self) -> bool {
        self.https
    }

    /// The token that a request presents, if it is one of ours.
    ///
    /// Anything else under our name counts as nothing; the same value twice counts once.
    pub(crate) fn read(&self, headers: &HeaderMap) -> Result<Option<Presented>, Ambiguous> {
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .flat_map(|line| self.values(line.as_bytes()));
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.any(|other| other != value) {
            return Err(Ambiguous);
        }
        Ok(self.verify(value))
    }

    fn values<'h>(&self, line: &'h [u8]) -> impl Iterator<Item = &'h [u8]> {
        let name = self.name.as_bytes();
        line.split(|byte| *byte == b';')
            .map(<[u8]>::trim_ascii)
            .filter_map(move |pair| pair.strip_prefix(name)?.strip_prefix(b"="))
    }

    fn verify(&self, value: &[u8]) -> Option<Presented> {
        let signed: [u8; SIGNED_LEN] = base64url::decode::<TEXT_LEN, SIGNED_LEN>(value.try_into().ok()?)?;
        let (token, tag) = signed.split_first_chunk::<{ SessionToken::LEN }>()?;
        let token = SessionToken::from_bytes(*token);
        let signed_by = |key: &SigningKey| key.tag(&token).verify_slice(tag).is_ok();
        if signed_by(&self.current) {
            return Some(Presented {
                token,
                outdated: false,
            });
        }
        self.fallbacks.iter().any(signed_by).then_some(Presented {
            token,
            outdated: true,
        })
    }

    /// The `Set-Cookie` header that tells the client what has become of its token, if anything.
    pub(crate) fn header(&self, session: &OpenSession) -> Option<HeaderValue> {
        let (name, attributes) = (self.name, self.attributes);
        let cookie = match session.handover() {
            Handover::Keep => return None,
            Handover::Remove => return self.removal(),
            Handover::Issue { token, max_age: None } => format!("{name}={}{attributes}", self.sign(token)),
            Handover::Issue {
                token,
                max_age: Some(age),
            } => {
                format!(
                    "{name}={}{attributes}; Max-Age={}",
                    self.sign(token),
                    age.as_secs()
                )
            }
        };
        let mut value = HeaderValue::try_from(cookie).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The `Set-Cookie` header that makes the client forget its token.
    pub(crate) fn removal(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(format!("{}={}; Max-Age=0", self.name, self.attributes)).ok()
    }

    /// The cookie's value for a token.
    fn sign(&self, token: &SessionToken) -> String {
        let mut signed = [0; SIGNED_LEN];
        signed[..SessionToken::LEN].copy_from_slice(token.expose());
        signed[SessionToken::LEN..].copy_from_slice(&self.current.tag(token).finalize().into_bytes());
        Base64UrlUnpadded::encode_string(&signed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(https: bool) -> SessionCookie {
        let key = |byte| SigningKey::new(&[byte; 32]).unwrap();
        SessionCookie::new(https, key(1), vec![key(2)])
    }

    fn read(lines: &[&str]) -> Result<Option<Presented>, Ambiguous> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_str(line).unwrap());
        }
        cookie(false).read(&headers)
    }

    #[track_caller]
    fn check(name: &str, lines: &[&str], want: &Result<Option<Presented>, Ambiguous>) {
        assert_eq!(&read(lines), want, "{name}");
    }

    #[test]
    fn only_what_was_signed_is_read_back() {
        let token = SessionToken::from_bytes([7; 32]);
        let good = cookie(false).sign(&token);
        let old = SessionCookie::new(false, SigningKey::new(&[2; 32]).unwrap(), vec![]).sign(&token);
        let foreign = SessionCookie::new(false, SigningKey::new(&[3; 32]).unwrap(), vec![]).sign(&token);
        let fresh = Ok(Some(Presented {
            token: token.clone(),
            outdated: false,
        }));
        let outdated = Ok(Some(Presented {
            token,
            outdated: true,
        }));
        let crowd: Vec<String> = (0..200).map(|n| format!("c{n}=v")).collect();

        check("alone", &[&format!("kunci={good}")], &fresh);
        check("among others", &[&format!("a=b; kunci={good}; c=d")], &fresh);
        check(
            "after 200 others",
            &[&format!("{}; kunci={good}", crowd.join("; "))],
            &fresh,
        );
        check(
            "twice the same",
            &[&format!("kunci={good}; kunci={good}")],
            &fresh,
        );
        check("in a second header", &["a=b", &format!("kunci={good}")], &fresh);
        check("under a retired key", &[&format!("kunci={old}")], &outdated);
        check(
            "two different",
            &[&format!("kunci={good}; kunci={old}")],
            &Err(Ambiguous),
        );
        check("none", &[], &Ok(None));
        check("empty", &["kunci="], &Ok(None));
        check("of a foreign key", &[&format!("kunci={foreign}")], &Ok(None));
        check("cut short", &[&format!("kunci={}", &good[..85])], &Ok(None));
        check("too long", &[&format!("kunci={good}A")], &Ok(None));
        check("not base64url", &[&format!("kunci={}!", &good[..85])], &Ok(None));
        check(
            "of another name",
            &[&format!("xkunci={good}; kuncix={good}")],
            &Ok(None),
        );
    }

    #[test]
    fn a_change_of_any_character_is_refused() {
        let good = cookie(false).sign(&SessionToken::from_bytes([7; 32]));
        for at in 0..good.len() {
            let mut altered = good.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            check(&altered, &[&format!("kunci={altered}")], &Ok(None));
        }
    }

    #[test]
    fn keys_below_256_bits_are_refused_and_none_is_shown() {
        assert_eq!(SigningKey::new(&[1; 31]).map(|_| ()), Err(SigningKeyError));
        assert_eq!(
            format!("{:?}", SigningKey::new(&[65; 32]).unwrap()),
            "SigningKey(..)"
        );
    }
}
