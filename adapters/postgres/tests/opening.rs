//! Opening a database: migrations, refusals, and certificates.

#![allow(clippy::unwrap_used, reason = "a failed step ends the test")]

mod support;

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use kunci_domain::ports::{Inserted, SessionStore, StoreError};
use kunci_postgres::{OpenError, PostgresStore, PostgresUrl};
use kunci_testkit::samples::{start, visitor};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use support::{Schema, open, open_in, options};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, Stream};

/// The latest layout.
const LATEST: i64 = 2;

fn try_open(url: &str) -> Result<PostgresStore, OpenError> {
    PostgresStore::open(PostgresUrl::parse(url).unwrap(), options())
}

#[test]
fn nodes_that_start_together_migrate_once() {
    let Some(schema) = Schema::create() else {
        return;
    };
    thread::scope(|scope| {
        let nodes: Vec<_> = (0..6).map(|_| scope.spawn(|| open_in(&schema))).collect();
        for (number, node) in (0..).zip(nodes) {
            let sessions = node.join().unwrap().sessions();
            assert_eq!(sessions.insert(&visitor(number)).unwrap(), Inserted::Done);
        }
    });
    let direct = schema.direct();
    assert_eq!(direct.number("SELECT version FROM kunci_layout"), LATEST);
    assert_eq!(direct.number("SELECT count(*) FROM kunci_budget_secret"), 1);
    assert_eq!(direct.number("SELECT count(*) FROM kunci_sessions"), 6);
}

#[test]
fn data_survives_reopening() {
    let Some(schema) = Schema::create() else {
        return;
    };
    assert_eq!(
        open_in(&schema).sessions().insert(&visitor(1)).unwrap(),
        Inserted::Done
    );
    let found = open_in(&schema)
        .sessions()
        .find(&visitor(1).key, start())
        .unwrap();
    assert_eq!(found, Some(visitor(1)));
}

#[test]
fn newer_layout_is_refused() {
    let Some(schema) = Schema::create() else {
        return;
    };
    drop(open_in(&schema));
    schema.direct().run("UPDATE kunci_layout SET version = 99");
    let error = try_open(&schema.url()).unwrap_err();
    let want = format!("layout 99, but this version knows layouts up to {LATEST} only");
    assert!(error.to_string().contains(&want), "{error}");
}

#[test]
fn unknown_database_is_refused_without_the_password() {
    let Some(schema) = Schema::create() else {
        return;
    };
    drop(schema);
    let address = support::server_address();
    let error = try_open(&format!("postgres://ada:hunter2@{address}/kunci_absent")).unwrap_err();
    let line = format!("{error} {error:?} {:?}", error.source());
    assert!(line.contains("kunci_absent"), "{line}");
    assert!(!line.contains("hunter2"), "{line}");
}

#[test]
fn invalid_row_is_corrupt() {
    let Some(schema) = Schema::create() else {
        return;
    };
    let (sessions, direct) = (open(&schema.url(), options()).sessions(), schema.direct());
    for (number, change) in (0..).zip([
        "data = '{'",
        "notices = '{}'",
        "user_id = 1",
        "pending_permanent = true",
        "idle_millis = -1",
        "expires_at = expires_at + 1",
        "origin = '\\x00'",
    ]) {
        let session = visitor(number);
        assert_eq!(sessions.insert(&session).unwrap(), Inserted::Done);
        direct.run(&format!("UPDATE kunci_sessions SET {change}"));
        let found = sessions.find(&session.key, start());
        assert!(
            matches!(found, Err(StoreError::Corrupt { .. })),
            "{change}: {found:?}"
        );
        assert!(sessions.delete(&session).unwrap(), "{change}");
    }
}

/// Starts a server that accepts TLS with a new certificate for `name`, and writes the certificate to a file.
/// Returns its port, and what a client sends after the handshake.
fn tls_server(name: &str, file: &Path) -> (u16, Receiver<bool>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    std::fs::write(file, cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config =
        ServerConfig::builder_with_provider(Arc::new(tokio_rustls::rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (send, received) = channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 8];
        stream.read_exact(&mut request).unwrap();
        stream.write_all(b"S").unwrap();
        let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut first = [0; 1];
        let read = Stream::new(&mut connection, &mut stream).read(&mut first);
        send.send(read.is_ok_and(|length| length == 1)).unwrap();
    });
    (port, received)
}

#[test]
fn certificates_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (folder.path().join("ca.pem"), folder.path().join("other.pem"));
    drop(tls_server("localhost", &other));
    // The name of the server, the trusted certificates, and whether the client goes on.
    for (name, trusted, is_accepted) in [
        ("localhost", &file, true),
        ("localhost", &other, false),
        ("db.example.org", &file, false),
    ] {
        let (port, received) = tls_server(name, &file);
        let trusted = trusted.display();
        let url = format!("postgres://ada@localhost:{port}/d?sslmode=verify-full&sslrootcert={trusted}");
        let opened = try_open(&url);
        assert_eq!(received.recv().unwrap(), is_accepted, "{name} {trusted}");
        assert_eq!(opened.is_ok(), is_accepted, "{name} {trusted}: {opened:?}");
    }
}

#[test]
fn server_without_tls_is_refused_if_tls_is_required() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0; 8]).unwrap();
        stream.write_all(b"N").unwrap();
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    drop(tls_server("localhost", &file));
    let url = format!(
        "postgres://ada@localhost:{port}/d?sslmode=require&sslrootcert={}",
        file.display()
    );
    assert!(matches!(try_open(&url), Err(OpenError::Refused { .. })));
}

#[test]
fn unreadable_certificates_are_refused() {
    for file in ["/absent", "/dev/null"] {
        let url = format!("postgres://ada@localhost/d?sslmode=require&sslrootcert={file}");
        let error = try_open(&url).unwrap_err();
        assert!(error.to_string().contains(file), "{error}");
    }
}
