//! Sends mail through an SMTP server.
//!
//! [`SmtpMailer`] writes every mail to a spool folder. A thread delivers the spool to one server and retries
//! when the server is unavailable. Recipients' own servers (MX), DKIM and bounces are left to that server.

mod backoff;
mod credentials;
mod delivery;
#[cfg(test)]
mod fake_server;
mod mailer;
#[cfg(test)]
mod mailer_tests;
mod queue;
#[cfg(test)]
mod queue_tests;
mod server;
mod smtp_delivery;
#[cfg(test)]
mod smtp_delivery_tests;

pub use credentials::Credentials;
pub use mailer::{OpenError, SmtpMailer};
pub use server::{Encryption, Server, UrlError};
pub use smtp_delivery::TIMEOUT;
