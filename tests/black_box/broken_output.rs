//! Standard output and standard error that cannot be written: a reader that has gone, or a full disk.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::command_line::ADA;
use crate::support::{Client, PASSWORD, Server, Setup, Transport, for_each_transport, kunci};

for_each_transport!(
    broken_log_stops_neither_requests_nor_the_server,
    lost_lines_are_counted_and_reported,
    broken_standard_output_does_not_stop_the_server,
    hang_up_without_a_certificate_is_ignored,
);

const FULL: &str = "/dev/full";

/// Creates a pipe with a name. It has no reader, so writing to it fails, until a test opens it again.
fn named_pipe(folder: &Path) -> PathBuf {
    let path = folder.join("pipe");
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    path
}

/// Starts a server that logs to a pipe, whose reader goes after the lines of the start.
fn start_with_closed_log(transport: Transport, pipe: &Path) -> Server {
    // Opening a pipe waits for its other end, unless one handle is both ends.
    let reader = File::options().read(true).write(true).open(pipe).unwrap();
    let server = Setup::new(transport).log_to(pipe).start();
    server.text_client().get("/profile");
    drop(reader);
    server
}

/// Writes three lines to the log: for the sign-up, the wrong password and the sign-out.
fn use_account(server: &Server) {
    let mut client = server.text_client();
    assert_eq!(client.post("/register", ADA).body, "Account created\n");
    let wrong = [("username", "ada"), ("password", "not the password")];
    assert_eq!(client.post("/login", &wrong).body, "Wrong username or password\n");
    assert_eq!(client.post("/logout", &[]).body, "Logged out\n");
}

fn broken_log_stops_neither_requests_nor_the_server(transport: Transport) {
    let folder = tempfile::tempdir().unwrap();
    for mut server in [
        Setup::new(transport).log_to(Path::new(FULL)).start(),
        start_with_closed_log(transport, &named_pipe(folder.path())),
    ] {
        use_account(&server);
        assert_eq!(server.terminate().0.code(), Some(0));
    }
}

fn lost_lines_are_counted_and_reported(transport: Transport) {
    let folder = tempfile::tempdir().unwrap();
    let pipe = named_pipe(folder.path());
    let mut server = start_with_closed_log(transport, &pipe);
    use_account(&server);
    let mut log = File::open(&pipe).unwrap();
    server.text_client().post("/login", ADA);
    server.terminate();
    let mut text = String::new();
    log.read_to_string(&mut text).unwrap();
    let (_, rest) = text
        .split_once("ERROR kunci: lines of the log were lost lost=3\n")
        .expect(&text);
    assert!(rest.lines().next().unwrap().contains("signed_in"), "{text}");
    assert!(!rest.contains("were lost"), "{text}");
}

fn broken_standard_output_does_not_stop_the_server(transport: Transport) {
    for (case, output) in broken_outputs() {
        let folder = tempfile::tempdir().unwrap();
        let mut server = kunci()
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--transport",
                transport.name(),
            ])
            .current_dir(folder.path())
            .stdout(output)
            .stderr(Stdio::piped())
            .spawn()
            .map(Guard)
            .unwrap();
        let mut log = BufReader::new(server.0.stderr.take().unwrap());
        let mut text = String::new();
        for part in ["standard output cannot be written", "serving address="] {
            while !text.contains(part) {
                let read = log.read_line(&mut text).unwrap();
                assert!(0 < read, "{case}: the server ended: {text}");
            }
        }
        let (_, rest) = text.split_once("serving address=").unwrap();
        let address = rest.split_whitespace().next().unwrap().parse().unwrap();
        let response = Client::new(address, "*/*").get("/profile");
        assert_eq!(response.body, "You are not logged in\n", "{case}");
        signal("TERM", server.0.id());
        assert_eq!(server.0.wait().unwrap().code(), Some(0), "{case}");
    }
}

fn hang_up_without_a_certificate_is_ignored(transport: Transport) {
    let mut server = Server::start(transport);
    signal("HUP", server.pid());
    assert_eq!(server.text_client().get("/profile").status, 200);
    assert_eq!(server.terminate().0.code(), Some(0));
}

/// Kills a process on drop, so that a failed test leaves none behind.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn signal(name: &str, pid: u32) {
    let kill = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .status()
        .unwrap();
    assert!(kill.success());
}

