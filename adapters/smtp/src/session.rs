//! One connection to the server, for one message.

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

use crate::courier::{Courier, Refusal};
use crate::credentials::Credentials;
use crate::server::{Encryption, Server};

/// How long the server may take to accept a connection, and for each answer.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// A [`Courier`] that speaks SMTP.
pub(crate) struct Sessions {
    server: Server,
    tls: Option<TlsParameters>,
    login: Option<Login>,
    from: Address,
    hello: ClientId,
    timeout: Duration,
}

impl Sessions {
    /// With the system's root certificates, which are read here and not again.
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
            from: address(sender.address()),
            hello: ClientId::Domain(sender.domain().to_owned()),
            timeout: TIMEOUT,
        })
    }

    #[cfg(test)]
    pub(crate) fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// A connection that is encrypted as it should be, and authenticated if there is a user.
    fn open(&self) -> Result<SmtpConnection, Error> {
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

impl Courier for Sessions {
    fn deliver(&self, to: &EmailAddress, message: &[u8]) -> Result<(), Refusal> {
        let envelope = envelope(&self.from, to)?;
        let mut connection = self
            .open()
            .map_err(|error| Refusal::Unreachable(reason(&error)))?;
        let sent = connection.send(&envelope, message);
        // Says goodbye, unless the connection is broken. What was handed over stays so, however it ends.
        connection.abort();
        sent.map(drop).map_err(|error| refusal(&error))
    }
}

fn envelope(from: &Address, to: &EmailAddress) -> Result<Envelope, Refusal> {
    Envelope::new(Some(from.clone()), vec![address(to.as_str())])
        .map_err(|_| Refusal::Never("the address cannot be one".to_owned()))
}

/// The address as the library has it. The domain has checked it; whether it exists is for the server to say.
fn address(checked: &str) -> Address {
    let (user, domain) = checked.rsplit_once('@').unwrap_or((checked, ""));
    Address::new_dangerous(user, domain)
}

/// What an error means for a message when the connection was good until then.
fn refusal(error: &Error) -> Refusal {
    let status = error.status().map(u16::from);
    let reason = reason(error);
    match status {
        // The server closes, or wants a user that it knows: the same would befall every message.
        Some(421 | 530 | 534 | 535 | 538) => Refusal::Unreachable(reason),
        Some(500..) => Refusal::Never(reason),
        Some(_) => Refusal::Later(reason),
        // The server lacks what this message needs.
        None if error.is_client() => Refusal::Never(reason),
        None => Refusal::Later(reason),
    }
}

/// An error in words. What a server says is left out, since it may quote addresses.
fn reason(error: &Error) -> String {
    if let Some(status) = error.status() {
        return format!("the server answered with status {status}");
    }
    if error.is_response() {
        return "the server did not answer in full".to_owned();
    }
    match error.source() {
        Some(source) if is_timeout(source) => "the server did not answer in time".to_owned(),
        Some(source) => source.to_string(),
        None => "the connection failed".to_owned(),
    }
}

/// Systems differ in how they say it when a socket has waited for long enough.
fn is_timeout(error: &(dyn std::error::Error + 'static)) -> bool {
    let kind = error.downcast_ref().map(io::Error::kind);
    matches!(kind, Some(io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock))
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}
