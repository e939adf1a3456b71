//! Listeners that other machines can reach: the URL in links, and the warning of plain http.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::support::{Client, PASSWORD, Process, kunci};

/// Starts a server that is expected to refuse, and returns its exit status and its error.
///
/// A server that starts is ended at once.
fn refusal(args: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = kunci();
    command.arg("serve").args(args).current_dir(folder.path());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let mut first = String::new();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    output.read_line(&mut first).unwrap();
    if !first.is_empty() {
        server.kill().unwrap();
    }
    let ended = server.wait_with_output().unwrap();
    (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
}

#[test]
fn server_on_all_addresses_asks_for_a_public_url() {
    for (listen, shown) in [("0.0.0.0:0", "http://0.0.0.0:"), ("[::]:0", "http://[::]:")] {
        let (code, error) = refusal(&["--listen", listen]);
        assert_eq!(code, Some(2), "{listen}: {error}");
        let last = error.lines().last().unwrap_or_default();
        assert!(
            last.contains(shown) && last.contains("--public-url URL"),
            "{listen}: {error}"
        );
    }
}

/// Returns the only mail in the outbox.
fn only_mail(folder: &Path) -> String {
    let mut mails = fs::read_dir(folder.join("data/outbox")).unwrap();
    let mail = fs::read_to_string(mails.next().unwrap().unwrap().path()).unwrap();
    assert!(mails.next().is_none());
    mail
}

#[test]
fn mails_of_a_server_on_all_addresses_link_to_the_public_url() {
    let folder = tempfile::tempdir().unwrap();
    let url = "http://localhost:4711";
    let process = Process::start_hyper(folder.path(), &["--listen", "0.0.0.0:0", "--public-url", url]);
    let (_, port) = process.lines[0].rsplit_once(':').unwrap();
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let form = [
        ("username", "ada"),
        ("password", PASSWORD),
        ("email", "ada@example.org"),
    ];
    assert_eq!(Client::new(address, "*/*").post("/register", &form).status, 201);
    let mail = only_mail(folder.path());
    assert!(mail.contains(&format!("{url}/link?token=")), "{mail}");
    assert!(!mail.contains("0.0.0.0"), "{mail}");
}

/// Returns the lines about plain http that a server with these arguments logs.
fn warnings(args: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let log = Process::start_hyper(folder.path(), args).log();
    let lines = log.lines().filter(|line| line.contains("plain http"));
    lines.map(str::to_owned).collect()
}

#[test]
fn plain_http_beyond_this_machine_is_warned_of() {
    let https = "https://id.example.org";
    for (listen, url, want) in [
        (&["127.0.0.1:0", "[::1]:0", "unix:k.sock"][..], https, &[][..]),
        (&["0.0.0.0:0"], https, &["http://0.0.0.0:"]),
        (&["[::]:0", "127.0.0.1:0"], https, &["http://[::]:"]),
        (
            &["0.0.0.0:0", "[::]:0"],
            https,
            &["http://0.0.0.0:", "http://[::]:"],
        ),
        (&["0.0.0.0:0"], "http://localhost:80", &["http://0.0.0.0:"]),
        (&["127.0.0.1:0"], "http://127.0.0.1:80", &[]),
        (
            &["127.0.0.1:0"],
            "http://127.example.org",
            &["url=http://127.example.org"],
        ),
    ] {
        let listen = listen.iter().flat_map(|listen| ["--listen", listen]);
        let args: Vec<&str> = listen.chain(["--public-url", url]).collect();
        let found = warnings(&args);
        assert_eq!(found.len(), want.len(), "{args:?}: {found:?}");
        for (line, want) in found.iter().zip(want) {
            assert!(line.contains("WARN") && line.contains(want), "{args:?}: {line}");
        }
    }
}
