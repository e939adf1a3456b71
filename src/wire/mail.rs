//! Where mails go: into a folder, or by way of one to a mail server.

use std::path::PathBuf;
use std::sync::Arc;

use kunci_domain::ports::{Entropy, Mailer};
use thiserror::Error;

use crate::config::Config;

/// Mail cannot be set up.
#[derive(Debug, Error)]
pub enum MailSetUpError {
    /// The folder for mails cannot be used.
    #[error(transparent)]
    Folder(#[from] kunci_mail::OpenError),
    /// The mail server cannot be used.
    #[cfg(feature = "smtp")]
    #[error(transparent)]
    Smtp(#[from] kunci_smtp::OpenError),
}

/// What the server sends mail with; links in it begin with `base`.
///
/// # Errors
/// [`MailSetUpError`]; that the mail server does not answer is none.
pub fn mailer(
    config: &Config,
    base: &str,
    entropy: Arc<dyn Entropy>,
) -> Result<Arc<dyn Mailer>, MailSetUpError> {
    #[cfg(feature = "smtp")]
    if let Some(smtp) = &config.mail().smtp {
        let login = smtp.login.as_ref();
        let credentials = login
            .map(|(user, password)| kunci_smtp::Credentials::new(user.clone(), password.expose().clone()));
        let mailer = kunci_smtp::SmtpMailer::open(
            &folder(config),
            kunci_mail::Composer::new(config.mail().from.clone(), base),
            entropy,
            Arc::new(crate::clock::SystemClock),
            smtp.server.clone(),
            credentials.as_ref(),
        )?;
        return Ok(Arc::new(mailer));
    }
    mail_drop(config, base, entropy)
}

/// What commands beside the server leave mail with: the same folder, out of which the server delivers.
///
/// # Errors
/// [`MailSetUpError`].
pub fn mail_drop(
    config: &Config,
    base: &str,
    entropy: Arc<dyn Entropy>,
) -> Result<Arc<dyn Mailer>, MailSetUpError> {
    let sender = config.mail().from.clone();
    Ok(super::outbox(&folder(config), sender, base, entropy)?)
}

/// Mails that nobody delivers and mails that wait for delivery have folders apart, so that a mail server
/// that is set up later sends nothing old.
fn folder(config: &Config) -> PathBuf {
    let name = match config.mail().smtp {
        None => "outbox",
        Some(_) => "spool",
    };
    config.data().join(name)
}
