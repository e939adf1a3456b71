//! A server for tests, which speaks as much SMTP as it is told to and tells the test what it heard.
//!
//! Left out: keeping mails, several connections at a time, and every courtesy that no test asks for.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters, TlsParametersBuilder};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::server::Server;

/// How long a test waits for what must come. It never waits for what must not.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the server does upon a command; the greeting is the answer to `CONNECT`, and the answer to
/// what follows upon `DATA` is that to `.`.
pub(crate) enum Answer {
    /// Says this and goes on.
    Line(&'static str),
    /// Says this, and speaks TLS from then on.
    Tls(&'static str),
    /// Says nothing and waits for more.
    Silence,
    /// Hangs up.
    HangUp,
}

/// How the server behaves: what it answers to a command on the connection of that number.
pub(crate) type Manners = fn(usize, &str) -> Answer;

/// Takes every mail.
pub(crate) fn polite(_connection: usize, command: &str) -> Answer {
    Answer::Line(match command.split([' ', ':']).next().unwrap_or_default() {
        "CONNECT" => "220 mail.example.org",
        "EHLO" => "250-mail.example.org\r\n250-8BITMIME\r\n250 AUTH PLAIN",
        "AUTH" => "235 welcome",
        "DATA" => "354 go on",
        "QUIT" => "221 goodbye",
        _ => "250 fine",
    })
}

/// Something that the server heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A connection was made, or a command came.
    Command(String),
    /// The text of a mail.
    Mail(String),
}

pub(crate) struct FakeServer {
    port: u16,
    certificate: String,
    heard: Receiver<Heard>,
}

impl FakeServer {
    /// A server in clear, on a port of its own.
    pub(crate) fn start(manners: Manners) -> Self {
        Self::run(manners, false)
    }

    /// A server with TLS from the first byte.
    pub(crate) fn start_tls(manners: Manners) -> Self {
        Self::run(manners, true)
    }

    fn run(manners: Manners, implicit: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = key.cert.pem();
        let tls = Arc::new(tls_config(&key));
        let (tell, heard) = channel();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let connection = Connection {
                    manners: &|command| manners(number, command),
                    tell: &tell,
                    tls: &tls,
                };
                // However a connection ends, the next one is served.
                let _ = connection.begin(stream.unwrap(), implicit);
            }
        });
        Self {
            port,
            certificate,
            heard,
        }
    }

    /// The server, as settings name it.
    pub(crate) fn url(&self, scheme: &str) -> Server {
        Server::parse(&format!("{scheme}://localhost:{}", self.port)).unwrap()
    }

    /// What trusts this server alone.
    pub(crate) fn roots(&self) -> TlsParametersBuilder {
        TlsParameters::builder("localhost".to_owned())
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(self.certificate.as_bytes()).unwrap())
    }

    /// Waits for the next mail, and forgets what was heard before.
    #[track_caller]
    pub(crate) fn mail(&self) -> String {
        loop {
            if let Heard::Mail(mail) = self.next() {
                return mail;
            }
        }
    }

    /// Waits for a command that begins so, and forgets what was heard before.
    #[track_caller]
    pub(crate) fn command(&self, beginning: &str) -> String {
        loop {
            match self.next() {
                Heard::Command(command) if command.starts_with(beginning) => return command,
                _ => {}
            }
        }
    }

    #[track_caller]
    fn next(&self) -> Heard {
        match self.heard.recv_timeout(PATIENCE) {
            Ok(heard) => heard,
            Err(error) => panic!("the server heard nothing more: {error}"),
        }
    }

    /// Everything that was heard and not asked for yet.
    pub(crate) fn rest(&self) -> Vec<Heard> {
        self.heard.try_iter().collect()
    }
}

fn tls_config(key: &rcgen::CertifiedKey<rcgen::KeyPair>) -> ServerConfig {
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let private = key.signing_key.serialize_der().try_into().unwrap();
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap()
}

struct Connection<'c> {
    manners: &'c dyn Fn(&str) -> Answer,
    tell: &'c Sender<Heard>,
    tls: &'c Arc<ServerConfig>,
}

impl Connection<'_> {
    fn begin(&self, stream: TcpStream, implicit: bool) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        self.tell(Heard::Command("CONNECT".to_owned()));
        let greeting = (self.manners)("CONNECT");
        if implicit {
            return self.serve(&mut BufReader::new(self.encrypted(stream)), greeting);
        }
        let mut reader = BufReader::new(stream);
        self.serve(&mut reader, greeting)?;
        // The conversation in clear ended, since TLS was agreed upon.
        let stream = self.encrypted(reader.into_inner());
        self.serve(&mut BufReader::new(stream), Answer::Silence)
    }

    fn encrypted(&self, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
        let session = ServerConnection::new(Arc::clone(self.tls)).unwrap();
        StreamOwned::new(session, stream)
    }

    /// Answers until TLS begins; anything else that ends the connection is an error.
    fn serve<S: Read + Write>(&self, stream: &mut BufReader<S>, first: Answer) -> io::Result<()> {
        let mut answer = first;
        loop {
            match answer {
                Answer::Line(line) => write_line(stream.get_mut(), line)?,
                Answer::Tls(line) => return write_line(stream.get_mut(), line),
                Answer::Silence => {}
                Answer::HangUp => return Err(io::ErrorKind::ConnectionAborted.into()),
            }
            let data = matches!(answer, Answer::Line(line) if line.starts_with("354"));
            let heard = if data {
                mail(stream)?
            } else {
                Heard::Command(line(stream)?)
            };
            answer = match &heard {
                Heard::Command(command) => (self.manners)(command),
                Heard::Mail(_) => (self.manners)("."),
            };
            self.tell(heard);
        }
    }

    fn tell(&self, heard: Heard) {
        // The test may have seen enough.
        let _ = self.tell.send(heard);
    }
}

fn write_line(stream: &mut impl Write, line: &str) -> io::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes())?;
    stream.flush()
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn mail(stream: &mut impl BufRead) -> io::Result<Heard> {
    let mut text = String::new();
    loop {
        let line = line(stream)?;
        if line == "." {
            return Ok(Heard::Mail(text));
        }
        text += line.strip_prefix('.').unwrap_or(&line);
        text += "\r\n";
    }
}
