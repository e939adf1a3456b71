//! The key file and the cookies of a filled database, in the format that `adapters/web` documents.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use kunci_domain::SessionToken;
use kunci_domain::ports::Entropy;
use kunci_crypto::RandEntropy;
use sha2::Sha256;

use crate::Outcome;

/// Signs cookies with a key.
pub struct Signer(Hmac<Sha256>);

impl Signer {
    /// Creates a key and writes it to a new `secret.key` in a data folder.
    ///
    /// # Errors
    /// Returns an error if the file exists or cannot be written.
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

    /// Creates a signer with an existing key.
    ///
    /// # Errors
    /// Never returns an error, because HMAC accepts keys of any length.
    pub fn of(key: &[u8]) -> Outcome<Self> {
        Ok(Self(Hmac::new_from_slice(key)?))
    }

    /// Returns the cookie for a token, as a client sends it over http.
    #[must_use]
    pub fn cookie(&self, token: &SessionToken) -> String {
        let mut mac = self.0.clone();
        mac.update(token.expose());
        let signed = [token.expose().as_slice(), &mac.finalize().into_bytes()].concat();
        format!("kunci={}", Base64UrlUnpadded::encode_string(&signed))
    }
}
