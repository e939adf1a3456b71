//! Features of hyper only: certificates, several addresses, inherited sockets, and a memory bound.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::{Client, PASSWORD, Started, raw};

type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Puts a new certificate and its key into the folder.
fn issue(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

/// Connects as a client that trusts only this certificate, and completes the handshake.
fn connect(address: SocketAddr, trusted: &CertificateDer<'static>) -> std::io::Result<Tls> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut stream = StreamOwned::new(client, socket);
    stream.flush()?;
    Ok(stream)
}

/// Sends a request, and reads the head of the response and its body.
fn ask(stream: &mut Tls, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let (mut answer, mut length) = (String::new(), 0);
    while !answer.ends_with("\r\n\r\n") {
        let start = answer.len();
        assert!(reader.read_line(&mut answer).unwrap() > 0, "{answer}");
        if let Some(value) = answer[start..].strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    answer + std::str::from_utf8(&body).unwrap()
}

#[test]
fn certificate_enables_https_and_reloads_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = issue(folder.path());
    let mut started = Started::hyper(
        folder.path(),
        &[
            "--tls-cert",
            "cert.pem",
            "--tls-key",
            "key.pem",
            "--listen",
            "127.0.0.1:0",
        ],
    );
    let address = started.lines[0]
        .strip_prefix("listening on https://")
        .unwrap()
        .parse()
        .unwrap();

    let mut stream = connect(address, &first).unwrap();
    let form = format!("username=ada&password={}", PASSWORD.replace(' ', "+"));
    let answer = ask(
        &mut stream,
        &format!(
            "POST /register HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ),
    );
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(
        answer.contains("set-cookie: __Host-kunci=") && answer.contains("; Secure"),
        "{answer}"
    );
    assert!(answer.contains("strict-transport-security: "), "{answer}");

    let second = issue(folder.path());
    started.signal("HUP");
    // The signal is handled asynchronously.
    while connect(address, &second).is_err() {}
    let answer = ask(&mut stream, "GET /profile HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(answer.ends_with("You are not logged in\n"), "{answer}");
    drop(stream);
    assert!(started.terminate().success());
}

#[test]
fn several_addresses_are_printed_one_per_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut started = Started::hyper(
        folder.path(),
        &[
            "--listen",
            "127.0.0.1:0",
            "--listen",
            "unix:k.sock",
            "--listen",
            "[::1]:0",
        ],
    );
    let place = |line: usize, scheme: &str| {
        let line = &started.lines[line];
        line.strip_prefix(&format!("listening on {scheme}"))
            .unwrap_or_else(|| panic!("{line}"))
            .to_owned()
    };
    assert!(place(1, "unix:").ends_with("k.sock"));
    for line in [0, 2] {
        let mut client = Client::new(place(line, "http://").parse().unwrap(), "*/*");
        assert_eq!(client.get("/profile").body, "You are not logged in\n");
    }
    assert!(started.terminate().success());
}

#[test]
fn memory_bound_is_printed_and_follows_the_settings() {
    let told = |settings: &str| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("kunci.toml"), settings).unwrap();
        let started = Started::hyper(folder.path(), &["--listen", "127.0.0.1:0"]);
        let line = started
            .lines
            .iter()
            .find_map(|line| line.strip_prefix("memory: at most "));
        let mebibytes = line.unwrap().strip_suffix(" MiB under any load").unwrap();
        mebibytes.parse::<u64>().unwrap()
    };
    let small = told("server.limits.connections = 16\nhashing.permits = 1\nhashing.queue = 0\n");
    assert!((32..192).contains(&small), "{small}");
    // Two more blocks of 19 MiB, and two more threads with a reader of the database each.
    let more = told("server.limits.connections = 16\nhashing.permits = 3\nhashing.queue = 0\n") - small;
    assert!((2 * 19..2 * 24).contains(&more), "{more}");
    assert!(told("server.limits.connections = 1016\nhashing.permits = 1\nhashing.queue = 0\n") > small + 100);
    // Another database has another writer and another cache.
    let apart = "store.sessions = \"sqlite:sessions.db\"\n";
    let apart = told(&format!(
        "{apart}server.limits.connections = 16\nhashing.permits = 1\nhashing.queue = 0\n"
    ));
    assert!(apart >= small + 64, "{apart}");
}

#[test]
fn unbounded_memory_is_printed() {
    for (args, want) in [
        (
            ["--transport", "tiny_http", "--store", "sqlite:x.db"],
            "memory: tiny_http has no limit; password hashes use at most 38 MiB",
        ),
        (
            ["--transport", "hyper", "--store", "memory:"],
            "memory: a store in memory has no limit; password hashes use at most 38 MiB",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("kunci.toml"), "hashing.permits = 2\n").unwrap();
        let command = Command::new(env!("CARGO_BIN_EXE_kunci"));
        let started = Started::with(
            command,
            folder.path(),
            &[&args[..], &["--listen", "127.0.0.1:0"]].concat(),
        );
        assert!(
            started.lines.iter().any(|line| line == want),
            "{:?}",
            started.lines
        );
    }
}

#[test]
fn inherited_sockets_are_used() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Inherited sockets start at descriptor 3, and `LISTEN_PID` must name the process.
    let script = r#"LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@" 3<&0 </dev/null"#;
    let mut command = Command::new("sh");
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_kunci")])
        .stdin(Stdio::from(OwnedFd::from(listener)));
    let mut started = Started::with(command, folder.path(), &["--transport", "hyper"]);
    assert_eq!(started.lines[0], format!("listening on http://{address}"));
    let answer = raw(
        address,
        b"GET /profile HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(answer.body, "You are not logged in\n");
    assert!(started.terminate().success());
}

#[test]
fn unusable_certificate_ends_the_start_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    issue(folder.path());
    fs::write(folder.path().join("key.pem"), "no key").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_kunci"))
        .args(["serve", "--transport", "hyper", "--listen", "127.0.0.1:0"])
        .args(["--tls-cert", "cert.pem", "--tls-key", "key.pem"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.lines().last().unwrap().contains("key.pem"), "{told}");
}
