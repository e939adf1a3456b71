//! Characters that a terminal obeys or hides never leave the program unescaped, wherever they came from.

use std::process::Stdio;

use crate::command_line::{ADA, decode};
use crate::support::{Server, Transport, for_each_transport, kunci};

for_each_transport!(
    commands_escape_hidden_characters,
    log_and_output_of_the_server_escape_hidden_characters,
);

/// An escape sequence, a control character beyond ASCII, a reversal of direction, and a tag.
const HIDDEN: &str = "\u{1b}[2J\u{9b}\u{202e}\u{e0041}";

#[track_caller]
fn assert_no_hidden(case: &str, output: &str) {
    let hidden = output.replace('\n', "").contains(kunci_domain::is_hidden);
    assert!(!hidden, "{case}: {output:?}");
}

fn commands_escape_hidden_characters(transport: Transport) {
    let server = Server::start(transport);
    let form = [ADA, &[("email", "ada@example.org")]].concat();
    server.text_client().post("/register", &form);
    // As an earlier version has stored them.
    let database = rusqlite::Connection::open(server.data().join("kunci.db")).unwrap();
    let address = format!("ada{}@example.org", &HIDDEN[6..]);
    let agent = format!("\u{1f}{HIDDEN}");
    database
        .execute("UPDATE users SET email = ?1", [&address[..]])
        .unwrap();
    database
        .execute("UPDATE sessions SET user_agent = ?1", [&agent])
        .unwrap();
    for (args, shown) in [
        (&["user", "list"][..], r"\u202e"),
        (&["user", "list", "--json"], r"\u202e"),
        (&["user", "show", "ada"], r"\u202e"),
        (&["user", "show", "ada", "--json"], r"\u202e"),
        (&["session", "list"], r"\u001b[2J\u009b\u202e\udb40\udc41"),
        (
            &["session", "list", "--json"],
            r"\u001b[2J\u009b\u202e\udb40\udc41",
        ),
    ] {
        let (code, stdout, stderr) = decode(&server.command(args, ""));
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{args:?}");
        assert_no_hidden(&args.join(" "), &stdout);
        assert!(stdout.contains(shown), "{args:?}: {stdout}");
        if args.contains(&"--json") {
            let value: serde_json::Value = serde_json::from_str(&stdout).unwrap();
            assert!(value.to_string().contains('\u{202e}'), "the value is unchanged");
        }
    }
    for args in [
        &["user", "show", HIDDEN][..],
        &["session", "revoke", HIDDEN],
        &["invitation", "revoke", HIDDEN],
        &["user", HIDDEN],
    ] {
        let output = server.command(args, "");
        let (_, stdout, stderr) = decode(&output);
        assert_no_hidden(&format!("{args:?}"), &(stdout + &stderr));
    }
}

/// Paths must not have control characters, but may have other hidden ones.
#[test]
fn settings_and_failures_are_shown_escaped() {
    let folder = tempfile::tempdir().unwrap();
    for (command, data, code) in [
        (["config", "show"], "\u{202e}\u{e0041}", 0),
        (["user", "list"], "/dev/null/\u{202e}\u{e0041}", 1),
        (["config", "show"], HIDDEN, 2),
    ] {
        let mut kunci = kunci();
        kunci.args(command).args(["--data", data]);
        let output = kunci.current_dir(folder.path()).output().unwrap();
        let (found, stdout, stderr) = decode(&output);
        let shown = stdout + &stderr;
        assert_eq!(found, Some(code), "{shown}");
        assert!(
            shown.contains(r"\u202e") || shown.contains(r"\u{202e}"),
            "{shown}"
        );
        assert_no_hidden(&format!("{command:?}"), &shown);
    }
}

fn log_and_output_of_the_server_escape_hidden_characters(transport: Transport) {
    for format in ["text", "json"] {
        let folder = tempfile::tempdir().unwrap();
        // Settings with control characters are refused.
        let path = folder.path().join("\u{202e}\u{e0041}.sock");
        let mut server = kunci()
            .args(["serve", "--listen", &format!("unix:{}", path.display())])
            .args(["--transport", transport.name(), "--log-format", format])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let mut stdout = std::io::BufReader::new(server.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut stdout, &mut first).unwrap();
        std::process::Command::new("kill")
            .args(["-TERM", &server.id().to_string()])
            .status()
            .unwrap();
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut stdout, &mut rest).unwrap();
        let log = String::from_utf8(server.wait_with_output().unwrap().stderr).unwrap();
        assert!(first.contains(r"\u202e"), "{first}");
        assert!(log.contains(r"\u202e"), "{log:?}");
        assert_no_hidden("standard output", &(first + &rest));
        assert_no_hidden("the log", &log);
        if format == "json" {
            for line in log.lines() {
                serde_json::from_str::<serde_json::Value>(line).unwrap();
            }
        }
    }
}