/// Returns outputs that cannot be written, each with its name.
fn broken_outputs() -> [(&'static str, Stdio); 2] {
    let (_, closed) = io::pipe().unwrap();
    [("closed", closed.into()), ("full", full())]
}

fn full() -> Stdio {
    File::options().write(true).open(FULL).unwrap().into()
}

/// Runs a command that logs errors only.
fn run(folder: &Path, args: &[&str], stdout: Stdio, stderr: Stdio) -> Output {
    let mut command = kunci()
        .args(args)
        .env("KUNCI_LOG__LEVEL", "error")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .unwrap();
    // Commands that need no input may have ended.
    let _ = command.stdin.take().unwrap().write_all(PASSWORD.as_bytes());
    command.wait_with_output().unwrap()
}

/// Commands that print something, in an order in which each one succeeds.
const PRINTING: &[&str] = &[
    "--help",
    "--version",
    "user add --help",
    "config init",
    "config check",
    "config show",
    "config schema",
    "user add ada --password-stdin",
    "user list",
    "user list --json",
    "user show ada",
    "user link ada",
    "user passwd ada --password-stdin",
    "invitation add",
    "invitation list",
    "session revoke-all ada",
    "user delete ada --yes",
];

#[test]
fn commands_end_quietly_if_their_reader_has_gone() {
    let folder = tempfile::tempdir().unwrap();
    for line in PRINTING {
        let args: Vec<_> = line.split(' ').collect();
        let (_, closed) = io::pipe().unwrap();
        let output = run(folder.path(), &args, closed.into(), Stdio::piped());
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), errors.as_str()), (Some(0), ""), "{line}");
    }
}

#[test]
fn commands_fail_if_their_output_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let error = "kunci: standard output cannot be written: No space left on device (os error 28)\n";
    for line in PRINTING {
        let args: Vec<_> = line.split(' ').collect();
        let output = run(folder.path(), &args, full(), Stdio::piped());
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), errors.as_str()),
            (Some(1), error),
            "{line}"
        );
    }
}

#[test]
fn exit_status_does_not_depend_on_standard_error() {
    for (args, code) in [
        (&["frobnicate"][..], 2),
        (&[], 2),
        (&["user", "show", "ada"], 1),
        (&["user", "add", "ada", "--password-stdin"], 0),
    ] {
        for (case, errors) in broken_outputs() {
            let folder = tempfile::tempdir().unwrap();
            let output = run(folder.path(), args, Stdio::piped(), errors);
            assert_eq!(output.status.code(), Some(code), "{case}: {args:?}");
        }
    }
}

#[cfg(feature = "smtp")]
mod delivery {
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::thread;

    use super::*;
    use crate::support::TIMEOUT;

    for_each_transport!(broken_log_does_not_stop_mail_delivery);

    fn broken_log_does_not_stop_mail_delivery(transport: Transport) {
        let (port, recipients) = start_mail_server();
        let mail = format!("mail.smtp = \"smtp+plain://localhost:{port}\"");
        let server = Setup::new(transport)
            .settings(&mail)
            .log_to(Path::new(FULL))
            .start();
        for name in ["refused", "ada"] {
            let email = format!("{name}@example.org");
            let form = [("username", name), ("password", PASSWORD), ("email", &email)];
            server.text_client().post("/register", &form);
            let recipient = recipients.recv_timeout(TIMEOUT).expect("a delivery");
            assert!(recipient.contains(&email), "{recipient}");
        }
    }

    /// Starts a mail server that refuses one recipient, which Kunci logs. Returns its port, and the `RCPT`
    /// commands that it receives.
    fn start_mail_server() -> (u16, Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, recipients) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                // Kunci may close the connection at any time.
                let _ = answer(stream.unwrap(), &sender);
            }
        });
        (port, recipients)
    }

    fn answer(stream: TcpStream, recipients: &Sender<String>) -> io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let send = |line: &str| (&stream).write_all(format!("{line}\r\n").as_bytes());
        send("220 mail.example.org")?;
        let mut in_message = false;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let command = line.split([' ', ':', '\r']).next().unwrap_or_default();
            match command {
                "." => in_message = false,
                _ if in_message => continue,
                "DATA" => {
                    in_message = true;
                    send("354 continue")?;
                    continue;
                }
                "RCPT" => recipients.send(line.clone()).unwrap_or_default(),
                _ => {}
            }
            send(if line.contains("refused@") {
                "550 no"
            } else {
                "250 ok"
            })?;
        }
    }
}
