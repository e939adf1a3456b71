//! The mailer of an app that was built without one. It refuses its work and says what is missing.

use kunci_domain::Timestamp;
use kunci_domain::mail::Mail;
use kunci_domain::ports::{MailError, Mailer};

/// Sends no mail, because the app has neither a mailer nor a place for an outbox.
pub(super) struct NoMailer;

impl Mailer for NoMailer {
    fn send(&self, _: &Mail, _: Timestamp) -> Result<(), MailError> {
        Err(MailError::Failed(
            "the app was built without a mailer, and without a database file and a public_url for an outbox"
                .into(),
        ))
    }
}
