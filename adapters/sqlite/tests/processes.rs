//! Several processes on one file: a server and its command line, and a server that is killed.
//!
//! The second process is this very test, started again; what it is to do stands in its environment.

#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

mod place;

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use kunci_domain::ports::{Inserted, SessionDirectory, SessionStore, Updated, UserInserted, UserStore};
use kunci_domain::{Session, SessionKey};
use kunci_sqlite::{OpenError, SqliteOptions, SqliteSessionStore, SqliteStore};
use kunci_testkit::samples::{key, signed_in, start, user, user_id, values, visitor};
use place::{open, place};
use serde_json::Value;

/// The path of the database, in the environment of a second process.
const PATH: &str = "KUNCI_TEST_SECOND_PROCESS";

/// What a second process has to say begins with this, to tell it from what the test harness prints.
const SAYS: &str = "second process: ";

/// In the second process, the path of the database.
fn second_process() -> Option<PathBuf> {
    env::var_os(PATH).map(PathBuf::from)
}

fn say(what: &str) {
    println!("\n{SAYS}{what}");
}

/// Another process that runs the same test.
struct Other {
    child: Child,
    said: std::io::Lines<BufReader<ChildStdout>>,
}

impl Other {
    fn start(test: &str, path: &Path) -> Self {
        Self::start_as(test, path, |command| command)
    }

    fn start_as(test: &str, path: &Path, adjust: impl FnOnce(&mut Command) -> &mut Command) -> Self {
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
    fn hear(&mut self) -> String {
        let lines = self.said.by_ref().map(|line| line.expect("a line"));
        let mut words = lines.filter_map(|line| line.strip_prefix(SAYS).map(str::to_owned));
        words.next().expect("the second process has ended")
    }

    fn tell(&mut self, what: &str) {
        let input = self.child.stdin.as_mut().expect("its input");
        writeln!(input, "{what}").expect("it listens");
    }

    /// Ends it the hard way.
    fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it has ended");
    }

