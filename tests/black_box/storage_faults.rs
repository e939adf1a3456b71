//! Databases that are locked, corrupt, newer than the program, or on a full disk.
//!
//! A start fails with a clear message. A running server answers with 503, accepts no corrupt session, and
//! loses no acknowledged data.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use crate::life::outbox::latest_token;
use crate::support::{PASSWORD, Server, Transport, for_each_transport, kunci};

for_each_transport!(
    corrupt_database_accepts_no_session,
    locked_database_refuses_writes_and_loses_nothing,
    full_disk_refuses_writes_and_keeps_acknowledged_data,
    replaced_database_is_refused_until_a_restart,
    truncated_database_acknowledges_nothing_and_is_logged_once,
    nearly_full_outbox_is_logged_once,
    confirmations_leave_room_for_a_reset,
);

const ADA: &[(&str, &str)] = &[("username", "ada"), ("password", PASSWORD)];

/// Starts a server on a prepared data folder, and returns its output after it has ended.
fn start_on(prepare: impl Fn(&Path)) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    prepare(&data);
    kunci()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[track_caller]
fn check_refusal(name: &str, message: &str, prepare: impl Fn(&Path)) {
    let output = start_on(prepare);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{name}: {stderr}");
    let last = stderr.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("kunci: ") && last.contains(message),
        "{name}: {stderr}"
    );
    assert!(output.stdout.is_empty(), "{name}: the server printed its address");
}

#[test]
fn unusable_database_fails_the_start_with_one_line() {
    check_refusal("text", "not a", |data| {
        fs::write(
            data.join("kunci.db"),
            "this is no database, it only looks large enough".repeat(99),
        )
        .unwrap()
    });
    check_refusal("a folder", "kunci.db", |data| {
        fs::create_dir(data.join("kunci.db")).unwrap()
    });
    check_refusal("newer", "newer", |data| {
        assert!(
            kunci()
                .args(["user", "list", "--data"])
                .arg(data)
                .status()
                .unwrap()
                .success()
        );
        let database = rusqlite::Connection::open(data.join("kunci.db")).unwrap();
        database.pragma_update(None, "user_version", 9_999).unwrap();
    });
    check_refusal("of another program", "kunci.db", |data| {
        let database = rusqlite::Connection::open(data.join("kunci.db")).unwrap();
        database
            .execute_batch("PRAGMA application_id = 7; CREATE TABLE sessions (x)")
            .unwrap();
    });
    check_refusal("a database that all users can read", "chmod 600", |data| {
        fs::write(data.join("kunci.db"), "").unwrap();
        set_mode(&data.join("kunci.db"), 0o644);
    });
    check_refusal("a folder that all users can write to", "chmod o-w", |data| {
        set_mode(data, 0o777);
    });
    check_refusal("a symbolic link as outbox", "outbox", |data| {
        std::os::unix::fs::symlink("/tmp", data.join("outbox")).unwrap();
    });
    check_refusal("a bad key", "secret.key", |data| {
        fs::write(data.join("secret.key"), "short").unwrap()
    });
}

fn corrupt_database_accepts_no_session(transport: Transport) {
    let server = Server::start(transport);
    let mut client = server.text_client();
    client.post("/register", ADA);
    let database = rusqlite::Connection::open(server.data().join("kunci.db")).unwrap();
    database
        .execute_batch("UPDATE sessions SET data = 'no json'")
        .unwrap();
    let response = client.get("/profile");
    assert_eq!(
        (response.status, response.header("retry-after").is_some()),
        (503, true),
        "{}",
        response.body
    );
    assert_eq!(client.post("/login", ADA).status, 200, "a new session works");
}

fn locked_database_refuses_writes_and_loses_nothing(transport: Transport) {
    let server = Server::start(transport);
    let mut client = server.json_client();
    client.post("/register", ADA);
    let database = rusqlite::Connection::open(server.data().join("kunci.db")).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = client.json("PUT", "/api/v1/session/data/a", "1");
    assert_eq!(
        (refused.status, refused.json()["error"]["code"].as_str()),
        (503, Some("unavailable"))
    );
    assert_eq!(
        client.get("/profile").json()["user"]["name"],
        "ada",
        "reads still work"
    );
    database.execute_batch("ROLLBACK").unwrap();
    assert_eq!(client.json("PUT", "/api/v1/session/data/a", "1").status, 200);
    assert_eq!(client.get("/api/v1/session/data/a").json()["value"], 1);
}

fn full_disk_refuses_writes_and_keeps_acknowledged_data(transport: Transport) {
    let server = Server::start(transport);
    let mut client = server.json_client();
    client.post("/register", ADA);
    assert_eq!(client.json("PUT", "/api/v1/session/data/kept", "1").status, 200);
    let full = FullDisk::on(&server);
    let large = format!("{:?}", "x".repeat(30_000));
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for n in 0..40 {
        let mut visitor = server.json_client();
        match visitor.json("PUT", "/api/v1/session/data/large", &large).status {
            200 => acknowledged.push(visitor),
            503 => refused += 1,
            other => panic!("visitor {n} got {other}"),
        }
    }
    assert!(refused > 0, "no write was refused");
    assert_eq!(client.get("/api/v1/session/data/kept").json()["value"], 1);
    drop(full);
    for visitor in &mut acknowledged {
        assert_eq!(visitor.get("/api/v1/session/data/large").status, 200);
    }
    assert_eq!(client.json("PUT", "/api/v1/session/data/after", "2").status, 200);
}

