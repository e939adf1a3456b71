//! Opening: what a new file is like, which files are refused and how, and that reopening keeps everything.

#![allow(clippy::expect_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use kunci_domain::ports::{
    AuditLog, Inserted, SessionDirectory, SessionStore, TokenStore, UserInserted, UserStore,
};
use kunci_domain::{EventKind, OneTimeToken, Purpose};
use kunci_sqlite::{OpenError, SqliteOptions, SqliteStore};
use kunci_testkit::samples::{event, key, signed_in, start, token_for, user, user_id};
use rusqlite::Connection;
use support::{open, place};

/// The file beside the database at `path` whose name ends differently.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

#[track_caller]
fn refused(path: &Path) -> OpenError {
    let mut options = SqliteOptions::default();
    options.busy_timeout = Duration::from_millis(50);
    SqliteStore::open(path, options).expect_err("a file that must be refused was opened")
}

/// Prepares a file with SQLite itself.
fn prepare(path: &Path, sql: &str) -> Connection {
    let connection = Connection::open(path).expect("a connection");
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
        assert_eq!(store.users().insert(&ada).expect("insert"), UserInserted::Done);
    }
    let store = open(&path);
    assert_eq!(
        store.sessions().find(&key(1), start()).expect("find"),
        Some(session)
    );
    assert_eq!(store.users().find(ada.id).expect("find"), Some(ada));
}

#[test]
fn reopening_keeps_tokens_their_uses_and_history() {
    let (_folder, path) = place();
    let token = OneTimeToken {
        uses_left: 2,
        ..token_for(1, user_id(1), Purpose::SignIn)
    };
    let events = [EventKind::SignedUp, EventKind::SignedIn].map(|kind| event(user_id(1), 0, kind));
    {
        let store = open(&path);
        assert_eq!(store.tokens().issue(&token).expect("issue"), Inserted::Done);
        let spent = store.tokens().spend(&token.key, token.purpose, start());
        assert_eq!(spent.expect("spend"), Some(token.clone()));
        let append = |event| store.history().append(event).expect("append");
        events.iter().for_each(append);
    }
    let store = open(&path);
    let once = OneTimeToken {
        uses_left: 1,
        ..token.clone()
    };
    let found = || store.tokens().find(&token.key, start()).expect("find");
    assert_eq!(found(), Some(once));
    for _ in 0..2 {
        store.tokens().give_back(&token.key, start()).expect("give_back");
        assert_eq!(found().as_ref(), Some(&token));
    }
    let mut listed = store.history().list(user_id(1), 0, 10).expect("list");
    listed.reverse();
    assert_eq!(listed, events);
}

#[test]
fn a_new_database_is_for_its_owner_only() {
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
        let file = fs::metadata(beside(&path, suffix)).expect("the file is there");
        assert_eq!(file.mode() & 0o777, 0o600, "the file ending in {suffix:?}");
    }
}

#[test]
fn closing_leaves_one_file_behind() {
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
fn what_is_queued_is_written_before_the_file_is_closed() {
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
fn a_newer_database_is_refused_with_both_versions() {
    let (_folder, path) = place();
    drop(open(&path));
    drop(prepare(&path, "PRAGMA user_version = 99"));
    let before = fs::read(&path).expect("the file");
    let error = refused(&path);
    assert!(matches!(
        error,
        OpenError::Newer {
            found: 99,
            known: 3,
            ..
        }
    ));
    let message = error.to_string();
    assert!(
        message.contains("99") && message.contains(" 3 ") && message.contains("newer version"),
        "{message}"
    );
    assert_eq!(fs::read(&path).expect("the file"), before);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let (_folder, path) = place();
    let text = "Dear diary, ".repeat(1_000);
    fs::write(&path, &text).expect("the file");
    let error = refused(&path);
    assert!(matches!(error, OpenError::NotADatabase { .. }));
    assert_eq!(
        error.to_string(),
        format!("{} is not a database, or is damaged", path.display())
    );
    assert_eq!(fs::read_to_string(&path).expect("the file"), text);
}

#[test]
fn the_database_of_another_program_is_refused_and_left_alone() {
    let others = [
        "CREATE TABLE diary (text)",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 1",
        "PRAGMA application_id = 7; CREATE TABLE sessions (id)",
    ];
    for sql in others {
        let (_folder, path) = place();
        drop(prepare(&path, sql));
        let before = fs::read(&path).expect("the file");
        assert!(matches!(refused(&path), OpenError::Foreign { .. }), "{sql}");
        assert_eq!(fs::read(&path).expect("the file"), before, "{sql}");
    }
}

#[test]
fn a_file_in_a_folder_that_is_not_there_cannot_be_created() {
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
fn a_file_that_another_process_keeps_locked_is_refused_as_locked() {
    let (_folder, path) = place();
    let holder = prepare(&path, "BEGIN EXCLUSIVE");
    assert!(matches!(refused(&path), OpenError::Locked { .. }));
    drop(holder);
    open(&path);
}

#[test]
fn a_database_that_is_up_to_date_opens_while_another_process_writes() {
    let (_folder, path) = place();
    drop(open(&path));
    let _writing = prepare(&path, "BEGIN IMMEDIATE; DELETE FROM sessions");
    let mut options = SqliteOptions::default();
    options.busy_timeout = Duration::from_millis(50);
    let store = SqliteStore::open(&path, options).expect("it opens");
    assert_eq!(store.sessions().find(&key(1), start()).expect("find"), None);
}

#[test]
fn any_option_may_be_as_large_as_its_type_allows() {
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
fn a_file_that_was_made_readable_for_others_stays_so() {
    let (_folder, path) = place();
    fs::write(&path, "").expect("the file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("the mode");
    drop(open(&path));
    assert_eq!(fs::metadata(&path).expect("the file").mode() & 0o777, 0o640);
}

#[test]
fn several_threads_may_open_a_new_database_at_once() {
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
