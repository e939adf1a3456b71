//! A mailer that records mails in memory for tests.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kunci_domain::mail::{Mail, MailContent, Recipient};
use kunci_domain::ports::{MailError, Mailer};
use kunci_domain::{LinkToken, Timestamp};

/// A [`Mailer`] that records mails, with an optional limit and optional failures.
///
/// ```
/// use kunci_domain::mail::{Mail, MailContent, Recipient};
/// use kunci_domain::ports::{MailError, Mailer};
/// use kunci_domain::{EmailAddress, LinkToken, Timestamp, Username};
/// use kunci_testkit::fakes::{RecordingMailer, SeededEntropy};
///
/// let mail = Mail {
///     to: Recipient::Address(EmailAddress::parse("ada@example.org")?),
///     name: Username::parse("ada")?,
///     content: MailContent::ResetPassword(LinkToken::generate(&SeededEntropy::new(1))?),
/// };
/// let now = Timestamp::from_unix_millis(0);
/// let postbox = RecordingMailer::with_limit(1);
/// postbox.send(&mail, now)?;
/// assert!(matches!(postbox.send(&mail, now), Err(MailError::Full)));
/// assert!(postbox.last_link().is_some());
/// assert_eq!(postbox.take().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct RecordingMailer {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    mails: Vec<Mail>,
    /// The number of mails without a recipient, which are dropped.
    dropped: usize,
    fails: bool,
}

impl RecordingMailer {
    /// Returns a postbox without a limit.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(usize::MAX)
    }

    /// Returns a postbox with room for `limit` mails.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            state: Mutex::default(),
        }
    }

    /// Sets whether all further mails fail.
    pub fn set_fails(&self, fails: bool) {
        self.lock().fails = fails;
    }

    /// Removes and returns the mails that have a recipient, oldest first.
    #[must_use]
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut self.lock().mails)
    }

    /// Returns the number of recorded mails.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().mails.len()
    }

    /// Returns whether no mail is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of mails without a recipient.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.lock().dropped
    }

    /// Returns the token in the latest mail that contains one.
    #[must_use]
    pub fn last_link(&self) -> Option<LinkToken> {
        let link = |mail: &Mail| match &mail.content {
            MailContent::ConfirmAddress(token)
            | MailContent::ConfirmNewAddress(token)
            | MailContent::ResetPassword(token) => Some(token.clone()),
            MailContent::Notice(_) => None,
        };
        self.lock().mails.iter().rev().find_map(link)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic of another thread cannot leave the state half written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for RecordingMailer {
    fn default() -> Self {
        Self::new()
    }
}

impl Mailer for RecordingMailer {
    fn send(&self, mail: &Mail, _now: Timestamp) -> Result<(), MailError> {
        let mut state = self.lock();
        if state.fails {
            return Err(MailError::Failed("this mailer is set to fail".into()));
        }
        if self.limit <= state.mails.len() {
            return Err(MailError::Full);
        }
        match mail.to {
            Recipient::Address(_) => state.mails.push(mail.clone()),
            Recipient::Nobody => state.dropped += 1,
        }
        Ok(())
    }
}
