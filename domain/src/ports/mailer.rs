//! The port for sending mail.

use thiserror::Error;

use crate::mail::Mail;
use crate::ports::Cause;
use crate::time::Timestamp;

/// Accepts mails for delivery.
///
/// # Contract
/// - Once `send` has returned, the mail survives the end of the process. It is delivered, or retried for as
///   long as the adapter documents.
/// - `send` does not wait for a remote server.
/// - A mail to [`Recipient::Nobody`](crate::mail::Recipient::Nobody) costs as much as any other mail and is
///   then dropped.
/// - The queue is bounded. If it is full, `send` returns [`MailError::Full`]. A mailer may keep the last part of
///   its room for notices and links to reset a password, because strangers can cause most other mails.
pub trait Mailer: Send + Sync {
    /// Accepts a mail for delivery.
    ///
    /// # Errors
    /// Any [`MailError`]; the mail is then not sent.
    fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError>;
}

/// Why a mail was not accepted.
#[derive(Debug, Error)]
pub enum MailError {
    /// The queue is full.
    #[error("too many mails are waiting for delivery")]
    Full,
    /// The mail could not be stored.
    #[error("the mail could not be stored for delivery")]
    Failed(#[source] Cause),
}
