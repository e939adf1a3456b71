//! Where mails go: to a folder, or through a folder to a mail server.

use std::path::PathBuf;
use std::sync::Arc;

use kunci_domain::ports::{Entropy, Mailer};
use kunci_mail::Sender;

use super::outbox;
use crate::config::Config;
use crate::failure::Failure;

/// Returns the mailer of the server. Links in its mails begin with `base`.
pub(crate) fn mailer(
    config: &Config,
    base: &str,
    entropy: Arc<dyn Entropy>,
) -> Result<Arc<dyn Mailer>, Failure> {
    #[cfg(feature = "smtp")]
    if let Some(server) = &config.mail.smtp {
        let login = config.mail.user.as_ref().zip(config.mail.password.as_ref());
        let credentials =
            login.map(|(user, password)| kunci_smtp::Credentials::new(user.clone(), password.0.0.clone()));
        let mailer = kunci_smtp::SmtpMailer::open(
            &folder(config),
            kunci_mail::Composer::new(sender(config)?, base),
            entropy,
            Arc::new(crate::clock::SystemClock),
            server.0.clone(),
            credentials.as_ref(),
        )?;
        return Ok(Arc::new(mailer));
    }
    mail_drop(config, base, entropy)
}

/// Returns the mailer of commands. It writes to the folder from which the server delivers.
pub(crate) fn mail_drop(
    config: &Config,
    base: &str,
    entropy: Arc<dyn Entropy>,
) -> Result<Arc<dyn Mailer>, Failure> {
    Ok(outbox::outbox(&folder(config), sender(config)?, base, entropy)?)
}

fn sender(config: &Config) -> Result<Sender, kunci_mail::SenderError> {
    match &config.mail.from {
        Some(sender) => Ok(sender.0.clone()),
        None => outbox::default_sender(),
    }
}

/// Returns the folder for mails. Mails that stay and mails that wait for delivery have different folders, so
/// that a mail server that is configured later does not send old mails.
fn folder(config: &Config) -> PathBuf {
    let name = config.mail.smtp.as_ref().map_or("outbox", |_| "spool");
    config.data.join(name)
}
