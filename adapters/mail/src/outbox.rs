//! An outbox that writes every mail to a file, for an operator or for `kunci-smtp`.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use kunci_domain::Timestamp;
use kunci_domain::mail::{Mail, Recipient};
use kunci_domain::ports::{Entropy, MailError, Mailer};

use crate::capacity::Priority;
use crate::composer::Composer;
use crate::error::{OpenError, failed};
use crate::folder::{Folder, Message, Retention};

/// A [`Mailer`] that writes mails to a folder as `.eml` files.
///
/// - The folder has mode 0700 and its files 0600, because the links give access to accounts.
/// - When `send` returns, the mail is on the disk. After a crash the file is complete or absent.
/// - A mail to nobody is written in the same way and then removed.
/// - The folder holds at most [`Outbox::MAX_MAILS`]. When it is full, `send` returns [`MailError::Full`]. The
///   last fifth takes no links to confirm an address, and the last tenth takes links to reset a password only.
pub struct Outbox {
    folder: Arc<Folder>,
    composer: Composer,
    entropy: Arc<dyn Entropy>,
}

impl Outbox {
    /// The default limit, in mails.
    pub const MAX_MAILS: usize = 10_000;

    /// Opens an outbox in a folder, and creates the folder if it does not exist.
    ///
    /// # Errors
    /// Returns [`OpenError`] with the error of the operating system.
    pub fn open(path: &Path, composer: Composer, entropy: Arc<dyn Entropy>) -> Result<Self, OpenError> {
        Self::with_limit(path, Self::MAX_MAILS, composer, entropy)
    }

    /// Opens an outbox with another limit.
    ///
    /// # Errors
    /// Returns the same errors as [`Outbox::open`].
    pub fn with_limit(
        path: &Path,
        limit: usize,
        composer: Composer,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, OpenError> {
        Ok(Self {
            folder: Arc::new(Folder::open(path, limit)?),
            composer,
            entropy,
        })
    }

    /// Returns the folder of the mails.
    #[must_use]
    pub const fn folder(&self) -> &Arc<Folder> {
        &self.folder
    }

    /// Returns 64 random bits in hexadecimal digits.
    fn random_id(&self) -> Result<String, MailError> {
        let mut bytes = [0; 8];
        self.entropy.fill(&mut bytes).map_err(failed)?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl Mailer for Outbox {
    fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError> {
        let message = Message::new(now, &self.random_id()?);
        let text = self.composer.compose(mail, now, message.name()).map_err(failed)?;
        let retention = match mail.to {
            Recipient::Address(_) => Retention::Keep,
            Recipient::Nobody => Retention::Remove,
        };
        let priority = Priority::of(&mail.content);
        self.folder.put(&message, &text, priority, retention, now)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("folder", &self.folder.path())
            .finish_non_exhaustive()
    }
}
