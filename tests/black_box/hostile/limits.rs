//! hyper's limits on connections. tiny_http has none.

use std::time::Instant;

use super::{PING, is_refusal_or_nothing, sockets};
use crate::support::{PATIENCE, Server, Setup, Socket, Transport, for_each_transport};

for_each_transport!(
    connection_limit_refuses_until_some_close,
    address_limit_refuses_until_some_close,
);

const MOST: usize = 8;

fn connection_limit_refuses_until_some_close(transport: Transport) {
    check(transport, "server.limits.connections");
}

fn address_limit_refuses_until_some_close(transport: Transport) {
    check(transport, "server.limits.connections_per_address");
}

#[track_caller]
fn check(transport: Transport, setting: &str) {
    let server = Setup::of(transport)
        .on_hyper(&format!("{setting} = {MOST}"))
        .start();
    let mut held = sockets(&server, MOST);
    all_live(&mut held);
    for _ in 0..5 {
        let mut next = Socket::connect(server.address());
        // The connection may be closed already.
        let _ = next.send(PING);
        match transport {
            Transport::TinyHttp => assert_eq!(next.answer().status, 200, "there is no limit"),
            Transport::Hyper => is_refusal_or_nothing(&next.answers(), &[503]),
        }
        all_live(&mut held);
    }
    held.truncate(MOST / 2);
    let mut new: Vec<_> = (0..MOST / 2).map(|_| served(&server)).collect();
    all_live(&mut held);
    all_live(&mut new);
}

#[track_caller]
fn all_live(held: &mut [Socket]) {
    for socket in held {
        assert_eq!(socket.ask(PING).body, "ok\n");
    }
}

/// Opens a connection that is served. The server notices closed connections asynchronously.
#[track_caller]
fn served(server: &Server) -> Socket {
    let begin = Instant::now();
    loop {
        let mut socket = Socket::connect(server.address());
        let _ = socket.send(PING);
        if socket.try_answer().is_some_and(|answer| answer.status == 200) {
            return socket;
        }
        assert!(begin.elapsed() < PATIENCE, "nobody new is served");
    }
}
