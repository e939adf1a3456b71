//! Many clients at the same time.

use std::sync::Barrier;
use std::thread;

use crate::support::{Client, PASSWORD, Server, Setup, Transport, for_each_transport};

for_each_transport!(
    sixty_four_clients_work_at_the_same_time,
    parallel_writers_of_one_session_lose_nothing,
);

fn sixty_four_clients_work_at_the_same_time(transport: Transport) {
    // These limits allow 64 sign-ups and password hashes from one network at the same time.
    let server = Setup::new(transport)
        .settings("hashing.queue = 256\nthrottle.sign_ups_at_once = 64")
        .start();
    let barrier = Barrier::new(64);
    let clients: Vec<_> = thread::scope(|scope| {
        let clients: Vec<_> = (0..64)
            .map(|n| {
                scope.spawn({
                    let (server, barrier) = (&server, &barrier);
                    move || {
                        barrier.wait();
                        use_two_devices(server, n)
                    }
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    for (n, (kept, ended)) in clients.into_iter().enumerate() {
        assert_eq!(
            kept.clone().get("/api/v1/session/data/n").json()["value"],
            n,
            "client {n} is still signed in"
        );
        assert_eq!(
            ended.clone().get("/api/v1/session").status,
            401,
            "client {n} is signed out"
        );
    }
    let list = server.command(&["user", "list", "--json"], "");
    let users: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(users.as_array().unwrap().len(), 64);
    let list = server.command(&["session", "list", "--json"], "");
    let sessions: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(
        sessions.as_array().unwrap().len(),
        64,
        "each user has one session left"
    );
}

/// Signs one user in on two devices, writes data on both, and signs one out. Returns one client with
/// the kept session, and one with the ended session.
fn use_two_devices(server: &Server, n: usize) -> (Client, Client) {
    let name = format!("user{n}");
    let form = [("username", name.as_str()), ("password", PASSWORD)];
    let mut kept = server.json_client();
    let mut ended = server.json_client();
    assert_eq!(kept.post("/register", &form).status, 201);
    assert_eq!(ended.post("/login", &form).status, 200);
    assert_eq!(
        kept.json("PUT", "/api/v1/session/data/n", &n.to_string()).status,
        200
    );
    assert_eq!(ended.json("PUT", "/api/v1/session/data/n", "0").status, 200);
    let with_old_cookie = ended.clone();
    assert_eq!(ended.post("/logout", &[]).status, 200);
    (kept, with_old_cookie)
}

fn parallel_writers_of_one_session_lose_nothing(transport: Transport) {
    let server = Server::start(transport);
    let mut first = server.json_client();
    first.json("PUT", "/api/v1/session/data/first", "true");
    thread::scope(|scope| {
        for n in 0..32 {
            let mut client = first.clone();
            scope.spawn(move || {
                let path = format!("/api/v1/session/data/key{n}");
                assert_eq!(client.json("PUT", &path, &n.to_string()).status, 200);
            });
        }
    });
    let data = first.get("/api/v1/session/data").json();
    for n in 0..32 {
        assert_eq!(data["data"][format!("key{n}")], n);
    }
}
