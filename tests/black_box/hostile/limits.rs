//! hyper's limits on connections. tiny_http has none.

use std::time::Instant;

use super::{PING, assert_refused_or_closed, sockets};
use crate::support::{Server, Setup, Socket, TIMEOUT, Transport, for_each_transport};

for_each_transport!(
    connections_above_the_limit_are_refused_until_others_close,
    connections_above_the_limit_per_address_are_refused,
    clients_of_a_trusted_proxy_share_no_limit_per_address,
);

const LIMIT: usize = 8;

fn connections_above_the_limit_are_refused_until_others_close(transport: Transport) {
    check(transport, "server.limits.connections");
}

fn connections_above_the_limit_per_address_are_refused(transport: Transport) {
    check(transport, "server.limits.connections_per_address");
}

fn clients_of_a_trusted_proxy_share_no_limit_per_address(transport: Transport) {
    let server = Setup::new(transport)
        .hyper_settings(&format!("server.limits.connections_per_address = {LIMIT}"))
        .settings("server.trusted_proxies = [\"127.0.0.1\"]")
        .start();
    assert_all_respond(&mut sockets(&server, 2 * LIMIT));
}

/// Opens as many connections as the limit allows, and checks that hyper refuses further ones. When half of them
/// have closed, the server must accept new ones in their place.
#[track_caller]
fn check(transport: Transport, setting: &str) {
    let server = Setup::new(transport)
        .hyper_settings(&format!("{setting} = {LIMIT}"))
        .start();
    let mut held = sockets(&server, LIMIT);
    assert_all_respond(&mut held);
    for _ in 0..5 {
        let mut extra = Socket::connect(server.address());
        // The connection may be closed already.
        let _ = extra.send(PING);
        match transport {
            Transport::TinyHttp => assert_eq!(extra.response().status, 200, "there is no limit"),
            Transport::Hyper => assert_refused_or_closed(&extra.responses(), &[503]),
        }
        assert_all_respond(&mut held);
    }
    held.truncate(LIMIT / 2);
    let mut new: Vec<_> = (0..LIMIT / 2).map(|_| connect_when_accepted(&server)).collect();
    assert_all_respond(&mut held);
    assert_all_respond(&mut new);
}

#[track_caller]
fn assert_all_respond(held: &mut [Socket]) {
    for socket in held {
        assert_eq!(socket.request(PING).body, "ok\n");
    }
}

/// Opens a connection that the server accepts. Retries, because the server notices closed connections
/// asynchronously.
#[track_caller]
fn connect_when_accepted(server: &Server) -> Socket {
    let begin = Instant::now();
    loop {
        let mut socket = Socket::connect(server.address());
        let _ = socket.send(PING);
        if socket
            .try_response()
            .is_some_and(|response| response.status == 200)
        {
            return socket;
        }
        assert!(begin.elapsed() < TIMEOUT, "no new connection is accepted");
    }
}
