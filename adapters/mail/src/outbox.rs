//! An outbox: every mail becomes a file, for a person to read or for another adapter to deliver.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use kunci_domain::Timestamp;
use kunci_domain::mail::{Mail, Recipient};
use kunci_domain::ports::{Entropy, MailError, Mailer};

use crate::composer::Composer;
use crate::error::{OpenError, failed};
use crate::folder::{Folder, Message, Stay};

/// A [`Mailer`] that writes mails into a folder, as `.eml` files.
///
/// - The folder has mode 0700 and its files 0600, since links open accounts.
/// - When `send` has returned, the mail is on the disk. After a crash it is there whole or not at all.
/// - A mail to nobody is written in the same way, and then removed.
/// - There are at most [`Outbox::MAX_MAILS`]; beyond that [`MailError::Full`].
pub struct Outbox {
    folder: Arc<Folder>,
    composer: Composer,
    entropy: Arc<dyn Entropy>,
}

impl Outbox {
    /// How many mails it keeps, unless somebody says otherwise.
    pub const MAX_MAILS: usize = 10_000;

    /// An outbox in a folder, which is made if there is none.
    ///
    /// # Errors
    /// [`OpenError`], with what the system says.
    pub fn open(path: &Path, composer: Composer, entropy: Arc<dyn Entropy>) -> Result<Self, OpenError> {
        Self::with_limit(path, Self::MAX_MAILS, composer, entropy)
    }

    /// The same with another bound.
    ///
    /// # Errors
    /// As [`Outbox::open`].
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

    /// The folder that the mails are in.
    #[must_use]
    pub const fn folder(&self) -> &Arc<Folder> {
        &self.folder
    }

    /// Something that no other mail has: 64 random bits.
    fn id(&self) -> Result<String, MailError> {
        let mut bytes = [0; 8];
        self.entropy.fill(&mut bytes).map_err(failed)?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl Mailer for Outbox {
    fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError> {
        let message = Message::new(now, &self.id()?);
        let text = self.composer.compose(mail, now, message.name()).map_err(failed)?;
        let stay = match mail.to {
            Recipient::Address(_) => Stay::Kept,
            Recipient::Nobody => Stay::Dropped,
        };
        self.folder.put(&message, &text, stay, now)
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("folder", &self.folder.path())
            .finish_non_exhaustive()
    }
}
