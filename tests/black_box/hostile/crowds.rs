//! Very many connections, and more connections than descriptors.

use std::process::Command;
use std::time::{Duration, Instant};

use super::{PING, server, serves_promptly, sockets};
use crate::support::{PASSWORD, PATIENCE, Server, Setup, Socket, Transport, for_each_transport};

for_each_transport!(
    thousand_idle_connections_do_not_delay_others,
    burst_of_keep_alive_connections_is_answered,
    lack_of_descriptors_is_reported_or_survived,
);

/// Raises the limit of open files of this process and its children.
fn raise_own_limit() {
    let pid = std::process::id().to_string();
    let set = Command::new("prlimit")
        .args(["--nofile=8192:", "--pid", &pid])
        .status();
    assert!(set.unwrap().success());
}

fn thousand_idle_connections_do_not_delay_others(transport: Transport) {
    raise_own_limit();
    let server = server(transport, "");
    let mut idle = sockets(&server, 1_000);
    for socket in idle.iter_mut().step_by(2) {
        assert_eq!(socket.ask(PING).body, "ok\n");
    }
    serves_promptly(&server);
    let registered = server
        .text()
        .post("/register", &[("username", "ada"), ("password", PASSWORD)]);
    assert_eq!(registered.body, "Account created\n");
    for socket in idle.iter_mut().step_by(3) {
        assert_eq!(socket.ask(PING).body, "ok\n", "they were kept");
    }
    drop(idle);
    serves_promptly(&server);
}

fn burst_of_keep_alive_connections_is_answered(transport: Transport) {
    let server = server(transport, "");
    let mut burst = sockets(&server, 32);
    for _ in 0..3 {
        for socket in &mut burst {
            socket.send(PING).unwrap();
        }
        for socket in &mut burst {
            assert_eq!(socket.answer().body, "ok\n");
        }
    }
}

fn lack_of_descriptors_is_reported_or_survived(transport: Transport) {
    let mut server = Setup::of(transport).descriptors(64).start();
    serves_promptly(&server);
    // Some of these are never accepted, and wait in the backlog unless the server has ended.
    let mut crowd: Vec<_> = (0..100)
        .filter_map(|_| Socket::try_connect(server.address()).ok())
        .collect();
    match transport {
        Transport::TinyHttp => {
            let (status, log) = server.end();
            assert_eq!(status.code(), Some(1), "{log}");
            let last = log.lines().last().unwrap_or_default();
            assert!(
                last.starts_with("kunci: ") && last.contains("open files"),
                "{log}"
            );
        }
        Transport::Hyper => {
            let answered = crowd.iter_mut().filter_map(answers_within_a_moment).count();
            assert!((1..100).contains(&answered), "{answered} were served");
            drop(crowd);
            serves_again(&server);
        }
    }
}

/// Returns whether a connection gets a response within a moment.
fn answers_within_a_moment(socket: &mut Socket) -> Option<()> {
    socket.send(PING).ok()?;
    let came = socket.comes_within(Duration::from_millis(20))?;
    (came.try_answer()?.status == 200).then_some(())
}

/// Checks that requests that need the database, and thus descriptors, work again.
fn serves_again(server: &Server) {
    let begin = Instant::now();
    let form = [("username", "ada"), ("password", PASSWORD)];
    while server.text().post("/register", &form).status != 201 {
        assert!(begin.elapsed() < PATIENCE, "nobody is served");
    }
    let mut client = server.text();
    client.post("/login", &form);
    assert_eq!(client.get("/profile").body, "Welcome, ada\n");
    serves_promptly(server);
}
