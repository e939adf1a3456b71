//! Mail texts, messages after RFC 5322, and an outbox that writes them to a folder.
//!
//! [`Composer`] turns a [`Mail`](kunci_domain::mail::Mail) into a message, and [`Outbox`] writes it to a
//! file. Without a mail server, an operator reads the links in these files; with one, `kunci-smtp` delivers
//! them.

mod capacity;
mod composer;
mod device;
mod error;
mod folder;
mod notice;
mod outbox;
mod recipient;
mod sender;
mod site;
mod texts;

pub use composer::Composer;
pub use error::{ComposeError, OpenError};
pub use folder::{Folder, Message};
pub use outbox::Outbox;
pub use recipient::recipient;
pub use sender::{Sender, SenderError};
