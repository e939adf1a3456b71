//! The key file and the cookies of a database that was filled, in the form that `adapters/web` documents.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use kunci_domain::SessionToken;
use kunci_domain::ports::Entropy;
use kunci_rand::RandEntropy;
use sha2::Sha256;

use crate::Outcome;

/// Signs cookies under a key.
pub struct Signer(Hmac<Sha256>);

impl Signer {
    /// Makes a key and writes it to a new `secret.key` in a data folder.
    ///
    /// # Errors
    /// When there is such a file already, or it cannot be written.
    pub fn with_new_key_in(data: &Path) -> Outcome<Self> {
        let mut key = [0; 32];
        RandEntropy.fill(&mut key)?;
        let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = data.join("secret.key");
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        writeln!(file, "{digits}")?;
        Self::of(&key)
    }

    /// Signs under a key that is known already.
    ///
    /// # Errors
    /// Never, as HMAC takes keys of any length.
    pub fn of(key: &[u8]) -> Outcome<Self> {
        Ok(Self(Hmac::new_from_slice(key)?))
    }

    /// The cookie of a token, as a client without https sends it.
    #[must_use]
    pub fn cookie(&self, token: &SessionToken) -> String {
        let mut mac = self.0.clone();
        mac.update(token.expose());
        let signed = [token.expose().as_slice(), &mac.finalize().into_bytes()].concat();
        format!("kunci={}", Base64UrlUnpadded::encode_string(&signed))
    }
}
