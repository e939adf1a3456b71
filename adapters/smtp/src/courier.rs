//! What the queue asks of whoever carries messages.

use kunci_domain::EmailAddress;

/// Carries one message at a time.
pub(crate) trait Courier: Send {
    /// Hands a message over to the server, which then answers for it. It may block for as long as the
    /// server takes to answer, within its deadlines.
    fn deliver(&self, to: &EmailAddress, message: &[u8]) -> Result<(), Refusal>;
}

/// Why a message was not handed over, in words that quote neither addresses nor what servers say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// This message will not be taken, ever.
    Never(String),
    /// This message may be taken later.
    Later(String),
    /// No message is taken at the moment.
    Unreachable(String),
}
