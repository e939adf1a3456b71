//! The interface between the queue and the SMTP connection.

use kunci_domain::EmailAddress;

/// Delivers one message at a time.
pub(crate) trait Delivery: Send {
    /// Hands a message over to the server, which is then responsible for it. Blocks until the server answers
    /// or a timeout expires.
    fn deliver(&self, to: &EmailAddress, message: &[u8]) -> Result<(), DeliveryError>;
}

/// The reason for a failed delivery. The texts never quote addresses or answers of the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DeliveryError {
    /// The server will never accept this message.
    Permanent(String),
    /// The server may accept this message later.
    Temporary(String),
    /// The server accepts no messages at the moment.
    Unreachable(String),
}