    fn finish(mut self) {
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

#[test]
fn a_second_process_sees_every_change_at_once_and_makes_its_own() {
    if let Some(path) = second_process() {
        return tell_what_there_is(&path);
    }
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    let mut other = Other::start(
        "a_second_process_sees_every_change_at_once_and_makes_its_own",
        &path,
    );
    assert_eq!(other.hear(), "ready");
    for round in 0..20_u64 {
        assert_eq!(sessions.insert(&visitor(round)).expect("insert"), Inserted::Done);
        other.tell(&format!("look {round}"));
        assert_eq!(other.hear(), "there");
        other.tell(&format!("delete {round}"));
        assert_eq!(other.hear(), "true");
        assert_eq!(sessions.find(&key(round), start()).expect("find"), None);
        other.tell(&format!("insert {round}"));
        assert_eq!(other.hear(), "Done");
        assert!(sessions.find(&key(round), start()).expect("find").is_some());
        assert!(sessions.delete(&key(round)).expect("delete"));
        other.tell(&format!("look {round}"));
        assert_eq!(other.hear(), "gone");
    }
    other.finish();
}

/// The second process: does as it is told, line by line.
fn tell_what_there_is(path: &Path) {
    let sessions = open(path).sessions();
    say("ready");
    for line in std::io::stdin().lines() {
        let line = line.expect("a line");
        let (what, number) = line.split_once(' ').expect("two words");
        let number: u64 = number.parse().expect("a number");
        match what {
            "look" => match sessions.find(&key(number), start()).expect("find") {
                Some(_) => say("there"),
                None => say("gone"),
            },
            "insert" => say(&format!(
                "{:?}",
                sessions.insert(&visitor(number)).expect("insert")
            )),
            _ => say(&sessions.delete(&key(number)).expect("delete").to_string()),
        }
    }
}

#[test]
fn two_processes_write_at_the_same_time_and_lose_nothing() {
    const EACH: u64 = 60;
    if let Some(path) = second_process() {
        let sessions = open(&path).sessions();
        say("ready");
        std::io::stdin()
            .lines()
            .next()
            .expect("the start")
            .expect("a line");
        (0..EACH).for_each(|_| increment(&sessions));
        return say("done");
    }
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    assert_eq!(sessions.insert(&visitor(1)).expect("insert"), Inserted::Done);
    let mut other = Other::start("two_processes_write_at_the_same_time_and_lose_nothing", &path);
    assert_eq!(other.hear(), "ready");
    other.tell("go");
    (0..EACH).for_each(|_| increment(&sessions));
    assert_eq!(other.hear(), "done");
    other.finish();
    let found = sessions
        .find(&key(1), start())
        .expect("find")
        .expect("the session is there");
    assert_eq!(found.data.get("count").and_then(Value::as_u64), Some(2 * EACH));
}

fn increment(sessions: &SqliteSessionStore) {
    loop {
        let read = sessions
            .find(&key(1), start())
            .expect("find")
            .expect("the session is there");
        let count = read.data.get("count").and_then(Value::as_u64).unwrap_or(0);
        let changed = Session {
            data: values([("count", (count + 1).into())]),
            ..read
        };
        if sessions.update(&changed, start()).expect("update") == Updated::Done {
            return;
        }
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    if let Some(path) = second_process() {
        return write_until_killed(&path);
    }
    let (_folder, path) = place();
    let mut other = Other::start("what_was_acknowledged_survives_a_kill", &path);
    let acknowledged: Vec<u64> = (0..40).map(|_| other.hear().parse().expect("a number")).collect();
    other.kill();
    let sessions = open(&path).sessions();
    let there = |key: &SessionKey| sessions.find(key, start()).expect("find").is_some();
    for number in acknowledged {
        assert!(
            there(&key(number)),
            "session {number} was acknowledged and is lost"
        );
        assert!(
            !there(&key(number + 1_000_000)),
            "session {number} was deleted and is back"
        );
    }
}

/// The second process: says each number after a session was inserted under it, and another deleted.
fn write_until_killed(path: &Path) {
    let sessions = open(path).sessions();
    for number in 0.. {
        let passing = signed_in(number + 1_000_000, user_id(1));
        assert_eq!(sessions.insert(&passing).expect("insert"), Inserted::Done);
        assert_eq!(sessions.insert(&visitor(number)).expect("insert"), Inserted::Done);
        assert!(sessions.delete(&passing.key).expect("delete"));
        say(&number.to_string());
    }
}

#[test]
fn several_processes_may_open_a_new_database_at_once() {
    if let Some(path) = second_process() {
        std::io::stdin()
            .lines()
            .next()
            .expect("the start")
            .expect("a line");
        let number = u64::from(std::process::id());
        let store = SqliteStore::open(path, SqliteOptions::default()).expect("it opens");
        let inserted = store
            .users()
            .insert(&user(number, &format!("user-{number}")))
            .expect("insert");
        assert_eq!(inserted, UserInserted::Done);
        return say("done");
    }
    for _ in 0..4 {
        let (_folder, path) = place();
        let start = |_| Other::start("several_processes_may_open_a_new_database_at_once", &path);
        let mut others: Vec<Other> = (0..4).map(start).collect();
        others.iter_mut().for_each(|other| other.tell("go"));
        others
            .iter_mut()
            .for_each(|other| assert_eq!(other.hear(), "done"));
        others.into_iter().for_each(Other::finish);
        let store = open(&path);
        assert_eq!(store.users().list(None, 10).expect("list").len(), 4);
        assert_eq!(
            store
                .sessions()
                .list(None, None, 10, kunci_testkit::samples::start())
                .expect("list"),
            []
        );
    }
}

/// The log beside a database.
fn log_of(path: &Path) -> PathBuf {
    path.with_extension("sqlite-wal")
}

#[test]
fn opening_a_second_handle_keeps_the_locks_of_the_first() {
    if let Some(path) = second_process() {
        drop(open(&path));
        return say("done");
    }
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    assert_eq!(sessions.insert(&visitor(1)).expect("insert"), Inserted::Done);
    // A system that forgets the locks of a process when it closes any handle of a file does so here.
    drop(open(&path));
    let mut other = Other::start("opening_a_second_handle_keeps_the_locks_of_the_first", &path);
    assert_eq!(other.hear(), "done");
    other.finish();
    assert!(
        log_of(&path).is_file(),
        "the other process took itself for the last one"
    );
    assert!(sessions.find(&key(1), start()).expect("find").is_some());
}

#[test]
fn a_process_that_reads_does_not_keep_the_log_of_another_long() {
    if let Some(path) = second_process() {
        let sessions = open(&path).sessions();
        std::thread::spawn(move || while sessions.find(&key(1), start()).is_ok() {});
        say("reading");
        // It reads until it is told that nothing more will come.
        return drop(std::io::stdin().lines().next());
    }
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    let mut session = Session {
        data: values([("text", "x".repeat(32_000).into())]),
        ..visitor(1)
    };
    assert_eq!(sessions.insert(&session).expect("insert"), Inserted::Done);
    let mut other = Other::start(
        "a_process_that_reads_does_not_keep_the_log_of_another_long",
        &path,
    );
    assert_eq!(other.hear(), "reading");
    for _ in 0..900 {
        assert_eq!(sessions.update(&session, start()).expect("update"), Updated::Done);
        session.revision = session.revision.next();
    }
    other.finish();
    let log = std::fs::metadata(log_of(&path)).expect("the log").len();
    assert!(log < 26_000_000, "{log} bytes after about 32 MB of writes");
}

#[test]
fn a_file_that_may_not_be_written_to_is_refused_as_read_only() {
    if let Some(path) = second_process() {
        let error = SqliteStore::open(path, SqliteOptions::default()).expect_err("it must be refused");
        return say(if matches!(error, OpenError::ReadOnly { .. }) {
            "read-only"
        } else {
            "otherwise"
        });
    }
    let (folder, path) = place();
    drop(open(&path));
    let allow = |path: &Path, mode| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("the mode")
    };
    allow(folder.path(), 0o777);
    allow(&path, 0o444);
    // Nothing is forbidden to the superuser, so that somebody else has to try.
    let test = "a_file_that_may_not_be_written_to_is_refused_as_read_only";
    let mut other = Other::start_as(test, &path, |command| {
        if is_superuser() {
            command.uid(65_534)
        } else {
            command
        }
    });
    assert_eq!(other.hear(), "read-only");
    other.finish();
}

/// Whoever may write to a file that nobody may write to.
fn is_superuser() -> bool {
    let (_folder, path) = place();
    std::fs::write(&path, "").expect("the file");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).expect("the mode");
    std::fs::OpenOptions::new().write(true).open(&path).is_ok()
}
