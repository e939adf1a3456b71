//! The program under test: started for one test, in a folder of its own, and gone when the test ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::{self, JoinHandle};

use tempfile::TempDir;

use super::client::Client;

/// Good enough for every rule.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The binary.
pub(crate) fn kunci() -> Command {
    without_settings(Command::new(env!("CARGO_BIN_EXE_kunci")))
}

/// The binary, for which a file that cannot grow is an error and not a signal: a stand-in for a full disk.
fn program() -> Command {
    let mut command = Command::new("sh");
    command.args([
        "-c",
        r#"trap '' XFSZ; exec "$0" "$@""#,
        env!("CARGO_BIN_EXE_kunci"),
    ]);
    without_settings(command)
}

/// Keeps out the settings in the environment of whoever runs the tests.
pub(super) fn without_settings(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KUNCI_") {
            command.env_remove(name);
        }
    }
    command
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
    args: Vec<String>,
    /// Reads the log all the time: a server that nobody listens to would wait for a place to write.
    log: Option<JoinHandle<String>>,
}

impl Server {
    /// Starts a server with SQLite in an empty folder.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server with more arguments.
    pub(crate) fn start_with(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::start_in(folder, args.iter().map(|arg| (*arg).to_owned()).collect())
    }

    /// Starts a server on which a whole crowd may wait for its passwords to be checked.
    pub(crate) fn start_for_a_crowd() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("kunci.toml"), "hash_queue = 256\n").unwrap();
        Self::start_in(folder, Vec::new())
    }

    fn start_in(folder: TempDir, args: Vec<String>) -> Self {
        let data = folder.path().join("data");
        let mut child = program()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .args(&args)
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).map(|_| text).unwrap_or_default()
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let Some(address) = first.trim().strip_prefix("listening on http://") else {
            panic!("the first line is {first:?}; {}", log.join().unwrap());
        };
        let address = address.parse().unwrap();
        // The pipe stays open, or the next line that is printed would end the server.
        child.stdout = Some(lines.into_inner());
        Self {
            child,
            address,
            folder,
            args,
            log: Some(log),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The folder with the database and the key.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A client that gets text, as curl does.
    pub(crate) fn text(&self) -> Client {
        Client::new(self.address, "*/*")
    }

    /// A client that gets pages.
    pub(crate) fn browser(&self) -> Client {
        Client::new(self.address, "text/html,application/xhtml+xml,*/*;q=0.8")
    }

    /// A client that gets JSON.
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

    /// Kills it as the operating system would, without a chance to finish anything, and starts it anew.
    pub(crate) fn kill_and_restart(mut self) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.restarted()
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn terminate(&mut self) -> (ExitStatus, String) {
        let kill = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success());
        let status = self.child.wait().unwrap();
        (status, self.log.take().unwrap().join().unwrap())
    }

    /// Starts it anew on what it left behind; it must have ended before.
    pub(crate) fn restarted(mut self) -> Self {
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        Self::start_in(folder, std::mem::take(&mut self.args))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
