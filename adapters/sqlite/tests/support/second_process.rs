//! A second process, which is the same test started once more; what it is to do stands in its environment.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The path of the database, in the environment of a second process.
const PATH: &str = "KUNCI_TEST_SECOND_PROCESS";

/// What a second process has to say begins with this, to tell it from what the test harness prints.
const SAYS: &str = "second process: ";

/// In the second process, the path of the database.
pub(crate) fn second_process() -> Option<PathBuf> {
    env::var_os(PATH).map(PathBuf::from)
}

pub(crate) fn say(what: &str) {
    println!("\n{SAYS}{what}");
}

/// Another process that runs the same test.
pub(crate) struct Other {
    child: Child,
    said: std::io::Lines<BufReader<ChildStdout>>,
}

impl Other {
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
        let said = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, said }
    }

    /// The next thing that it says; it is a failure of the test when it ends without a word.
    #[track_caller]
    pub(crate) fn hear(&mut self) -> String {
        let lines = self.said.by_ref().map(|line| line.expect("a line"));
        let mut words = lines.filter_map(|line| line.strip_prefix(SAYS).map(str::to_owned));
        words.next().expect("the second process has ended")
    }

    pub(crate) fn tell(&mut self, what: &str) {
        let input = self.child.stdin.as_mut().expect("its input");
        writeln!(input, "{what}").expect("it listens");
    }

    /// Ends it the hard way.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it has ended");
    }

    pub(crate) fn finish(mut self) {
        drop(self.child.stdin.take());
        assert!(
            self.child.wait().expect("it ends").success(),
            "the second process failed"
        );
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // A test that fails must not leave anybody behind; whoever has ended already does not mind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
