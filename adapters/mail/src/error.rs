//! Errors of the outbox, and their mapping to the port's error.

use std::path::PathBuf;

use kunci_domain::ports::{Cause, MailError};
use thiserror::Error;

/// The mail folder cannot be used.
#[derive(Debug, Error)]
#[error("cannot use {} as a mail folder", path.display())]
pub struct OpenError {
    /// The folder.
    pub path: PathBuf,
    /// The error of the operating system.
    pub source: std::io::Error,
}

/// A message cannot be composed.
#[derive(Debug, Error)]
pub enum ComposeError {
    /// The id contains a character that could break a header.
    #[error("invalid message id: expected letters, digits and hyphens")]
    Id,
    /// The message builder refused a header.
    #[error("cannot build the message")]
    Build(#[from] lettre::error::Error),
}

pub(crate) fn failed(cause: impl Into<Cause>) -> MailError {
    MailError::Failed(cause.into())
}
