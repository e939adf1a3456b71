//! The settings of mail: who it comes from, and the server that takes it.
//!
//! Left out: how it is written and delivered; without a server it stays in a folder.

use kunci_mail::Sender;

use super::base::Refusal;
use super::privacy::Privacy;
use super::secret::SmtpPassword;
use super::setting::{Fallback, Row, Setting};

#[cfg(feature = "smtp")]
pub use kunci_smtp::Server as SmtpServer;

/// A mail server, of which this build can use none.
#[cfg(not(feature = "smtp"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpServer {}

/// The most characters of a user name at the mail server; nobody has one as long.
const LONGEST_USER: usize = 255;

/// How mails leave.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Who they come from; by default `Kunci <kunci@localhost>`.
    pub from: Sender,
    /// The server that takes them; by default none, so that they stay in a folder.
    pub smtp: Option<Smtp>,
}

/// A mail server, and as whom to come to it.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// The server.
    pub server: SmtpServer,
    /// The user name and the password, when it asks for them.
    pub login: Option<(String, SmtpPassword)>,
}

pub(crate) static MAIL_FROM: Setting<Sender> = Setting {
    row: Row::new(
        "mail_from",
        "Who mails come from",
        Fallback::Is("Kunci <kunci@localhost>"),
        "an address such as no-reply@example.org, maybe as Some Name <no-reply@example.org>",
    ),
    parse: |text| Sender::parse(text).map_err(|_| Refusal::from("names no sender")),
    show: Sender::to_string,
};

pub(crate) static SMTP: Setting<SmtpServer> = Setting {
    row: Row::new(
        "smtp",
        "The mail server",
        Fallback::From("none: mails become files in DATA/outbox"),
        "smtps://HOST[:PORT] with TLS, smtp://HOST[:PORT] with STARTTLS, or smtp+plain:// on this machine",
    )
    .private(Privacy::Credentials),
    parse: server,
    show: show_server,
};

pub(crate) static SMTP_USER: Setting<String> = Setting {
    row: Row::new(
        "smtp_user",
        "As whom to come to the mail server",
        Fallback::From("none"),
        "a user name, together with smtp_password",
    ),
    parse: user,
    show: String::clone,
};

pub(crate) static SMTP_PASSWORD: Setting<SmtpPassword> = Setting {
    row: Row::new(
        "smtp_password",
        "The password for the mail server",
        Fallback::From("none"),
        "a password, together with smtp_user",
    )
    .private(Privacy::Secret),
    parse: SmtpPassword::parse,
    show: |_| "(set)".to_owned(),
};

fn user(text: &str) -> Result<String, Refusal> {
    match text {
        "" => Err("is empty".into()),
        _ if text.contains(char::is_control) => Err("has a control character".into()),
        _ if LONGEST_USER < text.chars().count() => Err("is far longer than a user name".into()),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(feature = "smtp")]
fn server(text: &str) -> Result<SmtpServer, Refusal> {
    use kunci_smtp::UrlError;
    SmtpServer::parse(text).map_err(|error| {
        Refusal::from(match error {
            UrlError::Scheme => "begins with none of smtps://, smtp:// and smtp+plain://",
            UrlError::Credentials => {
                "has a user name or password, for which there are smtp_user and smtp_password"
            }
            UrlError::Host => "is not a host and maybe a port",
            UrlError::Port => "has no port from 1 to 65535",
            UrlError::NotLoopback => "would be talked to in clear over a network",
        })
    })
}

#[cfg(feature = "smtp")]
fn show_server(server: &SmtpServer) -> String {
    server.to_string()
}

#[cfg(not(feature = "smtp"))]
fn server(_: &str) -> Result<SmtpServer, Refusal> {
    Err("this build has no smtp, which takes one made with --features smtp".into())
}

#[cfg(not(feature = "smtp"))]
fn show_server(server: &SmtpServer) -> String {
    match *server {}
}
