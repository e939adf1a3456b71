//! The file that contains the secret keys.
//!
//! It has one key per line, in hexadecimal. The first is the current one, the others are still accepted. To
//! rotate the key, add a line at the top. Remove the old line when its sessions have expired and no second
//! factor from its time is left.
//! The file is created at the first start and is readable by its owner only.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use kunci_domain::ports::{Entropy, EntropyError};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::keys::Secret;

/// Reasons why the keys cannot be read.
#[derive(Debug, Error)]
pub enum SecretFileError {
    /// The file cannot be read or created.
    #[error("the secret key file {} cannot be used: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// Other users can read the file (OWASP ASVS 5.0, 13.2.2).
    #[error("the secret key file {} is readable by other users; run chmod 600 on it", .0.display())]
    Exposed(PathBuf),
    /// The file does not contain keys.
    #[error("the secret key file {} must contain one key per line, each of 64 or more hexadecimal digits", .0.display())]
    Malformed(PathBuf),
    /// The system provided no randomness for a key.
    #[error("no secret key could be generated")]
    Entropy(#[from] EntropyError),
}

/// Reads the keys, the current one first. If the file does not exist, creates it with one key. Two processes
/// that start at the same time agree on one key.
///
/// # Errors
/// Any [`SecretFileError`].
pub(crate) fn load_or_create(path: &Path, entropy: &dyn Entropy) -> Result<Vec<Secret>, SecretFileError> {
    let io = |source| unusable(path, source);
    if !path.try_exists().map_err(io)? {
        create(path, entropy)?;
    }
    let mode = path.metadata().map_err(io)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(SecretFileError::Exposed(path.to_owned()));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(io)?);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys: Option<Vec<Secret>> = lines.map(Secret::from_hex).collect();
    let keys = keys.filter(|keys| !keys.is_empty());
    keys.ok_or_else(|| SecretFileError::Malformed(path.to_owned()))
}

fn unusable(path: &Path, source: io::Error) -> SecretFileError {
    let path = path.to_owned();
    SecretFileError::Io { path, source }
}

/// Writes a new key to a draft and links it into place. So no process reads half a key, and a process that
/// comes second does not replace the key of the first.
fn create(path: &Path, entropy: &dyn Entropy) -> Result<(), SecretFileError> {
    let io = |source| unusable(path, source);
    let mut key = Zeroizing::new([0; 32]);
    entropy.fill(&mut *key)?;
    let mut text = Zeroizing::new(String::with_capacity(65));
    for byte in *key {
        text.push_str(&format!("{byte:02x}"));
    }
    text.push('\n');
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    write_private(&draft, text.as_bytes()).map_err(io)?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).map_err(io)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(io(error)),
        _ => Ok(()),
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
