//! What stands in for parts that whoever builds an app did not give, and that have no useful default: each
//! refuses its work, and says what is missing.

use kunci_domain::mail::Mail;
use kunci_domain::ports::{MailError, Mailer, SessionDirectory, StoreError};
use kunci_domain::{Session, SessionKey, Timestamp, UserId};

/// In place of what lists the sessions of a store of one's own.
pub(super) struct NoDirectory;

impl SessionDirectory for NoDirectory {
    fn list(
        &self,
        _: Option<UserId>,
        _: Option<&SessionKey>,
        _: u32,
        _: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        Err(StoreError::Unavailable {
            store: "the session directory",
            source: "the app was built with a session store of its own and without session_directory".into(),
        })
    }
}

/// In place of what sends mail.
pub(super) struct NoMailer;

impl Mailer for NoMailer {
    fn send(&self, _: &Mail, _: Timestamp) -> Result<(), MailError> {
        Err(MailError::Failed(
            "the app was built without a mailer, and without a database file and a public_url for an outbox"
                .into(),
        ))
    }
}
