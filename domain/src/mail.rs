//! Mails that Kunci sends: to whom, and what about.
//!
//! Left out: the words, the address that links lead to, and how a mail gets there, all of which belong
//! to an adapter.

use crate::email::EmailAddress;
use crate::event::Event;
use crate::one_time_token::LinkToken;
use crate::username::Username;

/// One mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Where to.
    pub to: Recipient,
    /// Whom it addresses.
    pub name: Username,
    /// What about.
    pub content: MailContent,
}

/// Where a mail goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// To an address.
    Address(EmailAddress),
    /// Nowhere, though it costs what any other costs: so that asking for a mail does not tell whether
    /// there is an account (OWASP ASVS 5.0, 6.3.8).
    Nobody,
}

/// What a mail is about.
#[derive(Debug, Clone)]
pub enum MailContent {
    /// A link that shows that the account's address works.
    ConfirmAddress(LinkToken),
    /// A link that shows that the address works which is to become the account's.
    ConfirmNewAddress(LinkToken),
    /// A link by which a new password can be chosen.
    ResetPassword(LinkToken),
    /// Something happened that the owner should know of.
    Notice(Event),
}
