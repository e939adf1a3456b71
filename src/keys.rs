//! The server's secret keys, which sign cookies and encrypt the secrets of second factors.

#[cfg(feature = "server")]
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "server")]
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kunci_crypto::{XChaChaSealer, derive_key};
use kunci_domain::DecoyKey;
use kunci_domain::ports::{Entropy, EntropyError};
use kunci_web::{CookieName, SessionCookie, SigningKey, SigningKeyError};
use zeroize::Zeroizing;

/// A secret of 32 bytes or more. It is wiped when dropped, and `Debug` does not show it.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<Vec<u8>>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    /// Makes a secret, or returns `None` if it is too short.
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        (SigningKey::MIN_LEN <= bytes.len()).then(|| Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Decodes hexadecimal digits. Returns `None` for any other text, and if the secret is too short.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        // Reserved at once, so that growing leaves no copy in memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len().div_ceil(2)));
        for pair in text.as_bytes().chunks(2) {
            let byte = digit(*pair.first()?)? * 16 + digit(*pair.get(1)?)?;
            bytes.push(u8::try_from(byte).ok()?);
        }
        Self::new(&bytes)
    }

    /// Decodes hexadecimal digits or base64url. A text that contains only hexadecimal digits is always
    /// decoded as such.
    ///
    /// # Errors
    /// A clause that says what is wrong.
    #[cfg(feature = "server")]
    pub(crate) fn parse(text: &str) -> Result<Self, Cow<'static, str>> {
        if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Self::from_hex(text).ok_or_else(|| "it is not at least 32 pairs of digits".into());
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(text.trim_end_matches('='))
            .map(Zeroizing::new);
        let bytes = bytes.map_err(|_| "it is neither hexadecimal nor base64url")?;
        Self::new(&bytes).ok_or_else(|| "it is shorter than 32 bytes".into())
    }
}

/// The current secret, and the earlier ones that are still accepted.
pub(crate) struct Keys {
    current: Secret,
    earlier: Vec<Secret>,
}

impl Keys {
    /// Takes the current secret and then the earlier ones. Returns `None` for an empty list.
    pub(crate) fn new(mut secrets: Vec<Secret>) -> Option<Self> {
        let current = (!secrets.is_empty()).then(|| secrets.remove(0))?;
        let earlier = secrets;
        Some(Self { current, earlier })
    }

    /// Makes a secret that is lost when the process ends, which invalidates all cookies.
    pub(crate) fn temporary(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut secret = Zeroizing::new(vec![0; SigningKey::MIN_LEN]);
        entropy.fill(&mut secret)?;
        let (current, earlier) = (Secret(secret), Vec::new());
        Ok(Self { current, earlier })
    }

    /// Returns the session cookie of that name, signed with these secrets.
    pub(crate) fn cookie(&self, name: &CookieName, https: bool) -> Result<SessionCookie, SigningKeyError> {
        let key = |secret: &Secret| SigningKey::new(&secret.0);
        let earlier = self.earlier.iter().map(key).collect::<Result<_, _>>()?;
        Ok(SessionCookie::new(name, https, key(&self.current)?, earlier))
    }

    /// Returns the key that assigns decoys to unknown names, derived from the current secret.
    pub(crate) fn decoy_key(&self) -> Result<DecoyKey, SigningKeyError> {
        const LABEL: &[u8] = b"kunci: the key that assigns decoys to names, first version";
        let key = derive_key(&self.current.0, LABEL).map_err(|_| SigningKeyError)?;
        Ok(DecoyKey::new(*key))
    }

    /// Returns a sealer that derives its keys from these secrets under a label of its own.
    pub(crate) fn sealer(&self, entropy: Arc<dyn Entropy>) -> Result<XChaChaSealer, SigningKeyError> {
        let earlier: Vec<&[u8]> = self.earlier.iter().map(|secret| &secret.0[..]).collect();
        XChaChaSealer::new(&self.current.0, &earlier, entropy).map_err(|_| SigningKeyError)
    }
}