fn replaced_database_is_refused_until_a_restart(transport: Transport) {
    let mut server = Server::start(transport);
    let mut client = server.json_client();
    client.post("/register", ADA);
    let path = server.data().join("kunci.db");
    fs::rename(&path, path.with_extension("old")).unwrap();
    fs::write(&path, "").unwrap();
    let replaced = Instant::now();
    let other = [("username", "grace"), ("password", PASSWORD)];
    assert_eq!(server.text_client().post("/register", &other).status, 503);
    while client.get("/profile").status != 503 {
        assert!(replaced.elapsed() < Duration::from_secs(1), "reads go on");
    }
    assert_eq!(server.text_client().get("/readyz").status, 503);
    fs::rename(path.with_extension("old"), &path).unwrap();
    assert_eq!(client.get("/profile").status, 503, "only a restart recovers");
    let (_, log) = server.terminate();
    assert_eq!(log.matches("restart to recover").count(), 1, "{log}");
    let server = server.restarted();
    assert_eq!(server.text_client().post("/login", ADA).status, 200);
}

fn truncated_database_acknowledges_nothing_and_is_logged_once(transport: Transport) {
    for (name, kept) in [("kunci.db-wal", 0), ("kunci.db-wal", 4_096), ("kunci.db", 4_096)] {
        let mut server = Server::start(transport);
        let mut client = server.json_client();
        client.post("/register", ADA);
        let database = rusqlite::Connection::open(server.data().join("kunci.db")).unwrap();
        database
            .query_row("PRAGMA wal_checkpoint", [], |_| Ok(()))
            .unwrap();
        client.json("PUT", "/api/v1/session/data/k", "1");
        let file = fs::OpenOptions::new().write(true).open(server.data().join(name));
        file.unwrap().set_len(kept).unwrap();
        for user in ["grace", "hedy", "joan"] {
            let form = [("username", user), ("password", PASSWORD)];
            let refused = server.json_client().post("/register", &form);
            assert_eq!(refused.status, 503, "{name} {kept}: {user}");
        }
        assert_eq!(client.get("/api/v1/session").status, 503, "{name} {kept}");
        assert_eq!(server.text_client().get("/readyz").status, 503, "{name} {kept}");
        let (_, log) = server.terminate();
        assert_eq!(log.matches("restart to recover").count(), 1, "{log}");
    }
}

/// The outbox has room for 10,000 messages, and is nearly full from 8,000 on.
fn nearly_full_outbox_is_logged_once(transport: Transport) {
    let mut server = Server::start(transport);
    server.terminate();
    for number in 0..7_998 {
        let name = format!("outbox/{number:015}-x.eml");
        fs::write(server.data().join(name), "").unwrap();
    }
    let mut server = server.restarted();
    for name in ["ada", "bob", "eve"] {
        let address = format!("{name}@example.org");
        let form = [("username", name), ("password", PASSWORD), ("email", &address)];
        assert_eq!(server.json_client().post("/register", &form).status, 201);
    }
    let (_, log) = server.terminate();
    assert_eq!(log.matches("the mail folder is 80 % full").count(), 1, "{log}");
}

fn confirmations_leave_room_for_a_reset(transport: Transport) {
    let mut server = Server::start(transport);
    let sign_up = |server: &Server, name: &str| {
        let address = format!("{name}@example.org");
        let form = [("username", name), ("password", PASSWORD), ("email", &address)];
        let mut client = server.json_client();
        assert_eq!(client.post("/register", &form).status, 201);
        client
    };
    sign_up(&server, "ada");
    let token = latest_token(&server, "ada@example.org");
    let confirmed = server.text_client().post("/link", &[("token", &token)]);
    assert_eq!(confirmed.body, "Address confirmed\n");
    server.terminate();
    for number in 0..8_000 {
        let name = format!("outbox/{number:015}-x.eml");
        fs::write(server.data().join(name), "").unwrap();
    }
    let mut server = server.restarted();
    let mut bob = sign_up(&server, "bob");
    let refused = bob.json("PUT", "/api/v1/account/email", r#"{"email": "b@example.org"}"#);
    assert_eq!(refused.status, 503, "{}", refused.body);
    let who = r#"{"who": "ada"}"#;
    let reset = server.json_client().json("POST", "/api/v1/reset", who);
    assert_eq!(reset.status, 200, "{}", reset.body);
    assert_ne!(latest_token(&server, "ada@example.org"), token);
    let (_, log) = server.terminate();
    assert_eq!(log.matches("the mail folder is 80 % full").count(), 1, "{log}");
}

/// Limits the size of the server's files, which simulates a full disk. Dropping it removes the limit.
struct FullDisk<'s>(&'s Server);

impl<'s> FullDisk<'s> {
    fn on(server: &'s Server) -> Self {
        Self::limit(server, "700000");
        Self(server)
    }

    fn limit(server: &Server, bytes: &str) {
        let set = std::process::Command::new("prlimit")
            .args([
                &format!("--fsize={bytes}:unlimited"),
                "--pid",
                &server.pid().to_string(),
            ])
            .status()
            .unwrap();
        assert!(set.success());
    }
}

impl Drop for FullDisk<'_> {
    fn drop(&mut self) {
        Self::limit(self.0, "unlimited");
    }
}
