//! Mails through an SMTP server.
//!
//! [`SmtpMailer`] writes every mail into a spool, which is an outbox, and a thread delivers what lies
//! there: to one server, with TLS, again and again when the server cannot be reached. Left out: finding
//! the recipients' own servers, signing (DKIM), and reports of mails that came back.

mod courier;
mod credentials;
#[cfg(test)]
mod fake_server;
mod mailer;
#[cfg(test)]
mod mailer_tests;
mod queue;
#[cfg(test)]
mod queue_tests;
mod retry;
mod server;
mod session;
#[cfg(test)]
mod session_tests;

pub use credentials::Credentials;
pub use mailer::{OpenError, SmtpMailer};
pub use server::{Encryption, Server, UrlError};
pub use session::TIMEOUT;
