//! The server's secret, and what it is good for: signing cookies, and sealing the seeds of second factors.
//!
//! Left out: where it is kept, which is said by `secret_file` and the settings.

use std::sync::Arc;

use kunci_domain::ports::{Entropy, EntropyError};
use kunci_sealer::XChaChaSealer;
use kunci_web::{SessionCookie, SigningKey, SigningKeyError};
use zeroize::Zeroizing;

/// A secret of 32 bytes or more, wiped when dropped.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes a secret; `None` when it is too short.
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        (SigningKey::MIN_LEN <= bytes.len()).then(|| Self(Zeroizing::new(bytes.to_vec())))
    }
}

/// The secret in use, and those that were in use before.
pub(crate) struct Keys {
    current: Secret,
    former: Vec<Secret>,
}

impl Keys {
    /// The first is in use; `None` when there is none.
    pub(crate) fn new(mut secrets: Vec<Secret>) -> Option<Self> {
        if secrets.is_empty() {
            return None;
        }
        Some(Self {
            current: secrets.remove(0),
            former: secrets,
        })
    }

    /// A secret that ends with the process, and with it everybody's cookies.
    pub(crate) fn passing(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut secret = Zeroizing::new(vec![0; SigningKey::MIN_LEN]);
        entropy.fill(&mut secret)?;
        Ok(Self {
            current: Secret(secret),
            former: Vec::new(),
        })
    }

    /// The session cookie, signed under these secrets.
    pub(crate) fn cookie(&self, https: bool) -> Result<SessionCookie, SigningKeyError> {
        let key = |secret: &Secret| SigningKey::new(&secret.0);
        let former = self.former.iter().map(key).collect::<Result<_, _>>()?;
        Ok(SessionCookie::new(https, key(&self.current)?, former))
    }

    /// What seals under these secrets; the label under which it derives its key is its own.
    pub(crate) fn sealer(&self, entropy: Arc<dyn Entropy>) -> Result<XChaChaSealer, SigningKeyError> {
        let former: Vec<&[u8]> = self.former.iter().map(|secret| &secret.0[..]).collect();
        XChaChaSealer::new(&self.current.0, &former, entropy).map_err(|_| SigningKeyError)
    }
}
