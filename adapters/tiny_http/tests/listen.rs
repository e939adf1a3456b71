//! Listening addresses.

mod common;

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::Path;

use common::Host;
use kunci_tiny_http::{BindError, Limits, Listen, UnixSocketError, bind};

fn try_unix(path: &Path) -> Result<(), BindError> {
    bind(&Listen::Unix(path.to_owned()), Limits::default()).map(drop)
}

#[test]
fn loopback_addresses_are_served() {
    for address in ["127.0.0.1:0", "127.1.2.3:0", "[::1]:0"] {
        let host = Host::on(&Listen::Tcp(address.parse().unwrap()), Limits::default());
        let shown = host.address.url("http");
        assert!(shown.starts_with("http://") && !shown.ends_with(":0"), "{shown}");
        assert_eq!(host.client().get("/").status, 200);
        // Closing the connection of a refused request needs its addresses.
        let mut client = host.send("POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n");
        assert_eq!(client.answer().status, 413);
        assert_eq!(client.rest(), b"");
    }
}

#[test]
fn other_addresses_are_refused_with_the_reason() {
    for address in [
        "0.0.0.0:0",
        "[::]:0",
        "10.0.0.1:80",
        "[::ffff:127.0.0.1]:0",
        "[fe80::1]:0",
    ] {
        let address: SocketAddr = address.parse().unwrap();
        let error = bind(&Listen::Tcp(address), Limits::default()).unwrap_err();
        assert!(matches!(error, BindError::NotLoopback(refused) if refused == address));
        let text = error.to_string();
        assert!(text.contains(&address.to_string()), "{text}");
        assert!(text.contains("127.0.0.0/8, ::1 and Unix sockets"), "{text}");
        assert!(text.contains("--transport hyper"), "{text}");
    }
}

#[test]
fn used_port_is_an_error_with_its_cause() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = bind(&Listen::Tcp(address), Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {address}"));
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn unix_socket_is_private_and_removed_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kunci.sock");
    let host = Host::on(&Listen::Unix(path.clone()), Limits::default());
    assert_eq!(host.address.to_string(), format!("unix:{}", path.display()));
    let metadata = fs::symlink_metadata(&path).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(host.client().get("/a").text(), "/a\n");
    assert!(host.stop().is_ok());
    assert!(!path.exists());
}

#[test]
fn stale_socket_is_replaced_and_a_live_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kunci.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let host = Host::on(&Listen::Unix(path.clone()), Limits::default());
    let error = try_unix(&path).unwrap_err();
    assert!(matches!(&error, BindError::Unix(UnixSocketError::Live(live)) if *live == path));
    assert!(error.to_string().contains(&path.display().to_string()));
    assert_eq!(host.client().get("/a").status, 200);
}

#[test]
fn file_that_is_not_a_socket_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes");
    fs::write(&path, "mine").unwrap();
    assert!(matches!(
        try_unix(&path),
        Err(BindError::Unix(UnixSocketError::NotASocket(_)))
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    let nowhere = folder.path().join("no/folder/s");
    assert!(matches!(
        try_unix(&nowhere),
        Err(BindError::Unix(UnixSocketError::Io { .. }))
    ));
}

#[test]
fn unused_listener_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kunci.sock");
    let bound = bind(&Listen::Unix(path.clone()), Limits::default()).unwrap();
    assert!(path.exists());
    drop(bound);
    assert!(!path.exists());
}
