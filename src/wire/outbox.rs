//! The mailer that writes mails to a folder.

use std::path::Path;
use std::sync::Arc;

use kunci_domain::ports::{Entropy, Mailer};
use kunci_mail::{Composer, Outbox, Sender};

/// Returns the default sender of mails.
pub(crate) fn default_sender() -> Result<Sender, kunci_mail::SenderError> {
    Sender::parse("Kunci <kunci@localhost>")
}

/// Returns a mailer that writes mails to a folder. Links in them begin with `base`.
pub(crate) fn outbox(
    folder: &Path,
    sender: Sender,
    base: &str,
    entropy: Arc<dyn Entropy>,
) -> Result<Arc<dyn Mailer>, kunci_mail::OpenError> {
    let composer = Composer::new(sender, base);
    Ok(Arc::new(Outbox::open(folder, composer, entropy)?))
}
