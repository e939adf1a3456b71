//! The program with arbitrary listening addresses and settings file, and its output.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};

use super::server::without_settings;

/// A running program, and its output up to the line that starts with `open`.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pub(crate) lines: Vec<String>,
    /// Returns the complete log when the process ends.
    log: Option<JoinHandle<String>>,
}

impl Process {
    /// Starts `serve` on hyper in a folder.
    pub(crate) fn start_hyper(folder: &Path, args: &[&str]) -> Self {
        let command = Command::new(env!("CARGO_BIN_EXE_kunci"));
        Self::start(command, folder, &[&["--transport", "hyper"], args].concat())
    }

    /// Starts `serve` with a command to which the program's arguments are added.
    pub(crate) fn start(command: Command, folder: &Path, args: &[&str]) -> Self {
        let mut child = without_settings(command)
            .args(["serve", "--data", "data"])
            .args(args)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Without a reader, the server would block on a full pipe.
        let mut stderr = child.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).map(|_| text).unwrap_or_default()
        });
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut lines = Vec::new();
        while !lines
            .last()
            .is_some_and(|line: &String| line.starts_with("open "))
        {
            let mut line = String::new();
            if out.read_line(&mut line).unwrap() == 0 {
                panic!("the program ended after {lines:?}; log: {}", log.join().unwrap());
            }
            lines.push(line.trim_end().to_owned());
        }
        child.stdout = Some(out.into_inner());
        Self {
            child,
            lines,
            log: Some(log),
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Sends SIGTERM, and waits until the process ends.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.child.wait().unwrap()
    }

    /// Ends the process, and returns its log.
    pub(crate) fn log(mut self) -> String {
        assert!(self.terminate().success());
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
