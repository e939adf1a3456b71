//! The port for sending mail.

use thiserror::Error;

use crate::mail::Mail;
use crate::ports::Cause;
use crate::time::Timestamp;

/// Takes mails over for delivery.
///
/// # Contract
/// - Once `send` has returned, the mail survives the end of the process, and is delivered, or tried for
///   as long as the adapter says. It does not wait for anybody else's server.
/// - A mail to [`Recipient::Nobody`](crate::mail::Recipient::Nobody) costs what another one costs, and is
///   then dropped.
/// - What waits is bounded; beyond that, [`MailError::Full`].
pub trait Mailer: Send + Sync {
    /// Takes a mail over.
    ///
    /// # Errors
    /// Any [`MailError`]; then the mail is not sent.
    fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError>;
}

/// Why a mail was not taken over.
#[derive(Debug, Error)]
pub enum MailError {
    /// Too many wait for delivery.
    #[error("too many mails wait for delivery")]
    Full,
    /// It could not be kept.
    #[error("the mail could not be kept for delivery")]
    Failed(#[source] Cause),
}
