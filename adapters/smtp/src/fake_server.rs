//! A scripted SMTP server that records what it receives. It serves one connection at a time.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters, TlsParametersBuilder};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::server::Server;

/// The longest wait for an expected event. Tests never wait for the absence of one.
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(20);

/// The reaction to a command. `CONNECT` stands for a new connection, and `.` for the text after `DATA`.
pub(crate) enum Answer {
    /// Sends this line.
    Line(&'static str),
    /// Sends this line and starts TLS.
    Tls(&'static str),
    /// Sends nothing and waits for the next command.
    Silence,
    /// Closes the connection.
    HangUp,
}

/// Returns the answer to a command, given the number of the connection.
pub(crate) type Script = fn(usize, &str) -> Answer;

/// Accepts every mail.
pub(crate) fn accept_all(_connection: usize, command: &str) -> Answer {
    Answer::Line(match command.split([' ', ':']).next().unwrap_or_default() {
        "CONNECT" => "220 mail.example.org",
        "EHLO" => "250-mail.example.org\r\n250-8BITMIME\r\n250 AUTH PLAIN",
        "AUTH" => "235 welcome",
        "DATA" => "354 continue",
        "QUIT" => "221 goodbye",
        _ => "250 ok",
    })
}

/// An event on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Received {
    /// A new connection or a command.
    Command(String),
    /// The text of a mail.
    Mail(String),
}

pub(crate) struct FakeServer {
    port: u16,
    certificate: String,
    received: Receiver<Received>,
}

impl FakeServer {
    /// Starts a server without TLS on a free port.
    pub(crate) fn start(script: Script) -> Self {
        Self::run(script, false)
    }

    /// Starts a server with TLS from the first byte.
    pub(crate) fn start_tls(script: Script) -> Self {
        Self::run(script, true)
    }

    fn run(script: Script, implicit: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let certificate = key.cert.pem();
        let tls = Arc::new(tls_config(&key));
        let (report, received) = channel();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let connection = Connection {
                    script: &|command| script(number, command),
                    report: &report,
                    tls: &tls,
                };
                // The next connection is served even if this one failed.
                let _ = connection.begin(stream.unwrap(), implicit);
            }
        });
        Self {
            port,
            certificate,
            received,
        }
    }

    /// Returns the server for a URL with this scheme.
    pub(crate) fn url(&self, scheme: &str) -> Server {
        Server::parse(&format!("{scheme}://localhost:{}", self.port)).unwrap()
    }

    /// Returns TLS parameters that trust only this server.
    pub(crate) fn roots(&self) -> TlsParametersBuilder {
        TlsParameters::builder("localhost".to_owned())
            .certificate_store(CertificateStore::None)
            .add_root_certificate(Certificate::from_pem(self.certificate.as_bytes()).unwrap())
    }

    /// Waits for the next mail and discards earlier events.
    #[track_caller]
    pub(crate) fn mail(&self) -> String {
        loop {
            if let Received::Mail(mail) = self.next() {
                return mail;
            }
        }
    }

    /// Waits for a command with this prefix and discards earlier events.
    #[track_caller]
    pub(crate) fn command(&self, prefix: &str) -> String {
        loop {
            match self.next() {
                Received::Command(command) if command.starts_with(prefix) => return command,
                _ => {}
            }
        }
    }

    #[track_caller]
    fn next(&self) -> Received {
        match self.received.recv_timeout(RECEIVE_TIMEOUT) {
            Ok(event) => event,
            Err(error) => panic!("the server received nothing more: {error}"),
        }
    }

    /// Returns all events that no test has read yet.
    pub(crate) fn rest(&self) -> Vec<Received> {
        self.received.try_iter().collect()
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
    script: &'c dyn Fn(&str) -> Answer,
    report: &'c Sender<Received>,
    tls: &'c Arc<ServerConfig>,
}

impl Connection<'_> {
    fn begin(&self, stream: TcpStream, implicit: bool) -> io::Result<()> {
        stream.set_read_timeout(Some(RECEIVE_TIMEOUT))?;
        self.report(Received::Command("CONNECT".to_owned()));
        let greeting = (self.script)("CONNECT");
        if implicit {
            return self.serve(&mut BufReader::new(self.encrypted(stream)), greeting);
        }
        let mut reader = BufReader::new(stream);
        self.serve(&mut reader, greeting)?;
        // The unencrypted part has ended, so TLS begins.
        let stream = self.encrypted(reader.into_inner());
        self.serve(&mut BufReader::new(stream), Answer::Silence)
    }

    fn encrypted(&self, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
        let session = ServerConnection::new(Arc::clone(self.tls)).unwrap();
        StreamOwned::new(session, stream)
    }

    /// Answers commands until TLS begins. Any other end of the connection is an error.
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
            let received = if data {
                mail(stream)?
            } else {
                Received::Command(line(stream)?)
            };
            answer = match &received {
                Received::Command(command) => (self.script)(command),
                Received::Mail(_) => (self.script)("."),
            };
            self.report(received);
        }
    }

    fn report(&self, received: Received) {
        // The test may have ended.
        let _ = self.report.send(received);
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

fn mail(stream: &mut impl BufRead) -> io::Result<Received> {
    let mut text = String::new();
    loop {
        let line = line(stream)?;
        if line == "." {
            return Ok(Received::Mail(text));
        }
        text += line.strip_prefix('.').unwrap_or(&line);
        text += "\r\n";
    }
}
