//! A server in its own process, for tests in which the process ends.
//!
//! The test runs its own binary again, with an environment variable that makes the same test serve.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio, exit};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use kunci_tiny_http::{Limits, Listen, bind};

use super::client::Client;
use super::{PATIENCE, Probe};

const ROLE: &str = "KUNCI_TEST_SERVE";

/// A child process that serves.
pub(crate) struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
    pub(crate) address: Listen,
}

/// In the child: serves until the server ends by itself, prints why, and ends the process. In the parent: does
/// nothing.
pub(crate) fn serve_if_child(limits: Limits) {
    if env::var_os(ROLE).is_none() {
        return;
    }
    let bound = bind(&Listen::Tcp(([127, 0, 0, 1], 0).into()), limits).unwrap();
    println!("\nlistening on {}", bound.address().url("http"));
    match bound.serve(Arc::new(Probe::default())).wait() {
        Ok(()) => exit(0),
        Err(error) => {
            eprintln!("ended: {error}");
            exit(7)
        }
    }
}

impl Server {
    /// Starts the child from the test of this name, after a shell command such as `ulimit -n 64`.
    pub(crate) fn start(test: &str, before: &str) -> Self {
        let program = env::current_exe().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", &format!("{before}; exec \"$0\" --exact {test} --nocapture")])
            .arg(program)
            .env(ROLE, "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(
                output.read_line(&mut line).unwrap(),
                0,
                "the child does not serve"
            );
            if let Some(address) = line.trim().strip_prefix("listening on http://") {
                break Listen::Tcp(address.parse().unwrap());
            }
        };
        Self {
            child,
            output,
            address,
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.address)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end of the process, and returns its exit code (none after a signal) and its standard
    /// error.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let mut stderr = self.child.stderr.take().unwrap();
        let (sender, receiver) = channel();
        thread::spawn(move || {
            let mut errors = String::new();
            stderr.read_to_string(&mut errors).unwrap();
            sender.send(errors).unwrap();
        });
        let errors = receiver.recv_timeout(PATIENCE).expect("the server goes on");
        (self.child.wait().unwrap().code(), errors)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
