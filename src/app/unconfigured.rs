//! Ports of an app that was built without them and that have no useful default. Each refuses its work and
//! says what is missing.

use kunci_domain::mail::Mail;
use kunci_domain::ports::{MailError, Mailer, SessionDirectory, StoreError};
use kunci_domain::{Session, SessionKey, Timestamp, UserId};

/// Lists no sessions, because the app has a session store of its own and no directory for it.
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
