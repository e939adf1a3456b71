//! Several processes on one file: a server and its command line, and a server that is killed.
//!
//! The second process is the very test, started again: see `support::second_process`.

#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

mod support;

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;

use kunci_domain::ports::{
    AuditLog, Inserted, SessionDirectory, SessionStore, TokenStore, Updated, UserInserted, UserStore,
};
use kunci_domain::{EventKind, Purpose, Session, SessionKey};
use kunci_sqlite::{OpenError, SqliteOptions, SqliteSessionStore, SqliteStore, SqliteTokenStore};
use kunci_testkit::samples::{
    event, invitation, key, link_key, signed_in, start, user, user_id, values, visitor,
};
use serde_json::Value;
use support::second_process::{Other, say, second_process};
use support::{log_of, open, place};

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
        assert!(sessions.delete(&visitor(round)).expect("delete"));
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
            _ => say(&sessions.delete(&visitor(number)).expect("delete").to_string()),
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
        assert!(sessions.delete(&passing).expect("delete"));
        say(&number.to_string());
    }
}

#[test]
fn uses_and_events_that_were_acknowledged_survive_a_kill() {
    const TEST: &str = "uses_and_events_that_were_acknowledged_survive_a_kill";
    if let Some(path) = second_process() {
        return spend_until_killed(&path);
    }
    let (_folder, path) = place();
    let mut other = Other::start(TEST, &path);
    let acknowledged: Vec<u64> = (0..40).map(|_| other.hear().parse().expect("a number")).collect();
    other.kill();
    let store = open(&path);
    let found = |number| store.tokens().find(&link_key(number), start()).expect("find");
    for number in &acknowledged {
        assert_eq!(found(*number), None, "token {number} was spent and is back");
        store
            .tokens()
            .give_back(&link_key(*number), start())
            .expect("give_back");
        assert!(found(*number).is_some(), "token {number} is lost");
    }
    let listed = store.history().list(user_id(1), 0, u32::MAX).expect("list");
    assert!(
        acknowledged.len() <= listed.len(),
        "{} events are left",
        listed.len()
    );
}

/// The second process: says each number after a token was issued under it and spent, and that was noted.
fn spend_until_killed(path: &Path) {
    let store = open(path);
    for number in 0.. {
        let token = invitation(number);
        assert_eq!(store.tokens().issue(&token).expect("issue"), Inserted::Done);
        let spent = store.tokens().spend(&token.key, token.purpose, start());
        assert_eq!(spent.expect("spend"), Some(token));
        let noted = store.history().append(&event(user_id(1), 0, EventKind::SignedIn));
        noted.expect("append");
        say(&number.to_string());
    }
}

#[test]
fn two_processes_that_spend_the_same_tokens_get_each_of_them_once() {
    const TEST: &str = "two_processes_that_spend_the_same_tokens_get_each_of_them_once";
    const TOKENS: u64 = 60;
    if let Some(path) = second_process() {
        let tokens = open(&path).tokens();
        say("ready");
        assert!(std::io::stdin().lines().next().is_some(), "the start");
        return say(&spend_all(&tokens, TOKENS).to_string());
    }
    let (_folder, path) = place();
    let tokens = open(&path).tokens();
    for number in 0..TOKENS {
        assert_eq!(tokens.issue(&invitation(number)).expect("issue"), Inserted::Done);
    }
    let mut other = Other::start(TEST, &path);
    assert_eq!(other.hear(), "ready");
    other.tell("go");
    let own = spend_all(&tokens, TOKENS);
    let others: usize = other.hear().parse().expect("a number");
    other.finish();
    assert_eq!((own + others) as u64, TOKENS);
}

/// Spends as many of the tokens as are left; tells how many these were.
fn spend_all(tokens: &SqliteTokenStore, count: u64) -> usize {
    let spend = |number| tokens.spend(&link_key(number), Purpose::Invitation, start());
    (0..count)
        .filter_map(|number| spend(number).expect("spend"))
        .count()
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
fn a_name_that_means_something_to_sqlite_is_a_file_like_any_other() {
    const NAMES: [&str; 3] = ["file:kunci?mode=memory", ":memory:", "a b%20c#d"];
    const TEST: &str = "a_name_that_means_something_to_sqlite_is_a_file_like_any_other";
    if second_process().is_some() {
        // Names like these mean something only when no folder stands before them.
        NAMES.iter().for_each(|name| drop(open(Path::new(name))));
        return say("done");
    }
    let (folder, path) = place();
    let mut other = Other::start_as(TEST, &path, |command| command.current_dir(&folder));
    assert_eq!(other.hear(), "done");
    other.finish();
    for name in NAMES {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
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
