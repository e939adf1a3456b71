//! The program under test. It runs in its own folder until the test ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use tempfile::TempDir;

use super::client::Client;
use super::socket::TIMEOUT;
use super::transports::Transport;

/// A password that satisfies all rules.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Returns a command that runs the binary without inherited settings.
pub(crate) fn kunci() -> Command {
    without_settings(Command::new(env!("CARGO_BIN_EXE_kunci")))
}

/// Returns a command that runs the server, with an optional limit of open files, and optionally a file for
/// the log.
///
/// The command ignores SIGXFSZ, so a file size limit simulates a full disk. If the log goes to a file, the
/// original standard error stays open as another descriptor, so that its end is the end of the process.
fn server_command(max_open_files: Option<u32>, log: Option<&Path>) -> Command {
    let limit = max_open_files.map_or_else(String::new, |max| format!("ulimit -n {max}; "));
    let log = log.map_or_else(String::new, |path| format!(" 3>&2 2>'{}'", path.display()));
    let mut command = Command::new("sh");
    command.args([
        "-c",
        &format!(r#"trap '' XFSZ; {limit}exec "$0" "$@"{log}"#),
        env!("CARGO_BIN_EXE_kunci"),
    ]);
    without_settings(command)
}

/// Removes inherited `KUNCI_` variables from the environment of a command.
pub(super) fn without_settings(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KUNCI_") {
            command.env_remove(name);
        }
    }
    command
}

/// The settings of a server. A restart uses the same ones. The default ones are those of the program.
#[derive(Debug, Clone, Default)]
pub(crate) struct Setup {
    transport: Option<Transport>,
    args: Vec<String>,
    settings: String,
    max_open_files: Option<u32>,
    cookie_name: Option<&'static str>,
    log: Option<PathBuf>,
}

impl Setup {
    /// Returns a setup with only the transport set.
    ///
    /// The cookie has the same name on every port, so that clients stay signed in if the server restarts on
    /// another port.
    pub(crate) fn new(transport: Transport) -> Self {
        let transport = Some(transport);
        Self {
            transport,
            cookie_name: Some("kunci"),
            ..Self::default()
        }
    }

    /// Adds command-line arguments.
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
    pub(crate) fn hyper_settings(self, lines: &str) -> Self {
        match self.transport {
            Some(Transport::Hyper) => self.settings(lines),
            _ => self,
        }
    }

    /// Lets the server choose the name of its cookie.
    pub(crate) fn default_cookie_name(mut self) -> Self {
        self.cookie_name = None;
        self
    }

    /// Sets the limit of open files.
    pub(crate) fn max_open_files(mut self, max: u32) -> Self {
        self.max_open_files = Some(max);
        self
    }

    /// Sends the log to a file.
    pub(crate) fn log_to(mut self, path: &Path) -> Self {
        self.log = Some(path.to_owned());
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
    /// The unread output.
    out: Mutex<BufReader<ChildStdout>>,
    address: SocketAddr,
    folder: TempDir,
    setup: Setup,
    /// Receives the complete log when the process ends. A thread reads stderr, because the server would block
    /// on a full pipe. The lock makes `Server` shareable between threads.
    log: Mutex<Receiver<String>>,
}

impl Server {
    /// Starts a server with SQLite in an empty folder.
    pub(crate) fn start(transport: Transport) -> Self {
        Setup::new(transport).start()
    }

    fn start_in(folder: TempDir, setup: Setup) -> Self {
        let data = folder.path().join("data");
        let transport = setup.transport.map(|transport| ["--transport", transport.name()]);
        let mut child = server_command(setup.max_open_files, setup.log.as_deref())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(transport.into_iter().flatten())
            .arg("--data")
            .arg(&data)
            .args(&setup.args)
            .envs(
                setup
                    .cookie_name
                    .map(|name| ("KUNCI_SESSIONS__COOKIE_NAME", name)),
            )
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
            panic!("unexpected first line {first:?}; log: {}", log.recv().unwrap());
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

    /// Returns the token in the link that the first start prints.
    pub(crate) fn set_up_token(&self) -> String {
        let base = format!("http://localhost:{}/link?token=", self.address.port());
        let mut out = self.out.lock().unwrap();
        loop {
            let mut line = String::new();
            assert!(
                0 < out.read_line(&mut line).unwrap(),
                "the server ended before it printed a link"
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

    /// Returns a client that receives plain text, like curl.
    pub(crate) fn text_client(&self) -> Client {
        Client::new(self.address, "*/*")
    }

    /// Returns a client that receives HTML pages, like a browser.
    pub(crate) fn browser_client(&self) -> Client {
        Client::new(self.address, "text/html,application/xhtml+xml,*/*;q=0.8")
    }

    /// Returns a client that receives JSON.
    pub(crate) fn json_client(&self) -> Client {
        Client::new(self.address, "application/json")
    }

    /// Runs another command of the binary on the same data folder.
    pub(crate) fn command(&self, args: &[&str], stdin: &str) -> Output {
        let mut command = kunci();
        command
            .arg("--data")
            .arg(self.data())
            .args(args)
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

    /// Sends SIGTERM, waits until the process ends, and returns its exit status and log.
    pub(crate) fn terminate(&mut self) -> (ExitStatus, String) {
        let kill = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success());
        self.wait()
    }

    /// Waits until the process ends, and returns its exit status and log.
    pub(crate) fn wait(&mut self) -> (ExitStatus, String) {
        // The thread sends the log when the process ends.
        let log = self.log.get_mut().unwrap().recv_timeout(TIMEOUT);
        let log = log.expect("the server ends in time");
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
