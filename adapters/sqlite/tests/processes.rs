//! Several processes use one file: a server and its command line, and a server that is killed.
//!
//! The second process runs the same test again, see `support::second_process`.

#![allow(clippy::expect_used, reason = "a failing step fails the test")]

mod support;

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;

use kunci_domain::ports::{AccountStore, Committed, Inserted, SessionStore, Updated};
use kunci_domain::{EventKind, Purpose, Session, SessionKey, Step};
use kunci_sqlite::{OpenError, SqliteAccountStore, SqliteOptions, SqliteSessionStore, SqliteStore};
use kunci_testkit::samples::{
    event, invitation, key, link_key, signed_in, start, user, user_id, values, visitor,
};
use serde_json::Value;
use support::second_process::{SecondProcess, database_path, report};
use support::{commit, log_of, open, place};

#[test]
fn two_processes_see_each_others_changes_at_once() {
    if let Some(path) = database_path() {
        return serve_commands(&path);
    }
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    let mut other = SecondProcess::start("two_processes_see_each_others_changes_at_once", &path);
    assert_eq!(other.receive(), "ready");
    for round in 0..20_u64 {
        assert_eq!(sessions.insert(&visitor(round)).expect("insert"), Inserted::Done);
        other.send(&format!("look {round}"));
        assert_eq!(other.receive(), "there");
        other.send(&format!("delete {round}"));
        assert_eq!(other.receive(), "true");
        assert_eq!(sessions.find(&key(round), start()).expect("find"), None);
        other.send(&format!("insert {round}"));
        assert_eq!(other.receive(), "Done");
        assert!(sessions.find(&key(round), start()).expect("find").is_some());
        assert!(sessions.delete(&visitor(round)).expect("delete"));
        other.send(&format!("look {round}"));
        assert_eq!(other.receive(), "gone");
    }
    other.finish();
}

/// The second process: executes one command per line.
fn serve_commands(path: &Path) {
    let sessions = open(path).sessions();
    report("ready");
    for line in std::io::stdin().lines() {
        let line = line.expect("a line");
        let (what, number) = line.split_once(' ').expect("two words");
        let number: u64 = number.parse().expect("a number");
        match what {
            "look" => match sessions.find(&key(number), start()).expect("find") {
                Some(_) => report("there"),
                None => report("gone"),
            },
            "insert" => report(&format!(
                "{:?}",
                sessions.insert(&visitor(number)).expect("insert")
            )),
            _ => report(&sessions.delete(&visitor(number)).expect("delete").to_string()),
        }
    }
}

