//! What can go wrong before a mail is in its folder, and the one mapping to the port's error.

use std::path::PathBuf;

use kunci_domain::ports::{Cause, MailError};
use thiserror::Error;

/// Why a folder for mails cannot be used.
#[derive(Debug, Error)]
#[error("{} cannot be used as a folder for mails", path.display())]
pub struct OpenError {
    /// The folder.
    pub path: PathBuf,
    /// What the system says.
    pub source: std::io::Error,
}

/// No message could be made, as what should tell it from others could break a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("what tells a message from others is of letters, digits and hyphens")]
pub struct ComposeError;

pub(crate) fn failed(cause: impl Into<Cause>) -> MailError {
    MailError::Failed(cause.into())
}
