//! Opening creates private files, refuses unsuitable ones, and reopening keeps all data.

#![allow(clippy::expect_used, reason = "a failing step fails the test")]

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use kunci_domain::ports::{AccountStore, Committed, Inserted, SessionStore};
use kunci_domain::{Event, EventKind, OneTimeToken, Purpose, Step};
use kunci_sqlite::{OpenError, SqliteOptions, SqliteStore};
use kunci_testkit::samples::{event, key, signed_in, start, token_for, user, user_id};
use rusqlite::Connection;
use support::{commit, open, place};

/// Returns the path of a file beside the database, such as its log.
fn companion(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

#[track_caller]
fn refused(path: &Path) -> OpenError {
    let mut options = SqliteOptions::default();
    options.busy_timeout = Duration::from_millis(50);
    SqliteStore::open(path, options).expect_err("the file is refused")
}

/// Prepares a file with SQLite alone.
fn prepare(path: &Path, sql: &str) -> Connection {
    let connection = Connection::open(path).expect("a connection");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("the mode");
    connection.execute_batch(sql).expect("the preparation");
    connection
}

#[test]
fn reopening_keeps_sessions_and_users() {
    let (_folder, path) = place();
    let (session, ada) = (signed_in(1, user_id(1)), user(1, "Ada"));
    {
        let store = open(&path);
        assert_eq!(store.sessions().insert(&session).expect("insert"), Inserted::Done);
        commit(&store.accounts(), Step::InsertUser(ada.clone()));
    }
    let store = open(&path);
    assert_eq!(
        store.sessions().find(&key(1), start()).expect("find"),
        Some(session)
    );
    assert_eq!(store.accounts().find(ada.id).expect("find"), Some(ada));
}

#[test]
fn reopening_keeps_links_their_uses_and_events() {
    let (_folder, path) = place();
    let link = OneTimeToken {
        uses_left: 2,
        ..token_for(1, user_id(1), Purpose::SignIn)
    };
    let spend = || Step::SpendLink(link.key, link.purpose);
    let events = [EventKind::SignedUp, EventKind::SignedIn].map(|kind| event(user_id(1), 0, kind));
    {
        let accounts = open(&path).accounts();
        commit(&accounts, Step::IssueLink(link.clone()));
        commit(&accounts, spend());
        let append = |event: &Event| commit(&accounts, Step::AppendEvent(event.clone()));
        events.iter().for_each(append);
    }
    let accounts = open(&path).accounts();
    let once = OneTimeToken {
        uses_left: 1,
        ..link.clone()
    };
    let found = accounts.find_link(&link.key, start()).expect("find_link");
    assert_eq!(found, Some(once));
    commit(&accounts, spend());
    let third = accounts.commit(&spend().into(), start()).expect("commit");
    assert_eq!(third, Committed::LinkSpent);
    let mut listed = accounts.events(user_id(1), 0, 10).expect("events");
    listed.reverse();
    assert_eq!(listed, events);
}

#[test]
fn new_database_is_readable_by_its_owner_only() {
    let (_folder, path) = place();
    let store = open(&path);
    assert_eq!(
        store
            .sessions()
            .insert(&signed_in(1, user_id(1)))
            .expect("insert"),
        Inserted::Done
    );
    for suffix in ["", "-wal", "-shm"] {
        let file = fs::metadata(companion(&path, suffix)).expect("the file is there");
        assert_eq!(file.mode() & 0o777, 0o600, "the file ending in {suffix:?}");
    }
}

#[test]
fn closing_leaves_only_the_database_file() {
    let (folder, path) = place();
    let store = open(&path);
    let sessions = store.sessions();
    assert_eq!(
        sessions.insert(&signed_in(1, user_id(1))).expect("insert"),
        Inserted::Done
    );
    assert!(sessions.find(&key(1), start()).expect("find").is_some());
    drop((store, sessions));
    let names: Vec<_> = fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    assert_eq!(names, [path]);
}

#[test]
fn queued_touches_are_written_before_closing() {
    let (_folder, path) = place();
    let session = signed_in(1, user_id(1));
    let seen = start().after(Duration::from_secs(5));
    {
        let sessions = open(&path).sessions();
        assert_eq!(sessions.insert(&session).expect("insert"), Inserted::Done);
        let _ = sessions.touch(&session.key, seen).expect("touch");
    }
    let found = open(&path).sessions().find(&session.key, start()).expect("find");
    assert_eq!(found.map(|found| found.last_seen_at), Some(seen));
}

#[test]
fn newer_database_is_refused_with_both_versions() {
    let (_folder, path) = place();
    drop(open(&path));
    drop(prepare(&path, "PRAGMA user_version = 99"));
    let before = fs::read(&path).expect("the file");
    let error = refused(&path);
    assert!(matches!(
        error,
        OpenError::Newer {
            found: 99,
            known: 9,
            ..
        }
    ));
    let message = error.to_string();
    assert!(
        message.contains("99") && message.contains(" 9 ") && message.contains("newer version"),
        "{message}"
    );
    assert_eq!(fs::read(&path).expect("the file"), before);
}

#[test]
fn file_that_is_no_database_is_refused_unchanged() {
    let (_folder, path) = place();
    let text = "Dear diary, ".repeat(1_000);
    fs::write(&path, &text).expect("the file");
    let error = refused(&path);
    assert!(matches!(error, OpenError::NotADatabase { .. }));
    assert_eq!(
        error.to_string(),
        format!("{} is not an SQLite database, or is damaged", path.display())
    );
    assert_eq!(fs::read_to_string(&path).expect("the file"), text);
}

#[test]
fn database_of_another_program_is_refused_unchanged() {
    let preparations = [
        "CREATE TABLE diary (text)",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 1",
        "PRAGMA application_id = 7; CREATE TABLE sessions (id)",
    ];
    for sql in preparations {
        let (_folder, path) = place();
        drop(prepare(&path, sql));
        let before = fs::read(&path).expect("the file");
        assert!(matches!(refused(&path), OpenError::Foreign { .. }), "{sql}");
        assert_eq!(fs::read(&path).expect("the file"), before, "{sql}");
    }
}

#[test]
fn file_in_a_missing_folder_cannot_be_created() {
    let (folder, _) = place();
    for path in [
        folder.path().join("no/such/folder"),
        folder.path().to_owned(),
        PathBuf::new(),
    ] {
        let error = refused(&path);
        assert!(matches!(error, OpenError::CannotCreate { .. }), "{error:?}");
    }
}

#[test]
fn locked_file_is_refused_as_locked() {
    let (_folder, path) = place();
    let holder = prepare(&path, "BEGIN EXCLUSIVE");
    assert!(matches!(refused(&path), OpenError::Locked { .. }));
    drop(holder);
    open(&path);
}

#[test]
fn up_to_date_database_opens_while_another_process_writes() {
    let (_folder, path) = place();
    drop(open(&path));
    let _writing = prepare(&path, "BEGIN IMMEDIATE; DELETE FROM sessions");
    let mut options = SqliteOptions::default();
    options.busy_timeout = Duration::from_millis(50);
    let store = SqliteStore::open(&path, options).expect("it opens");
    assert_eq!(store.sessions().find(&key(1), start()).expect("find"), None);
}

#[test]
fn options_may_have_the_largest_values_of_their_types() {
    let (_folder, path) = place();
    let mut options = SqliteOptions::default();
    options.mmap_bytes = u64::MAX;
    options.busy_timeout = Duration::MAX;
    options.max_bytes = Some(u64::MAX);
    options.queue = usize::MAX;
    let store = SqliteStore::open(&path, options).expect("it opens");
    assert_eq!(
        store
            .sessions()
            .insert(&signed_in(1, user_id(1)))
            .expect("insert"),
        Inserted::Done
    );
    assert!(store.sessions().find(&key(1), start()).expect("find").is_some());
}

#[test]
fn permissions_of_an_existing_file_stay() {
    let (_folder, path) = place();
    fs::write(&path, "").expect("the file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("the mode");
    drop(open(&path));
    assert_eq!(fs::metadata(&path).expect("the file").mode() & 0o777, 0o640);
}

#[test]
fn database_that_other_users_can_access_is_refused() {
    let cases = [
        // the file, its mode, the mode of the folder, the remedy
        ("", 0o644, 0o700, "chmod 600"),
        ("", 0o602, 0o700, "chmod 600"),
        ("", 0o660, 0o700, "chmod 600"),
        ("-wal", 0o604, 0o700, "chmod 600"),
        ("", 0o600, 0o777, "chmod o-w"),
    ];
    for (suffix, mode, folder_mode, remedy) in cases {
        let (folder, path) = place();
        fs::write(&path, "").expect("the file");
        fs::write(companion(&path, suffix), "").expect("the file");
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
        set(&path, 0o600).expect("the mode");
        set(&companion(&path, suffix), mode).expect("the mode");
        set(folder.path(), folder_mode).expect("the mode");
        let error = refused(&path);
        assert!(matches!(error, OpenError::Exposed { .. }), "{error:?}");
        assert!(error.to_string().contains(remedy), "{error}");
    }
}

#[test]
fn several_threads_can_open_a_new_database_at_once() {
    const THREADS: u64 = 6;
    for _ in 0..15 {
        let (_folder, path) = place();
        let barrier = Barrier::new(THREADS as usize);
        let opened = thread::scope(|scope| {
            let open_one = |number| {
                let (path, barrier) = (&path, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let store = SqliteStore::open(path, SqliteOptions::default())?;
                    let inserted = store.sessions().insert(&signed_in(number, user_id(1)));
                    Ok::<_, OpenError>((store, inserted))
                })
            };
            let threads: Vec<_> = (0..THREADS).map(open_one).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("a thread"))
                .collect::<Vec<_>>()
        });
        for result in &opened {
            assert!(matches!(result, Ok((_, Ok(Inserted::Done)))), "{result:?}");
        }
        let listed = open(&path)
            .sessions()
            .list(Some(user_id(1)), None, 100, start())
            .expect("list");
        assert_eq!(listed.len(), THREADS as usize);
    }
}
