//! Account changes that are interrupted by `kill -9` at random moments: each is whole or absent.

use std::hint::spin_loop;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kunci_domain::ports::AccountStore;
use kunci_domain::{EventKind, LinkToken, Standing, Timestamp, User, Username};
use kunci_sqlite::{SqliteAccountStore, SqliteOptions, SqliteStore};
use serde_json::json;
use totp_rs::{Builder, Secret};

use crate::support::{Client, PASSWORD, Server, Socket, Transport, for_each_transport, kunci};

for_each_transport!(killed_account_changes_are_whole_or_absent);

/// Kills per transport. Every third one hits the same kind of change.
const KILLS: u64 = 26;
/// The longest time between the start of a reset and the kill. A reset takes about half of it, because it
/// hashes a password.
const MOST_MICROS: u64 = 120_000;

fn killed_account_changes_are_whole_or_absent(transport: Transport) {
    let mut server = Server::start(transport);
    for round in 0..KILLS {
        let name = format!("user{round}");
        let mut client = server.json_client();
        let account = json!({"username": name, "password": PASSWORD}).to_string();
        assert_eq!(client.json("POST", "/api/v1/users", &account).status, 201);
        let link = match round % 3 {
            0 => Some(reset(&server, &name, round)),
            1 => enrol(&server, &mut client, round),
            _ => disable(&server, &name, round),
        };
        server = server.kill_and_restart();
        check(&server, &name, link);
    }
}

/// Returns after a time that differs from round to round, up to a fraction of the longest.
fn wait(round: u64, fraction: u64) {
    let micros = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (MOST_MICROS / fraction);
    let until = Instant::now() + Duration::from_micros(micros);
    while Instant::now() < until {
        spin_loop();
    }
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Timestamp::from_unix_millis(i64::try_from(since.as_millis()).unwrap())
}

/// Sends a request without waiting for the response.
fn send(server: &Server, method: &str, path: &str, cookie: &str, body: &str) {
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n");
    let request = format!("{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}");
    Socket::connect(server.address()).send(request).unwrap();
}

/// Begins to reset a password, and returns the token of the link.
fn reset(server: &Server, name: &str, round: u64) -> LinkToken {
    let output = server.command(&["user", "link", name, "--reset"], "");
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, token) = text.trim_end().split_once("token=").unwrap();
    let body = json!({"token": token, "new_password": "staple of the battery"}).to_string();
    send(server, "POST", "/api/v1/link", "", &body);
    wait(round, 1);
    LinkToken::parse(token).unwrap()
}

/// Begins to set up a second factor.
fn enrol(server: &Server, client: &mut Client, round: u64) -> Option<LinkToken> {
    let begun = client.json("POST", "/api/v1/account/second-factor", "").json();
    let secret = begun["secret"].as_str().unwrap().replace(' ', "");
    let totp = Builder::new()
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .build_noncompliant();
    let code = totp.generate(now().unix_millis() as u64 / 1_000).to_string();
    let body = json!({"code": code}).to_string();
    send(
        server,
        "PUT",
        "/api/v1/account/second-factor",
        &client.cookie(),
        &body,
    );
    wait(round, 16);
    None
}

/// Begins to disable the account on the command line, and kills the command.
fn disable(server: &Server, name: &str, round: u64) -> Option<LinkToken> {
    let mut command: Command = kunci();
    command
        .args(["user", "disable", name, "--data"])
        .arg(server.data());
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    wait(round, 8);
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

/// Compares the account with its history, which is written in the same commits.
fn check(server: &Server, name: &str, link: Option<LinkToken>) {
    let path = server.data().join("kunci.db");
    let accounts = SqliteStore::open(path, SqliteOptions::default())
        .unwrap()
        .accounts();
    let user = accounts
        .find_by_name(&Username::parse(name).unwrap())
        .unwrap()
        .unwrap();
    let happened = |kind| has_event(&accounts, &user, kind);
    let was_reset = happened(EventKind::PasswordReset);
    let changes = [
        was_reset,
        happened(EventKind::SecondFactorEnabled),
        happened(EventKind::DisabledByOperator),
    ];
    let epoch = changes.iter().filter(|happened| **happened).count();
    assert_eq!(user.epoch.as_i64(), epoch as i64, "{name}: {changes:?}");
    assert_eq!(user.password_changed_at != user.created_at, was_reset, "{name}");
    assert_eq!(user.second_factor.is_some(), changes[1], "{name}");
    assert_eq!(user.standing == Standing::Disabled, changes[2], "{name}");
    if let Some(link) = link {
        let kept = accounts.find_link(&link.key(), now()).unwrap();
        assert_eq!(
            kept.is_none(),
            was_reset,
            "{name}: the link is spent with the change"
        );
    }
}

fn has_event(accounts: &SqliteAccountStore, user: &User, kind: EventKind) -> bool {
    let events = accounts.events(user.id, 0, 10).unwrap();
    events.iter().any(|event| event.kind == kind)
}
