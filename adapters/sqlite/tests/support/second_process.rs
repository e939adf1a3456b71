//! A second process, which runs the same test again. It gets the path of the database in its environment.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The environment variable with the path of the database.
const PATH: &str = "KUNCI_TEST_SECOND_PROCESS";

/// The prefix of each line that a second process reports. It distinguishes them from the test harness's
/// output.
const PREFIX: &str = "second process: ";

/// Returns the path of the database if this is the second process.
pub(crate) fn database_path() -> Option<PathBuf> {
    env::var_os(PATH).map(PathBuf::from)
}

/// Sends one line from the second process to the first.
pub(crate) fn report(line: &str) {
    println!("\n{PREFIX}{line}");
}

/// A second process, as the first one sees it.
pub(crate) struct SecondProcess {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl SecondProcess {
    pub(crate) fn start(test: &str, path: &Path) -> Self {
        Self::start_as(test, path, |command| command)
    }

    pub(crate) fn start_as(
        test: &str,
        path: &Path,
        adjust: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Self {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env(PATH, path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = adjust(&mut command).spawn().expect("a second process");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, lines }
    }

    /// Waits for the next reported line. The test fails if the process ends before that.
    #[track_caller]
    pub(crate) fn receive(&mut self) -> String {
        let lines = self.lines.by_ref().map(|line| line.expect("a line"));
        let mut reported = lines.filter_map(|line| line.strip_prefix(PREFIX).map(str::to_owned));
        reported.next().expect("the second process has ended")
    }

    pub(crate) fn send(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().expect("its input");
        writeln!(input, "{line}").expect("it reads its input");
    }

    /// Kills the process.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it has ended");
    }

    /// Kills the process and returns the reported lines that were not received yet.
    pub(crate) fn kill_and_read(mut self) -> Vec<String> {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it has ended");
        let lines = self.lines.by_ref().map(|line| line.expect("a line"));
        lines
            .filter_map(|line| line.strip_prefix(PREFIX).map(str::to_owned))
            .collect()
    }

    /// Closes its input and checks that it ends with success.
    pub(crate) fn finish(mut self) {
        drop(self.child.stdin.take());
        assert!(
            self.child.wait().expect("it ends").success(),
            "the second process failed"
        );
    }
}

impl Drop for SecondProcess {
    fn drop(&mut self) {
        // A failing test must not leave the process running. If it has ended already, both calls do nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
