//! Delivers each message over an SMTP connection of its own.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

use kunci_domain::EmailAddress;
use kunci_domain::ports::Cause;
use kunci_mail::Sender;
use lettre::address::{Address, Envelope};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials as Login, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters, TlsParametersBuilder};
use lettre::transport::smtp::extension::ClientId;

use crate::credentials::Credentials;
use crate::delivery::{Delivery, DeliveryError};
use crate::server::{Encryption, Server};

/// Timeout for the connection, and for each answer of the server.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// A [`Delivery`] over SMTP.
pub(crate) struct SmtpDelivery {
    server: Server,
    tls: Option<TlsParameters>,
    login: Option<Login>,
    from: Address,
    hello: ClientId,
    timeout: Duration,
}

impl SmtpDelivery {
    /// Trusts the root certificates of the system, which are read once.
    pub(crate) fn new(
        server: Server,
        credentials: Option<&Credentials>,
        sender: &Sender,
    ) -> Result<Self, Cause> {
        let roots = TlsParameters::builder(server.host().to_owned());
        Self::with_roots(server, credentials, sender, roots)
    }

    pub(crate) fn with_roots(
        server: Server,
        credentials: Option<&Credentials>,
        sender: &Sender,
        roots: TlsParametersBuilder,
    ) -> Result<Self, Cause> {
        let tls = match server.encryption() {
            Encryption::None => None,
            Encryption::Implicit | Encryption::StartTls => Some(roots.build_rustls()?),
        };
        Ok(Self {
            server,
            tls,
            login: credentials.map(Credentials::expose),
            from: sender.address().parse()?,
            hello: ClientId::Domain(sender.domain().to_owned()),
            timeout: TIMEOUT,
        })
    }

    #[cfg(test)]
    pub(crate) fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Opens a connection with the required encryption, and authenticates if there are credentials.
    fn connect(&self) -> Result<SmtpConnection, Error> {
        let address = (self.server.host(), self.server.port());
        let implicit = match self.server.encryption() {
            Encryption::Implicit => self.tls.as_ref(),
            Encryption::StartTls | Encryption::None => None,
        };
        let mut connection =
            SmtpConnection::connect(address, Some(self.timeout), &self.hello, implicit, None)?;
        if let (Encryption::StartTls, Some(tls)) = (self.server.encryption(), &self.tls) {
            connection.starttls(tls, &self.hello)?;
        }
        if let Some(login) = &self.login {
            connection.auth(DEFAULT_MECHANISMS, login)?;
        }
        Ok(connection)
    }
}

impl Delivery for SmtpDelivery {
    fn deliver(&self, to: &EmailAddress, message: &[u8]) -> Result<(), DeliveryError> {
        let envelope = envelope(&self.from, to)?;
        let mut connection = self
            .connect()
            .map_err(|error| DeliveryError::Unreachable(reason(&error)))?;
        let sent = connection.send(&envelope, message);
        // Sends QUIT unless the connection is broken. Its outcome does not change the delivery.
        connection.abort();
        sent.map(drop).map_err(|error| classify(&error))
    }
}

fn envelope(from: &Address, to: &EmailAddress) -> Result<Envelope, DeliveryError> {
    // The domain has checked the address. The server decides whether it exists.
    let to = to.with_ascii_domain();
    let (user, domain) = to.rsplit_once('@').unwrap_or((&to, ""));
    Envelope::new(Some(from.clone()), vec![Address::new_dangerous(user, domain)])
        .map_err(|_| DeliveryError::Permanent("the recipient is not a valid address".to_owned()))
}

/// Classifies an error of an established connection.
fn classify(error: &Error) -> DeliveryError {
    let status = error.status().map(u16::from);
    let reason = reason(error);
    match status {
        // The server shuts down or requires authentication, so every other message would fail as well.
        Some(421 | 530 | 534 | 535 | 538) => DeliveryError::Unreachable(reason),
        Some(500..) => DeliveryError::Permanent(reason),
        Some(_) => DeliveryError::Temporary(reason),
        // The server lacks an extension that this message requires.
        None if error.is_client() => DeliveryError::Permanent(reason),
        None => DeliveryError::Temporary(reason),
    }
}

/// Describes an error without the server's text, which may quote addresses.
fn reason(error: &Error) -> String {
    if let Some(status) = error.status() {
        return format!("the server answered with status {status}");
    }
    if error.is_response() {
        return "the server's answer was incomplete".to_owned();
    }
    match error.source() {
        Some(source) if is_timeout(source) => "the server did not answer in time".to_owned(),
        Some(source) => source.to_string(),
        None => "the connection failed".to_owned(),
    }
}

/// Returns whether a socket timed out. Systems report it under two kinds.
fn is_timeout(error: &(dyn std::error::Error + 'static)) -> bool {
    let kind = error.downcast_ref().map(io::Error::kind);
    matches!(kind, Some(io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock))
}

impl fmt::Debug for SmtpDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpDelivery")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}
