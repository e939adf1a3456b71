//! Commands that change the data of a running server take effect with the next request. Also tests usage errors
//! and the `config` commands.

use std::process::Output;

use crate::support::{PASSWORD, Server, Transport, for_each_transport, kunci};

for_each_transport!(
    account_from_the_command_line_can_sign_in_at_once,
    account_changes_end_sessions_at_the_next_request,
    command_line_ends_sessions_of_one_or_all_users,
    session_is_listed_and_revoked_by_its_id,
    passwords_that_break_a_rule_create_no_account,
);

pub(crate) const ADA: &[(&str, &str)] = &[("username", "ada"), ("password", PASSWORD)];

/// Returns the exit code, standard output and standard error of a command.
pub(crate) fn decode(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Checks the exit code, and that both outputs contain the expected parts.
#[track_caller]
pub(crate) fn check(output: &Output, code: i32, stdout: &str, stderr: &str) {
    let (exit_code, out, err) = decode(output);
    assert!(
        exit_code == Some(code) && out.contains(stdout) && err.contains(stderr),
        "{exit_code:?}\n{out}\n{err}"
    );
}

fn account_from_the_command_line_can_sign_in_at_once(transport: Transport) {
    let server = Server::start(transport);
    let add = [
        "user",
        "add",
        "ada",
        "--admin",
        "--email",
        "ada@example.org",
        "--password-stdin",
    ];
    check(
        &server.command(&add, &format!("{PASSWORD}\n")),
        0,
        "user ada added",
        "",
    );
    let mut client = server.json_client();
    let user = client.post("/login", ADA).json()["user"].clone();
    assert_eq!(
        (user["administrator"].as_bool(), user["email"].as_str()),
        (Some(true), Some("ada@example.org"))
    );
    check(
        &server.command(&add, &format!("{PASSWORD}\n")),
        1,
        "",
        "this username is taken",
    );
    check(
        &server.command(&["user", "list"], ""),
        0,
        "ada administrator enabled ada@example.org 20",
        "",
    );
    check(
        &server.command(&["user", "show", "ADA", "--json"], ""),
        0,
        r#""name":"ada""#,
        "",
    );
    let shown = decode(&server.command(&["user", "show", "ada", "--json"], "")).1;
    assert!(!shown.contains("argon2") && !shown.contains("hash"), "{shown}");
}

fn account_changes_end_sessions_at_the_next_request(transport: Transport) {
    let server = Server::start(transport);
    for (command, stdin, can_sign_in) in [
        (vec!["user", "disable", "ada"], "", false),
        (vec!["user", "enable", "ada"], "", true),
        (vec!["user", "passwd", "ada", "--password-stdin"], PASSWORD, true),
        (vec!["session", "revoke-all", "ada"], "", true),
        (vec!["user", "delete", "ada", "--yes"], "", false),
    ] {
        server.command(&["user", "add", "ada", "--password-stdin"], PASSWORD);
        server.command(&["user", "enable", "ada"], "");
        let mut client = server.text_client();
        assert_eq!(client.post("/login", ADA).status, 200, "before {command:?}");
        let old_session = client.clone();
        check(&server.command(&command, stdin), 0, "ada", "");
        assert_eq!(
            client.get("/profile").body,
            "You are not logged in\n",
            "after {command:?}"
        );
        let signed_in = client.post("/login", ADA).status == 200;
        assert_eq!(signed_in, can_sign_in, "after {command:?}");
        server.command(&["user", "enable", "ada"], "");
        assert_eq!(
            old_session.clone().get("/profile").body,
            "You are not logged in\n",
            "sessions stay ended after {command:?}"
        );
    }
}

fn command_line_ends_sessions_of_one_or_all_users(transport: Transport) {
    let server = Server::start(transport);
    let (mut ada, mut bob) = (server.text_client(), server.text_client());
    ada.post("/register", ADA);
    bob.post("/register", &[("username", "bob"), ("password", PASSWORD)]);
    check(
        &server.command(&["session", "revoke-all", "ada"], ""),
        0,
        "all sessions of ada have ended",
        "",
    );
    assert_eq!(ada.get("/profile").body, "You are not logged in\n");
    assert_eq!(bob.get("/profile").body, "Welcome, bob\n");
    ada.post("/login", ADA);
    check(
        &server.command(&["session", "revoke-all", "--everybody"], ""),
        0,
        "all sessions of 2 accounts have ended",
        "",
    );
    assert_eq!(ada.get("/profile").body, "You are not logged in\n");
    assert_eq!(bob.get("/profile").body, "You are not logged in\n");
    for args in [
        &["session", "revoke-all"][..],
        &["session", "revoke-all", "ada", "--everybody"],
    ] {
        assert_eq!(server.command(args, "").status.code(), Some(2));
    }
}

fn session_is_listed_and_revoked_by_its_id(transport: Transport) {
    let server = Server::start(transport);
    let (mut kept, mut revoked) = (server.text_client(), server.text_client());
    kept.post("/register", ADA);
    let before = session_ids_of_ada(&server);
    revoked.post("/login", ADA);
    let id = session_ids_of_ada(&server)
        .into_iter()
        .find(|id| !before.contains(id))
        .expect("a second session");
    assert!(!revoked.cookie().contains(&id));
    check(
        &server.command(&["session", "revoke", &id], ""),
        0,
        "has ended",
        "",
    );
    assert_eq!(revoked.get("/profile").body, "You are not logged in\n");
    assert_eq!(kept.get("/profile").body, "Welcome, ada\n");
    check(
        &server.command(&["session", "revoke", &id], ""),
        1,
        "",
        "there is no such session",
    );
    check(
        &server.command(&["session", "revoke", "nonsense"], ""),
        2,
        "",
        "is not an identifier",
    );
    check(
        &server.command(&["session", "list", "--user", "bob"], ""),
        1,
        "",
        "there is no such user",
    );
}

fn session_ids_of_ada(server: &Server) -> Vec<String> {
    let list = server.command(&["session", "list", "--user", "ada", "--json"], "");
    let list: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    list.as_array()
        .unwrap()
        .iter()
        .map(|session| session["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn usage_errors_exit_with_status_2_and_one_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("bad.toml"),
        "data = \"d\"\n[server]\nlistne = \"127.0.0.1:1\"\n",
    )
    .unwrap();
    for (args, message) in [
        (vec!["serve", "--listen", "nowhere"], "listen"),
        (
            vec!["serve", "--transport", "tiny_http", "--listen", "0.0.0.0:0"],
            "--transport hyper",
        ),
        (
            vec!["serve", "--config", "bad.toml"],
            "kunci: bad.toml:3: unknown key server.listne; did you mean server.listen?",
        ),
        (vec!["serve", "--colour"], "--colour"),
        (vec!["frobnicate"], "frobnicate"),
        (vec!["user", "add", "a b", "--password-stdin"], "a b"),
        (vec!["user", "add", "ada"], "--password-stdin"),
        (vec!["user", "delete", "ada"], "--yes"),
        (vec!["config", "check", "--store", "redis://x"], "redis"),
    ] {
        let output = kunci()
            .args(&args)
            .current_dir(folder.path())
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let (code, stdout, stderr) = decode(&output);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}: {stderr}");
        assert!(
            stderr.contains(message) && stderr.trim_end().lines().count() == 1,
            "{args:?}: {stderr}"
        );
    }
}

fn passwords_that_break_a_rule_create_no_account(transport: Transport) {
    let server = Server::start(transport);
    for (password, message) in [
        ("seven77", "at least 8"),
        (&*"x".repeat(257), "at most 256"),
        ("password1", "too common"),
        ("i am ada!", "username"),
    ] {
        check(
            &server.command(&["user", "add", "ada", "--password-stdin"], password),
            1,
            "",
            message,
        );
    }
    check(
        &server.command(&["user", "show", "ada"], ""),
        1,
        "",
        "there is no such user",
    );
}

#[test]
fn settings_are_checked_and_shown_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "ab".repeat(32);
    let run = |args: &[&str]| {
        decode(
            &kunci()
                .args(args)
                .env("KUNCI_SECRET_KEY", &secret)
                .current_dir(folder.path())
                .output()
                .unwrap(),
        )
    };
    assert_eq!(run(&["config", "check"]).0, Some(0));
    let (code, shown, _) = run(&["config", "show", "--data", "elsewhere"]);
    assert_eq!(code, Some(0));
    assert!(
        shown.contains("data = \"elsewhere\"") && shown.contains("(set)") && !shown.contains(&secret),
        "{shown}"
    );
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "these commands create no files"
    );
}

