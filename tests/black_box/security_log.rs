//! The security log of the server and of commands, as text and as JSON.

use serde_json::Value;

use crate::command_line::{ADA, decode};
use crate::support::{PASSWORD, Server, Setup, Transport, for_each_transport};

for_each_transport!(
    sign_ins_and_refusals_are_logged_in_both_formats,
    acts_of_commands_are_logged_in_both_formats,
    silent_commands_log_nothing,
);

const ADDRESS: &str = "ada@example.org";

fn server(transport: Transport, format: &str) -> Server {
    Setup::new(transport)
        .settings(&format!("[log]\nformat = \"{format}\""))
        .start()
}

/// Asserts that a line of the log is about this, with this account if it is about one.
#[track_caller]
fn check(format: &str, line: &str, event: &str, result: &str, account: Option<&str>) {
    if format == "json" {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
        let fields = &line["fields"];
        assert_eq!(
            (&line["level"], &line["target"]),
            (&"INFO".into(), &"kunci::security".into())
        );
        assert_eq!(
            (&fields["event"], &fields["result"]),
            (&event.into(), &result.into()),
            "{line}"
        );
        assert_eq!(fields["account"].as_str(), account, "{line}");
    } else {
        let start = format!("kunci::security: event=\"{event}\" result=\"{result}\"");
        assert!(line.contains(" INFO ") && line.contains(&start), "{line}");
        let shown = line.split_once(" account=").map(|(_, rest)| &rest[..16]);
        assert_eq!(shown, account, "{line}");
    }
}

/// Asserts that a log shows none of these words, whatever surrounds them.
#[track_caller]
fn check_secrets(log: &str, secrets: &[&str]) {
    let words: Vec<&str> = log.split(|c: char| !c.is_alphanumeric()).collect();
    for secret in secrets {
        let found = words.contains(secret) || (8 < secret.len() && log.contains(secret));
        assert!(!found, "the log shows {secret}: {log}");
    }
}

fn id_of(server: &Server, name: &str) -> String {
    let shown = server.command(&["user", "show", name, "--json"], "");
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    shown["id"].as_str().unwrap().to_owned()
}

fn sign_ins_and_refusals_are_logged_in_both_formats(transport: Transport) {
    for format in ["text", "json"] {
        let mut server = server(transport, format);
        let mut client = server.text_client();
        client.post("/register", &[ADA, &[("email", ADDRESS)]].concat());
        let id = id_of(&server, "ada");
        let token = client.session_token();
        client.post("/login", ADA);
        let wrong = "a marker of a wrong password";
        let refused = client.post("/login", &[("username", "ada"), ("password", wrong)]);
        client.post("/login", &[("username", PASSWORD), ("password", wrong)]);
        let link = "ab".repeat(32);
        client.post("/link", &[("token", &link)]);
        client.post("/logout", &[]);
        let (_, log) = server.terminate();
        let lines: Vec<&str> = log
            .lines()
            .filter(|line| line.contains("kunci::security"))
            .collect();
        let ada = Some(id.as_str());
        let want = [
            ("signed_up", "done", ada),
            ("signed_in", "done", ada),
            ("wrong_credentials", "refused", ada),
            ("wrong_credentials", "refused", None),
            ("link_dead", "refused", ada),
            ("signed_out", "done", ada),
        ];
        assert_eq!(lines.len(), want.len(), "{log}");
        for (line, (event, result, account)) in lines.iter().zip(want) {
            check(format, line, event, result, account);
            assert!(
                line.contains("127.0.0.1"),
                "the line lacks the client address: {line}"
            );
        }
        let request_id = refused.header("x-request-id").expect("the response has an id");
        assert!(lines[2].contains(request_id), "{request_id} in {}", lines[2]);
        check_secrets(
            &log,
            &[
                "ada",
                PASSWORD,
                wrong,
                ADDRESS,
                "example",
                &token,
                &token[..40],
                &link,
            ],
        );
    }
}

/// Commands in their order, and the events that each one logs.
const ACTS: &[(&[&str], &[&str])] = &[
    (
        &["user", "add", "ada", "--email", ADDRESS, "--password-stdin"],
        &["created_by_operator"],
    ),
    (
        &["user", "passwd", "ada", "--password-stdin"],
        &["password_set_by_operator"],
    ),
    (&["user", "disable", "ada"], &["disabled_by_operator"]),
    (&["user", "enable", "ada"], &["enabled_by_operator"]),
    (&["user", "link", "ada"], &["link_issued_by_operator"]),
    (&["user", "link", "ada", "--reset"], &["link_issued_by_operator"]),
    (
        &["session", "revoke-all", "ada"],
        &["all_sessions_ended_by_operator"],
    ),
    (
        &["session", "revoke-all", "--everybody"],
        &["all_sessions_ended_by_operator"],
    ),
    (&["session", "revoke", "SESSION"], &["session_ended_by_operator"]),
    (&["invitation", "add"], &["invitation_created"]),
    (&["invitation", "revoke", "INVITATION"], &["invitation_revoked"]),
    (&["user", "list"], &[]),
    (&["session", "list"], &[]),
    (&["user", "delete", "ada", "--yes"], &["deleted_by_operator"]),
];

/// Returns the id of the first record that a command lists.
fn first_id(server: &Server, list: &[&str]) -> String {
    let listed = decode(&server.command(list, "")).1;
    listed.split(' ').next().unwrap().to_owned()
}

/// Returns the arguments with the ids of existing records. If a session is needed, `ada` signs in.
fn with_ids(server: &Server, args: &[&str]) -> Vec<String> {
    let id = |word: &str| match word {
        "SESSION" => {
            server.text_client().post("/login", ADA);
            first_id(server, &["session", "list"])
        }
        "INVITATION" => first_id(server, &["invitation", "list"]),
        _ => word.to_owned(),
    };
    args.iter().map(|word| id(word)).collect()
}

fn acts_of_commands_are_logged_in_both_formats(transport: Transport) {
    for format in ["text", "json"] {
        let server = server(transport, format);
        let mut account = None;
        for (args, events) in ACTS {
            let args = with_ids(&server, args);
            let args: Vec<&str> = [
                args.iter().map(String::as_str).collect(),
                vec!["--public-url", "http://localhost"],
            ]
            .concat();
            let (code, out, err) = decode(&server.command(&args, PASSWORD));
            assert_eq!(
                (code, err.lines().count()),
                (Some(0), events.len()),
                "{args:?}: {err}"
            );
            let id = account.get_or_insert_with(|| id_of(&server, "ada"));
            for (line, event) in err.lines().zip(*events) {
                let account = (!event.starts_with("invitation")).then_some(id.as_str());
                check(format, line, event, "done", account);
                assert!(line.contains("command_line"), "the line lacks the actor: {line}");
            }
            let token = out
                .split_once("token=")
                .map_or(PASSWORD, |(_, token)| token.trim());
            check_secrets(&err, &["ada", PASSWORD, ADDRESS, "example", token]);
        }
    }
}

fn silent_commands_log_nothing(transport: Transport) {
    let server = Server::start(transport);
    let add = ["user", "add", "ada", "--password-stdin", "--log-level", "warn"];
    let (code, _, err) = decode(&server.command(&add, PASSWORD));
    assert_eq!((code, err.as_str()), (Some(0), ""));
}
