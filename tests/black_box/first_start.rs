//! The first start: its files, output, link and log.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use crate::support::{PASSWORD, Response, Server, Setup, Transport, for_each_transport, kunci};

for_each_transport!(
    files_are_readable_by_their_owner_only,
    only_the_first_start_prints_setup_instructions,
    first_start_link_creates_one_administrator,
    each_start_replaces_the_previous_link,
    first_account_invalidates_the_first_start_link,
    memory_store_has_a_first_start_link,
    unix_socket_is_served,
    neither_log_nor_files_contain_credentials,
);

fn files_are_readable_by_their_owner_only(transport: Transport) {
    let server = Server::start(transport);
    server
        .text_client()
        .post("/register", &[("username", "ada"), ("password", PASSWORD)]);
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&server.data()), 0o700);
    let files: Vec<_> = std::fs::read_dir(server.data())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    for name in ["kunci.db", "secret.key", "outbox"] {
        assert!(
            files.contains(&server.data().join(name)),
            "{name} is not among {files:?}"
        );
    }
    for file in files {
        let expected = if file.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&file), expected, "{}", file.display());
    }
}

fn register_with(server: &Server, name: &str, token: &str) -> Response {
    let form = [("username", name), ("password", PASSWORD), ("invitation", token)];
    server.json_client().post("/register", &form)
}

fn first_start_link_creates_one_administrator(transport: Transport) {
    let mut server = Setup::new(transport)
        .settings("accounts.sign_up = \"closed\"\nlog.level = \"debug\"")
        .start();
    let token = server.set_up_token();
    assert_eq!(token.len(), 64);
    let created = register_with(&server, "ada", &token);
    assert_eq!(created.status, 201, "{}", created.body);
    assert_eq!(created.json()["user"]["administrator"], true);
    assert_eq!(register_with(&server, "eve", &token).status, 410);
    let log = server.terminate().1;
    assert!(!log.contains(&token), "the link is in the log");
    let mut server = server.restarted();
    server.terminate();
    let printed = server.rest_of_output();
    assert!(printed.contains("memory: "), "{printed}");
    assert!(
        !printed.contains("/link") && !printed.contains("user add"),
        "{printed}"
    );
}

fn each_start_replaces_the_previous_link(transport: Transport) {
    let mut server = Server::start(transport);
    let old_token = server.set_up_token();
    server.terminate();
    let server = server.restarted();
    let token = server.set_up_token();
    assert_eq!(register_with(&server, "ada", &old_token).status, 410);
    assert_eq!(register_with(&server, "ada", &token).status, 201);
}

fn first_account_invalidates_the_first_start_link(transport: Transport) {
    let server = Server::start(transport);
    let token = server.set_up_token();
    server
        .text_client()
        .post("/register", &[("username", "ada"), ("password", PASSWORD)]);
    assert_eq!(register_with(&server, "eve", &token).status, 410);
}

fn memory_store_has_a_first_start_link(transport: Transport) {
    let mut server = Setup::new(transport).args(&["--store", "memory:"]).start();
    let created = register_with(&server, "ada", &server.set_up_token());
    assert_eq!(created.json()["user"]["administrator"], true);
    server.terminate();
    let rest = server.rest_of_output();
    assert!(
        !rest.contains("user add"),
        "commands cannot access a store in memory: {rest}"
    );
}

fn only_the_first_start_prints_setup_instructions(transport: Transport) {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut server = kunci()
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--transport",
                transport.name(),
            ])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = String::new();
        let mut stdout = server.stdout.take().unwrap();
        let mut byte = [0];
        while !output.contains("curl") || !output.ends_with('\n') {
            assert_eq!(
                stdout.read(&mut byte).unwrap(),
                1,
                "the server ended after {output:?}"
            );
            output.push(char::from(byte[0]));
        }
        std::process::Command::new("kill")
            .args(["-INT", &server.id().to_string()])
            .status()
            .unwrap();
        stdout.read_to_string(&mut output).unwrap();
        assert_eq!(
            server.wait().unwrap().code(),
            Some(0),
            "SIGINT stops the server cleanly"
        );
        output
    };
    let first = start();
    assert!(first.starts_with("listening on http://127.0.0.1:"), "{first}");
    assert!(first.contains("kunci user add NAME --admin"), "{first}");
    let mut add = kunci();
    add.args(["user", "add", "ada", "--admin", "--password-stdin"])
        .current_dir(folder.path());
    let mut add = add.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    add.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    assert!(add.wait().unwrap().success());
    let second = start();
    assert!(!second.contains("user add"), "{second}");
}

