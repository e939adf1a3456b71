//! A disk without space: a file system of its own, in which the test itself runs as a second process.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Client, PASSWORD, Server, Setup, Transport};

/// Whether this is the second process.
const INSIDE: &str = "FULL_DISK";
const ADA: &[(&str, &str)] = &[("username", "ada"), ("password", PASSWORD)];

#[test]
fn reserve_keeps_sign_in_and_sign_out_working_on_a_full_disk() {
    if std::env::var_os(INSIDE).is_some() {
        return use_full_disk();
    }
    let folder = tempfile::tempdir().unwrap();
    let test = "full_disk::reserve_keeps_sign_in_and_sign_out_working_on_a_full_disk";
    let status = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c"])
        .arg(r#"mount -t tmpfs -o size=48m none "$TMPDIR" && exec "$0" "$@""#)
        .arg(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .envs([(INSIDE, "1".as_ref()), ("TMPDIR", folder.path().as_os_str())])
        .status()
        .unwrap();
    assert!(status.success(), "see the output of the second process");
}

fn use_full_disk() {
    let mut server = Setup::new(Transport::TinyHttp)
        .settings("throttle.visitors_at_once = 100000")
        .start();
    let mut kept = server.json_client();
    kept.post("/register", ADA);
    assert_eq!(ready(&server), 200);
    let filler = server.data().join("filler");
    fill(&filler);
    refuse_visitors(&server);
    assert_eq!(ready(&server), 503);
    check_that_users_sign_in_and_out(&server);
    assert_eq!(store(&mut kept, 30_000), 503, "values do not grow");
    assert_eq!(kept.get("/api/v1/session").status, 200);
    let new = [("username", "grace"), ("password", PASSWORD)];
    assert_eq!(server.json_client().post("/register", &new).status, 503);
    let revoked = server.command(&["session", "revoke-all", "ada"], "");
    assert!(revoked.status.success(), "{revoked:?}");
    assert_eq!(kept.get("/api/v1/session").status, 401);
    fs::remove_file(filler).unwrap();
    let freed = Instant::now();
    while ready(&server) != 200 {
        assert!(
            freed.elapsed() < Duration::from_secs(10),
            "the reserve is not restored"
        );
    }
    assert_eq!(store(&mut server.json_client(), 30_000), 200);
    let (_, log) = server.terminate();
    assert_eq!(log.matches("the reserve is in use").count(), 1, "{log}");
    assert_eq!(log.matches("the disk has room again").count(), 1, "{log}");
}

fn ready(server: &Server) -> u16 {
    server.text_client().get("/readyz").status
}

/// Writes to a file until the disk is full.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [1 << 20, 1 << 10, 1] {
        while file.write_all(&vec![b'x'; size]).is_ok() {}
    }
}

fn store(client: &mut Client, bytes: usize) -> u16 {
    let value = format!("{:?}", "x".repeat(bytes));
    client.json("PUT", "/api/v1/session/data/k", &value).status
}

/// Stores values of visitors until one is refused, and checks that it stays so.
fn refuse_visitors(server: &Server) {
    let accepted = (0..1_000)
        .take_while(|_| store(&mut server.json_client(), 30_000) == 200)
        .count();
    assert!(accepted < 1_000, "no visitor was refused");
    for _ in 0..20 {
        assert_eq!(store(&mut server.json_client(), 30_000), 503);
    }
}

fn check_that_users_sign_in_and_out(server: &Server) {
    for _ in 0..20 {
        let mut client = server.json_client();
        assert_eq!(client.post("/login", ADA).status, 200);
        assert_eq!(client.post("/logout", &[]).status, 200);
        assert_eq!(client.get("/api/v1/session").status, 401);
    }
}
