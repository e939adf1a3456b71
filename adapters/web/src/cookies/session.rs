//! The session cookie: how a token travels, and how a forged one is refused without asking a store.
//!
//! The value is 32 random bytes and their HMAC-SHA-256 under the secret key, in base64url.
//! What the token stands for is the domain's affair.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue};
use kunci_domain::use_cases::Handover;
use kunci_domain::{OpenSession, SessionToken};

use super::Name;
use super::key::{SigningKey, TAG_LEN};

const NAME: Name = Name {
    http: "kunci",
    https: "__Host-kunci",
};
const SIGNED_LEN: usize = SessionToken::LEN + TAG_LEN;

/// The session cookie on http or https, and the keys that sign it and its siblings.
#[derive(Debug)]
pub struct SessionCookie {
    https: bool,
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
        Self {
            https,
            current,
            fallbacks,
        }
    }

    /// Whether it is for https only.
    pub(crate) const fn is_secure(&self) -> bool {
        self.https
    }

    /// The key that signs.
    pub(super) const fn current(&self) -> &SigningKey {
        &self.current
    }

    /// Every key whose signatures are honoured, the one that signs first.
    pub(super) fn keys(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.current).chain(&self.fallbacks)
    }

    /// The token that a request presents, if it is one of ours.
    ///
    /// Anything else under our name counts as nothing; the same value twice counts once.
    pub(crate) fn read(&self, headers: &HeaderMap) -> Result<Option<Presented>, Ambiguous> {
        let mut values = NAME.values(self.https, headers);
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.any(|other| other != value) {
            return Err(Ambiguous);
        }
        Ok(self.verify(value))
    }

    fn verify(&self, value: &[u8]) -> Option<Presented> {
        let mut signed = [0; SIGNED_LEN];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(value, &mut signed).ok()?;
        if length != SIGNED_LEN {
            return None;
        }
        let (token, tag) = signed.split_first_chunk::<{ SessionToken::LEN }>()?;
        let signer = self.keys().position(|key| key.fits(&[token], tag))?;
        Some(Presented {
            token: SessionToken::from_bytes(*token),
            outdated: signer != 0,
        })
    }

    /// The `Set-Cookie` header that tells the client what has become of its token, if anything.
    pub(crate) fn header(&self, session: &OpenSession) -> Option<HeaderValue> {
        match session.handover() {
            Handover::Keep => None,
            Handover::Remove => self.removal(),
            Handover::Issue { token, max_age } => NAME.set(self.https, &self.sign(token), max_age),
        }
    }

    /// The `Set-Cookie` header that makes the client forget its token.
    pub(crate) fn removal(&self) -> Option<HeaderValue> {
        NAME.remove(self.https)
    }

    /// The cookie's value for a token.
    fn sign(&self, token: &SessionToken) -> String {
        let mut signed = [0; SIGNED_LEN];
        signed[..SessionToken::LEN].copy_from_slice(token.expose());
        signed[SessionToken::LEN..].copy_from_slice(&self.current.tag(&[token.expose()]));
        BASE64_URL_SAFE_NO_PAD.encode(signed)
    }
}

#[cfg(test)]
mod tests {
    use http::header;

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
        check("padded", &[&format!("kunci={good}==")], &Ok(None));
        check("not base64url", &[&format!("kunci={}!", &good[..85])], &Ok(None));
        check(
            "of another name",
            &[&format!("xkunci={good}; kuncix={good}")],
            &Ok(None),
        );
    }

    /// The last character of 64 bytes carries two bits; its other four must be zero.
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
        check(&value, &[&format!("kunci={value}")], &Ok(None));
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
}
