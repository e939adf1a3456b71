//! The program under test, which runs in its own folder for the duration of a test.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use tempfile::TempDir;

use super::client::Client;
use super::socket::PATIENCE;
use super::transports::Transport;

/// A password that all rules accept.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Returns a command for the binary.
pub(crate) fn kunci() -> Command {
    without_settings(Command::new(env!("CARGO_BIN_EXE_kunci")))
}

/// Returns a command for the binary that ignores SIGXFSZ, so that a file size limit simulates a full disk.
/// It can have a limit of open files.
fn program(descriptors: Option<u32>) -> Command {
    let limit = descriptors.map_or_else(String::new, |most| format!("ulimit -n {most}; "));
    let mut command = Command::new("sh");
    command.args([
        "-c",
        &format!(r#"trap '' XFSZ; {limit}exec "$0" "$@""#),
        env!("CARGO_BIN_EXE_kunci"),
    ]);
    without_settings(command)
}

/// Removes the settings from the environment of the test run.
pub(super) fn without_settings(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KUNCI_") {
            command.env_remove(name);
        }
    }
    command
}

/// The settings of a server, also for restarts.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    transport: Transport,
    args: Vec<String>,
    settings: String,
    descriptors: Option<u32>,
}

impl Setup {
    /// Returns a setup with only the transport set.
    pub(crate) fn of(transport: Transport) -> Self {
        Self {
            transport,
            args: Vec::new(),
            settings: String::new(),
            descriptors: None,
        }
    }

    /// Adds arguments.
    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(|arg| (*arg).to_owned()));
        self
    }

    /// Adds lines to `kunci.toml`.
    pub(crate) fn settings(mut self, lines: &str) -> Self {
        self.settings.push_str(lines);
        self.settings.push('\n');
        self
    }

    /// Adds lines to `kunci.toml` if the transport is hyper.
    pub(crate) fn on_hyper(self, lines: &str) -> Self {
        match self.transport {
            Transport::TinyHttp => self,
            Transport::Hyper => self.settings(lines),
        }
    }

    /// Sets the limit of open files.
    pub(crate) fn descriptors(mut self, most: u32) -> Self {
        self.descriptors = Some(most);
        self
    }

    /// Starts the server with SQLite in an empty folder.
    pub(crate) fn start(self) -> Server {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("kunci.toml"), &self.settings).unwrap();
        Server::start_in(folder, self)
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// The output after the first line. The pipe stays open, because a closed one would end the server.
    out: Mutex<BufReader<ChildStdout>>,
    address: SocketAddr,
    folder: TempDir,
    setup: Setup,
    /// Reads the log, because without a reader the server would block. The lock makes the server shareable
    /// between threads.
    log: Mutex<Receiver<String>>,
}

impl Server {
    /// Starts a server with SQLite in an empty folder.
    pub(crate) fn start(transport: Transport) -> Self {
        Setup::of(transport).start()
    }

    fn start_in(folder: TempDir, setup: Setup) -> Self {
        let data = folder.path().join("data");
        let mut child = program(setup.descriptors)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--transport", setup.transport.name(), "--data"])
            .arg(&data)
            .args(&setup.args)
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let (sender, log) = mpsc::channel();
        thread::spawn(move || {
            let mut text = String::new();
            let read = stderr.read_to_string(&mut text);
            sender.send(read.map(|_| text).unwrap_or_default())
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let Some(address) = first.trim().strip_prefix("listening on http://") else {
            panic!("the first line is {first:?}; {}", log.recv().unwrap());
        };
        let address = address.parse().unwrap();
        Self {
            child,
            out: Mutex::new(lines),
            address,
            folder,
            setup,
            log: Mutex::new(log),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the folder with the database and the key.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Returns the token in the link that a first start prints.
    pub(crate) fn set_up_token(&self) -> String {
        let base = format!("http://localhost:{}/link?token=", self.address.port());
        let mut out = self.out.lock().unwrap();
        loop {
            let mut line = String::new();
            assert!(
                0 < out.read_line(&mut line).unwrap(),
                "it has ended without a link"
            );
            if let Some(token) = line.trim().strip_prefix(&base) {
                return token.to_owned();
            }
        }
    }

    /// Returns the unread output. The process must have ended.
    pub(crate) fn rest_of_output(&mut self) -> String {
        let mut rest = String::new();
        self.out.get_mut().unwrap().read_to_string(&mut rest).unwrap();
        rest
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns the peak memory of the process, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|rest| rest.trim().strip_suffix(" kB"));
        peak.unwrap().parse().unwrap()
    }

    /// Returns a client that gets text, like curl.
    pub(crate) fn text(&self) -> Client {
        Client::new(self.address, "*/*")
    }

    /// Returns a client that gets pages.
    pub(crate) fn browser(&self) -> Client {
        Client::new(self.address, "text/html,application/xhtml+xml,*/*;q=0.8")
    }

    /// Returns a client that gets JSON.
    pub(crate) fn program(&self) -> Client {
        Client::new(self.address, "application/json")
    }

    /// Runs another command of the binary on the same data folder.
    pub(crate) fn command(&self, args: &[&str], stdin: &str) -> Output {
        let mut command = kunci();
        command
            .args(args)
            .arg("--data")
            .arg(self.data())
            .current_dir(self.folder.path());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Kills the process with SIGKILL, and restarts the server.
    pub(crate) fn kill_and_restart(mut self) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.restarted()
    }

    /// Sends SIGTERM, and waits for the end of the process.
    pub(crate) fn terminate(&mut self) -> (ExitStatus, String) {
        let kill = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success());
        self.end()
    }

    /// Waits for the end of the process, and returns its log.
    pub(crate) fn end(&mut self) -> (ExitStatus, String) {
        // The log ends when the process does.
        let log = self.log.get_mut().unwrap().recv_timeout(PATIENCE);
        let log = log.expect("it ends");
        (self.child.wait().unwrap(), log)
    }

    /// Restarts the server on the same data. The process must have ended.
    pub(crate) fn restarted(mut self) -> Self {
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        Self::start_in(folder, self.setup.clone())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
