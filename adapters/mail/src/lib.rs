//! Mails: what they say, as messages after RFC 5322, and an outbox that keeps them in a folder.
//!
//! [`Composer`] makes a message of a [`Mail`](kunci_domain::mail::Mail), [`Outbox`] writes it down as a
//! file, whole or not at all. Whoever has no mail server reads the links there; whoever has one lets
//! another adapter deliver the files. Left out: that delivery, HTML, and languages other than English.

mod composer;
mod device;
mod error;
mod folder;
mod notice;
mod outbox;
mod places;
mod recipient;
mod sender;
mod texts;

pub use composer::Composer;
pub use error::{ComposeError, OpenError};
pub use folder::{Folder, Message};
pub use outbox::Outbox;
pub use recipient::recipient;
pub use sender::{Sender, SenderError};