#[test]
fn config_init_writes_a_file_once() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| decode(&kunci().args(args).current_dir(folder.path()).output().unwrap());
    let (code, printed, _) = run(&["config", "init"]);
    assert_eq!(code, Some(0));
    let first = run(&["config", "init", "kunci.toml"]);
    assert_eq!(
        first,
        (
            Some(0),
            "settings written to kunci.toml\n".to_owned(),
            String::new()
        )
    );
    let path = folder.path().join("kunci.toml");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), printed);
    let (code, stdout, stderr) = run(&["config", "init", "kunci.toml"]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("kunci.toml cannot be created"), "{stderr}");
    assert_eq!(
        run(&["config", "check"]),
        (Some(0), "the settings are valid\n".to_owned(), String::new())
    );
    // `config init` also works if the existing file is invalid.
    std::fs::write(&path, "listen = 1\n").unwrap();
    assert_eq!(run(&["config", "init"]).0, Some(0));
    assert_eq!(run(&["config", "check"]).0, Some(2));
}

#[test]
fn environment_variables_override_settings() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key"), format!("{}\n", "ab".repeat(32))).unwrap();
    std::fs::write(folder.path().join("other.toml"), "[log]\nlevel = \"warn\"\n").unwrap();
    let output = kunci()
        .args(["config", "show"])
        .env("KUNCI_SERVER__LISTEN", "127.0.0.1:9000,unix:k.sock")
        .env("KUNCI_SECRET_KEY_FILE", "key")
        .env("KUNCI_CONFIG", "other.toml")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let (code, shown, stderr) = decode(&output);
    if cfg!(feature = "hyper") {
        assert_eq!(code, Some(0), "{stderr}");
        for line in [
            "listen = [\"127.0.0.1:9000\",\"unix:k.sock\"]  # KUNCI_SERVER__LISTEN",
            "secret_key = \"(set)\"  # KUNCI_SECRET_KEY_FILE",
            "level = \"warn\"  # other.toml:2",
        ] {
            assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
        }
    }
}
