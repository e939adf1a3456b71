//! Features that only hyper has: TLS, several addresses, inherited sockets, and a memory bound.

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

use crate::support::{Client, PASSWORD, Process, send_raw};

type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Writes a new self-signed certificate and its key into the folder.
fn write_certificate(folder: &Path) -> CertificateDer<'static> {
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
fn request(stream: &mut Tls, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let (mut response, mut length) = (String::new(), 0);
    while !response.ends_with("\r\n\r\n") {
        let start = response.len();
        assert!(
            reader.read_line(&mut response).unwrap() > 0,
            "incomplete head: {response}"
        );
        if let Some(value) = response[start..].strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    response + std::str::from_utf8(&body).unwrap()
}

#[test]
fn certificate_enables_https_and_reloads_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = write_certificate(folder.path());
    let mut process = Process::start_hyper(
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
    let address = process.lines[0]
        .strip_prefix("listening on https://")
        .unwrap()
        .parse()
        .unwrap();

    let mut stream = connect(address, &first).unwrap();
    let form = format!("username=ada&password={}", PASSWORD.replace(' ', "+"));
    let response = request(
        &mut stream,
        &format!(
            "POST /register HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ),
    );
    assert!(response.starts_with("HTTP/1.1 201"), "{response}");
    assert!(
        response.contains("set-cookie: __Host-kunci=") && response.contains("; Secure"),
        "{response}"
    );
    assert!(response.contains("strict-transport-security: "), "{response}");

    let second = write_certificate(folder.path());
    process.signal("HUP");
    // The signal is handled asynchronously.
    while connect(address, &second).is_err() {}
    let response = request(&mut stream, "GET /profile HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(response.ends_with("You are not logged in\n"), "{response}");
    drop(stream);
    assert!(process.terminate().success());
}

#[test]
fn several_addresses_are_printed_one_per_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start_hyper(
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
    let address = |line: usize, scheme: &str| {
        let line = &process.lines[line];
        line.strip_prefix(&format!("listening on {scheme}"))
            .unwrap_or_else(|| panic!("{line}"))
            .to_owned()
    };
    assert!(address(1, "unix:").ends_with("k.sock"));
    for line in [0, 2] {
        let mut client = Client::new(address(line, "http://").parse().unwrap(), "*/*");
        assert_eq!(client.get("/profile").body, "You are not logged in\n");
    }
    assert!(process.terminate().success());
}

#[test]
fn memory_bound_is_printed_and_follows_the_settings() {
    let printed_bound = |settings: &str| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("kunci.toml"), settings).unwrap();
        let process = Process::start_hyper(folder.path(), &["--listen", "127.0.0.1:0"]);
        let line = process
            .lines
            .iter()
            .find_map(|line| line.strip_prefix("memory: at most "));
        let mebibytes = line.unwrap().strip_suffix(" MiB under any load").unwrap();
        mebibytes.parse::<u64>().unwrap()
    };
    let small = printed_bound("server.limits.connections = 16\nhashing.permits = 1\nhashing.queue = 0\n");
    assert!((32..192).contains(&small), "{small}");
    // Two more permits need two more blocks of 19 MiB, and two more threads, each with a database reader.
    let more =
        printed_bound("server.limits.connections = 16\nhashing.permits = 3\nhashing.queue = 0\n") - small;
    assert!((2 * 19..2 * 24).contains(&more), "{more}");
    assert!(
        printed_bound("server.limits.connections = 1016\nhashing.permits = 1\nhashing.queue = 0\n")
            > small + 100
    );
    // A separate session database needs its own writer and cache.
    let separate_store = "store.sessions = \"sqlite:sessions.db\"\n";
    let separate = printed_bound(&format!(
        "{separate_store}server.limits.connections = 16\nhashing.permits = 1\nhashing.queue = 0\n"
    ));
    assert!(separate >= small + 64, "{separate}");
}

#[test]
fn unbounded_memory_is_printed() {
    for (args, expected) in [
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
        let process = Process::start(
            command,
            folder.path(),
            &[&args[..], &["--listen", "127.0.0.1:0"]].concat(),
        );
        assert!(
            process.lines.iter().any(|line| line == expected),
            "{:?}",
            process.lines
        );
    }
}

#[test]
fn inherited_socket_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Inherited sockets start at descriptor 3, and `LISTEN_PID` must name the process.
    let script = r#"LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@" 3<&0 </dev/null"#;
    let mut command = Command::new("sh");
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_kunci")])
        .stdin(Stdio::from(OwnedFd::from(listener)));
    let mut process = Process::start(command, folder.path(), &["--transport", "hyper"]);
    assert_eq!(process.lines[0], format!("listening on http://{address}"));
    let response = send_raw(
        address,
        b"GET /profile HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(response.body, "You are not logged in\n");
    assert!(process.terminate().success());
}

#[test]
fn unusable_certificate_fails_the_start_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path());
    fs::write(folder.path().join("key.pem"), "no key").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_kunci"))
        .args(["serve", "--transport", "hyper", "--listen", "127.0.0.1:0"])
        .args(["--tls-cert", "cert.pem", "--tls-key", "key.pem"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.lines().last().unwrap().contains("key.pem"), "{stderr}");
}