#[test]
fn concurrent_updates_of_two_processes_are_not_lost() {
    const EACH: u64 = 60;
    if let Some(path) = database_path() {
        let sessions = open(&path).sessions();
        report("ready");
        std::io::stdin()
            .lines()
            .next()
            .expect("the start")
            .expect("a line");
        (0..EACH).for_each(|_| increment(&sessions));
        return report("done");
    }
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    assert_eq!(sessions.insert(&visitor(1)).expect("insert"), Inserted::Done);
    let mut other = SecondProcess::start("concurrent_updates_of_two_processes_are_not_lost", &path);
    assert_eq!(other.receive(), "ready");
    other.send("go");
    (0..EACH).for_each(|_| increment(&sessions));
    assert_eq!(other.receive(), "done");
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
fn acknowledged_session_writes_survive_a_kill() {
    if let Some(path) = database_path() {
        return write_until_killed(&path);
    }
    let (_folder, path) = place();
    let mut other = SecondProcess::start("acknowledged_session_writes_survive_a_kill", &path);
    let acknowledged: Vec<u64> = (0..40)
        .map(|_| other.receive().parse().expect("a number"))
        .collect();
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

/// The second process: reports each number after it has inserted one session and deleted another.
fn write_until_killed(path: &Path) {
    let sessions = open(path).sessions();
    for number in 0.. {
        let passing = signed_in(number + 1_000_000, user_id(1));
        assert_eq!(sessions.insert(&passing).expect("insert"), Inserted::Done);
        assert_eq!(sessions.insert(&visitor(number)).expect("insert"), Inserted::Done);
        assert!(sessions.delete(&passing).expect("delete"));
        report(&number.to_string());
    }
}

#[test]
fn acknowledged_spends_and_events_survive_a_kill() {
    const TEST: &str = "acknowledged_spends_and_events_survive_a_kill";
    if let Some(path) = database_path() {
        return spend_until_killed(&path);
    }
    let (_folder, path) = place();
    let mut other = SecondProcess::start(TEST, &path);
    let acknowledged: Vec<u64> = (0..40)
        .map(|_| other.receive().parse().expect("a number"))
        .collect();
    other.kill();
    let accounts = open(&path).accounts();
    for number in &acknowledged {
        let found = accounts
            .find_link(&link_key(*number), start())
            .expect("find_link");
        assert_eq!(found, None, "link {number} was spent and is back");
        // The key of a spent link stays taken.
        let issued = accounts.commit(&Step::IssueLink(invitation(*number)).into(), start());
        assert_eq!(
            issued.expect("commit"),
            Committed::Collision,
            "link {number} is lost"
        );
    }
    let listed = accounts.events(user_id(1), 0, u32::MAX).expect("events");
    assert!(
        acknowledged.len() <= listed.len(),
        "{} events are left",
        listed.len()
    );
}

/// The second process: reports each number after it has issued and spent a link and appended an event.
fn spend_until_killed(path: &Path) {
    let accounts = open(path).accounts();
    for number in 0.. {
        commit(&accounts, Step::IssueLink(invitation(number)));
        commit(&accounts, Step::SpendLink(link_key(number), Purpose::Invitation));
        commit(
            &accounts,
            Step::AppendEvent(event(user_id(1), 0, EventKind::SignedIn)),
        );
        report(&number.to_string());
    }
}

#[test]
fn each_link_is_spent_once_by_two_processes() {
    const TEST: &str = "each_link_is_spent_once_by_two_processes";
    const LINKS: u64 = 60;
    if let Some(path) = database_path() {
        let accounts = open(&path).accounts();
        report("ready");
        assert!(std::io::stdin().lines().next().is_some(), "the start");
        return report(&spend_all(&accounts, LINKS).to_string());
    }
    let (_folder, path) = place();
    let accounts = open(&path).accounts();
    for number in 0..LINKS {
        commit(&accounts, Step::IssueLink(invitation(number)));
    }
    let mut other = SecondProcess::start(TEST, &path);
    assert_eq!(other.receive(), "ready");
    other.send("go");
    let own = spend_all(&accounts, LINKS);
    let others: usize = other.receive().parse().expect("a number");
    other.finish();
    assert_eq!((own + others) as u64, LINKS);
}

/// Spends all links that are left, and returns how many it spent.
fn spend_all(accounts: &SqliteAccountStore, count: u64) -> usize {
    let spend = |number| {
        let step = Step::SpendLink(link_key(number), Purpose::Invitation);
        accounts.commit(&step.into(), start()).expect("commit")
    };
    let spent = (0..count).filter(|number| spend(*number) == Committed::Done);
    spent.count()
}

#[test]
fn several_processes_can_open_a_new_database_at_once() {
    if let Some(path) = database_path() {
        std::io::stdin()
            .lines()
            .next()
            .expect("the start")
            .expect("a line");
        let number = u64::from(std::process::id());
        let store = SqliteStore::open(path, SqliteOptions::default()).expect("it opens");
        let user = user(number, &format!("user-{number}"));
        commit(&store.accounts(), Step::InsertUser(user));
        return report("done");
    }
    for _ in 0..4 {
        let (_folder, path) = place();
        let start = |_| SecondProcess::start("several_processes_can_open_a_new_database_at_once", &path);
        let mut others: Vec<SecondProcess> = (0..4).map(start).collect();
        others.iter_mut().for_each(|other| other.send("go"));
        others
            .iter_mut()
            .for_each(|other| assert_eq!(other.receive(), "done"));
        others.into_iter().for_each(SecondProcess::finish);
        let store = open(&path);
        assert_eq!(store.accounts().list(None, 10).expect("list").len(), 4);
        assert_eq!(
            store
                .sessions()
                .list(None, None, 10, kunci_testkit::samples::start())
                .expect("list"),
            []
        );
    }
}

#[test]
fn closing_a_second_handle_keeps_the_locks_of_the_first() {
    if let Some(path) = database_path() {
        drop(open(&path));
        return report("done");
    }
    let (_folder, path) = place();
    let sessions = open(&path).sessions();
    assert_eq!(sessions.insert(&visitor(1)).expect("insert"), Inserted::Done);
    // If closing this handle dropped the locks of this process, the other one would take itself for the last.
    drop(open(&path));
    let mut other = SecondProcess::start("closing_a_second_handle_keeps_the_locks_of_the_first", &path);
    assert_eq!(other.receive(), "done");
    other.finish();
    assert!(log_of(&path).is_file(), "the other process has removed the log");
    assert!(sessions.find(&key(1), start()).expect("find").is_some());
}

#[test]
fn special_sqlite_names_are_ordinary_files() {
    const NAMES: [&str; 3] = ["file:kunci?mode=memory", ":memory:", "a b%20c#d"];
    const TEST: &str = "special_sqlite_names_are_ordinary_files";
    if database_path().is_some() {
        // Such names are special to SQLite only if they are relative.
        NAMES.iter().for_each(|name| drop(open(Path::new(name))));
        return report("done");
    }
    let (folder, path) = place();
    let mut other = SecondProcess::start_as(TEST, &path, |command| command.current_dir(&folder));
    assert_eq!(other.receive(), "done");
    other.finish();
    for name in NAMES {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
}

#[test]
fn file_without_write_permission_is_refused_as_read_only() {
    if let Some(path) = database_path() {
        let error = SqliteStore::open(path, SqliteOptions::default()).expect_err("it must be refused");
        return report(if matches!(error, OpenError::ReadOnly { .. }) {
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
    // The superuser may write to any file, so the second process runs as another user.
    let test = "file_without_write_permission_is_refused_as_read_only";
    let mut other = SecondProcess::start_as(test, &path, |command| {
        if is_superuser() {
            command.uid(65_534)
        } else {
            command
        }
    });
    assert_eq!(other.receive(), "read-only");
    other.finish();
}

/// Returns whether this process may write to a read-only file.
fn is_superuser() -> bool {
    let (_folder, path) = place();
    std::fs::write(&path, "").expect("the file");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).expect("the mode");
    std::fs::OpenOptions::new().write(true).open(&path).is_ok()
}
