//! Accounts and sessions on a PostgreSQL server, which can be away.
//!
//! If no server answers, these tests pass without checks, and `make test` reports them as skipped. With
//! `KUNCI_TEST_REQUIRE=1` they fail instead.

#[path = "../../adapters/postgres/tests/support/schema.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod schema;

use std::time::Instant;

use kunci_testkit::fakes::TcpProxy;

use crate::support::{
    Client, PASSWORD, Response, Server, Setup, TIMEOUT, Transport, for_each_transport, kunci,
};
use schema::{Schema, server_address};

for_each_transport!(
    accounts_and_sessions_on_a_server_survive_kill_9,
    absent_server_is_503_until_it_comes_back,
);

const ADA: &[(&str, &str)] = &[("username", "ada"), ("password", PASSWORD)];

fn start(transport: Transport, url: &str) -> Server {
    let lines = format!("log.level = \"debug\"\n[store]\nurl = \"{url}\"\nconnect_timeout = \"1s\"");
    Setup::new(transport).settings(&lines).start()
}

fn accounts_and_sessions_on_a_server_survive_kill_9(transport: Transport) {
    let Some(schema) = Schema::create() else {
        return;
    };
    let server = start(transport, &schema.url());
    let mut client = server.text_client();
    assert_eq!(client.post("/register", ADA).body, "Account created\n");
    let server = server.kill_and_restart();
    let mut client = client.at(server.address());
    assert_eq!(client.get("/profile").body, "Welcome, ada\n");
    let listed = server.command(&["user", "list", "--json"], "");
    assert!(String::from_utf8(listed.stdout).unwrap().contains("\"ada\""));
    let revoked = server.command(&["session", "revoke-all", "ada"], "");
    assert!(revoked.status.success(), "{revoked:?}");
    assert_eq!(client.get("/profile").body, "You are not logged in\n");
    let mut server = server;
    let (status, log) = server.terminate();
    assert!(status.success() && !log.contains("argon2"), "{log}");
}

fn absent_server_is_503_until_it_comes_back(transport: Transport) {
    let Some(schema) = Schema::create() else {
        return;
    };
    let proxy = TcpProxy::start(server_address());
    let server = start(transport, &schema.url_at(Some(proxy.address())));
    let mut client = server.text_client();
    assert_eq!(client.post("/register", ADA).body, "Account created\n");
    proxy.go_away();
    for path in ["/profile", "/account", "/readyz"] {
        assert_unavailable(&client.get(path));
    }
    assert_unavailable(&server.text_client().post("/login", ADA));
    assert_unavailable(&client.post("/logout", &[]));
    assert_eq!(client.get("/healthz").status, 200);
    assert_eq!(server.text_client().get("/login").status, 200);
    proxy.come_back();
    assert_eq!(once_ready(&mut client).body, "ok\n");
    assert_eq!(client.get("/profile").body, "Welcome, ada\n");
    assert_eq!(client.post("/logout", &[]).body, "Logged out\n");
    assert_eq!(client.get("/profile").body, "You are not logged in\n");
}

#[track_caller]
fn assert_unavailable(response: &Response) {
    assert_eq!(response.status, 503, "{}", response.body);
    assert!(response.header("retry-after").is_some());
}

/// Returns the first response of `/readyz` that is not 503.
fn once_ready(client: &mut Client) -> Response {
    let begun = Instant::now();
    loop {
        let response = client.get("/readyz");
        if response.status != 503 {
            return response;
        }
        assert!(begun.elapsed() < TIMEOUT, "the server stays unavailable");
    }
}

#[test]
fn server_starts_before_its_store() {
    let Some(schema) = Schema::create() else {
        return;
    };
    let proxy = TcpProxy::start(server_address());
    proxy.go_away();
    let server = start(Transport::TinyHttp, &schema.url_at(Some(proxy.address())));
    let mut client = server.text_client();
    assert_unavailable(&client.get("/readyz"));
    proxy.come_back();
    assert_eq!(once_ready(&mut client).status, 200);
    assert_eq!(client.post("/register", ADA).body, "Account created\n");
}

#[test]
fn password_of_a_store_is_never_printed() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://ada:hunter2@127.0.0.1:1/kunci";
    let run = |args: &[&str], variable: bool| {
        let mut command = kunci();
        if variable {
            command.env("KUNCI_STORE__URL", url);
        }
        let output = command.args(args).current_dir(folder.path()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains("hunter2"), "{args:?}: {text}");
        (output.status.code(), text)
    };
    let (status, text) = run(&["user", "list", "--store", url], false);
    assert_eq!(status, Some(2));
    assert!(text.contains("KUNCI_STORE__URL"), "{text}");
    let (status, text) = run(&["config", "show"], true);
    assert_eq!(status, Some(0));
    assert!(
        text.contains("url = \"postgres://ada@127.0.0.1:1/kunci\""),
        "{text}"
    );
    let (status, text) = run(&["user", "list", "--log-level", "debug"], true);
    assert_eq!(status, Some(1));
    assert!(text.contains("postgres is unavailable"), "{text}");
}
