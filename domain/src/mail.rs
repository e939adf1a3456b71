//! The mails that Kunci sends: recipient and content.
//!
//! The wording, the URLs of links and the delivery belong to adapters.

use crate::email::EmailAddress;
use crate::event::Event;
use crate::one_time_token::LinkToken;
use crate::username::Username;

/// One mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The recipient.
    pub to: Recipient,
    /// The username in the salutation.
    pub name: Username,
    /// The subject matter.
    pub content: MailContent,
}

/// The recipient of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// An email address.
    Address(EmailAddress),
    /// No one. Such a mail costs as much as any other, so that requesting a mail does not reveal whether an
    /// account exists (OWASP ASVS 5.0, 6.3.8).
    Nobody,
}

/// The content of a mail.
#[derive(Debug, Clone)]
pub enum MailContent {
    /// A link that confirms the account's address.
    ConfirmAddress(LinkToken),
    /// A link that confirms the new address of an account.
    ConfirmNewAddress(LinkToken),
    /// A link to choose a new password.
    ResetPassword(LinkToken),
    /// A notice about something that happened to the account.
    Notice(Event),
}