fn unix_socket_is_served(transport: Transport) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kunci.sock");
    let mut server = kunci()
        .args(["serve", "--listen", &format!("unix:{}", path.display())])
        .args(["--transport", transport.name()])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = vec![0; "listening on unix:".len()];
    server.stdout.as_mut().unwrap().read_exact(&mut output).unwrap();
    let mut stream = UnixStream::connect(&path).unwrap();
    stream
        .write_all(b"GET /profile HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.ends_with("You are not logged in\n"), "{response}");
    std::process::Command::new("kill")
        .args(["-TERM", &server.id().to_string()])
        .status()
        .unwrap();
    assert_eq!(server.wait().unwrap().code(), Some(0));
    assert!(!path.exists(), "the server removes its socket");
}

/// Returns the token in the only mail of the outbox.
fn mailed_token(server: &Server) -> String {
    let mut mails = std::fs::read_dir(server.data().join("outbox")).unwrap();
    let mail = std::fs::read_to_string(mails.next().unwrap().unwrap().path()).unwrap();
    let (_, rest) = mail.split_once("/link?token=").unwrap();
    rest[..64].to_owned()
}

fn neither_log_nor_files_contain_credentials(transport: Transport) {
    let mut server = Setup::new(transport).args(&["--log-level", "debug"]).start();
    let mut client = server.text_client();
    let secret = "a marker of a password";
    let form = [
        ("username", "ada"),
        ("password", secret),
        ("email", "ada@example.org"),
    ];
    client.post("/register", &form);
    client.post("/login", &[("username", secret), ("password", "another marker")]);
    client.send(
        "POST",
        "/login",
        &[("Sec-Fetch-Site", "cross-site")],
        "username=ada&password=a%20third%20marker",
    );
    assert_eq!(client.get("/profile").body, "Welcome, ada\n");
    let token = client.session_token();
    let link = mailed_token(&server);
    client.get(&format!("/link?token={link}"));
    client.post("/account/confirm", &[("password", "a fourth marker")]);
    client.post("/login/code", &[("code", "a fifth marker")]);
    client.get("/a%20sixth%20marker?password=a%20seventh%20marker");
    let device = client.cookie();
    let (_, device) = device.split_once("kunci-device=").expect("a device cookie");
    let invitation = server.command(&["invitation", "add"], "");
    let (status, log) = server.terminate();
    assert_eq!(status.code(), Some(0));
    assert!(
        log.contains("cross_site") && log.contains("wrong_password"),
        "the log lacks the refused requests: {log}"
    );
    assert!(!log.contains("example.org"), "the log shows an address: {log}");
    let mut everything = log.into_bytes();
    everything.extend(&invitation.stderr);
    for file in std::fs::read_dir(server.data()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            everything.extend(std::fs::read(path).unwrap());
        }
    }
    let invited = String::from_utf8(invitation.stdout).unwrap();
    let (_, invited) = invited.split_once("token=").expect("a link");
    let contains = |needle: &[u8]| everything.windows(needle.len()).any(|window| window == needle);
    for marker in [
        secret,
        "another marker",
        "third marker",
        "fourth marker",
        "fifth marker",
        "sixth",
        "seventh",
        device.split(';').next().unwrap(),
        invited.trim(),
        token.as_str(),
        &token[..40],
        link.as_str(),
    ] {
        assert!(!contains(marker.as_bytes()), "{marker} is in the log or a file");
    }
    assert!(contains(b"$argon2id$"), "the check must include the database");
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &token).unwrap();
    assert!(!contains(&bytes[..32]), "the token is in a file");
}
