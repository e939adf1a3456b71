//! Many connections, and more connections than file descriptors.

use std::process::Command;
use std::time::{Duration, Instant};

use super::{PING, assert_serves_promptly, sockets, start_server};
use crate::support::{PASSWORD, Server, Setup, Socket, TIMEOUT, Transport, for_each_transport};

for_each_transport!(
    thousand_idle_connections_do_not_delay_others,
    burst_of_keep_alive_connections_is_answered,
    lack_of_descriptors_is_reported_or_survived,
);

/// Raises the limit of open files of this process and its children.
fn raise_open_file_limit() {
    let pid = std::process::id().to_string();
    let set = Command::new("prlimit")
        .args(["--nofile=8192:", "--pid", &pid])
        .status();
    assert!(set.unwrap().success());
}

fn thousand_idle_connections_do_not_delay_others(transport: Transport) {
    raise_open_file_limit();
    let server = start_server(transport, "");
    let mut idle = sockets(&server, 1_000);
    for socket in idle.iter_mut().step_by(2) {
        assert_eq!(socket.request(PING).body, "ok\n");
    }
    assert_serves_promptly(&server);
    let registered = server
        .text_client()
        .post("/register", &[("username", "ada"), ("password", PASSWORD)]);
    assert_eq!(registered.body, "Account created\n");
    for socket in idle.iter_mut().step_by(3) {
        assert_eq!(socket.request(PING).body, "ok\n", "an idle connection stays open");
    }
    drop(idle);
    assert_serves_promptly(&server);
}

fn burst_of_keep_alive_connections_is_answered(transport: Transport) {
    let server = start_server(transport, "");
    let mut burst = sockets(&server, 32);
    for _ in 0..3 {
        for socket in &mut burst {
            socket.send(PING).unwrap();
        }
        for socket in &mut burst {
            assert_eq!(socket.response().body, "ok\n");
        }
    }
}

fn lack_of_descriptors_is_reported_or_survived(transport: Transport) {
    let mut server = Setup::new(transport).max_open_files(64).start();
    assert_serves_promptly(&server);
    // The server never accepts some of these. They wait in the backlog while the server runs.
    let mut crowd: Vec<_> = (0..100)
        .filter_map(|_| Socket::try_connect(server.address()).ok())
        .collect();
    match transport {
        Transport::TinyHttp => {
            let (status, log) = server.wait();
            assert_eq!(status.code(), Some(1), "{log}");
            let last = log.lines().last().unwrap_or_default();
            assert!(
                last.starts_with("kunci: ") && last.contains("open files"),
                "{log}"
            );
        }
        Transport::Hyper => {
            let answered = crowd.iter_mut().filter_map(gets_ok_within_20_ms).count();
            assert!((1..100).contains(&answered), "{answered} were served");
            drop(crowd);
            assert_serves_again(&server);
        }
    }
}

/// Sends a request. Returns `Some` if a response arrives within 20 ms and has status 200.
fn gets_ok_within_20_ms(socket: &mut Socket) -> Option<()> {
    socket.send(PING).ok()?;
    let readable = socket.input_within(Duration::from_millis(20))?;
    (readable.try_response()?.status == 200).then_some(())
}

/// Checks that requests that need the database, and therefore file descriptors, work again.
fn assert_serves_again(server: &Server) {
    let begin = Instant::now();
    let form = [("username", "ada"), ("password", PASSWORD)];
    while server.text_client().post("/register", &form).status != 201 {
        assert!(begin.elapsed() < TIMEOUT, "no sign-up succeeds");
    }
    let mut client = server.text_client();
    client.post("/login", &form);
    assert_eq!(client.get("/profile").body, "Welcome, ada\n");
    assert_serves_promptly(server);
}
