//! Users, sessions and their data survive a restart, also after `kill -9`.

use crate::support::{PASSWORD, Server, Transport, for_each_transport};

for_each_transport!(
    restart_keeps_users_and_sessions,
    acknowledged_sign_out_survives_kill_9,
    acknowledged_accounts_and_values_survive_kill_9,
);

const ADA: &[(&str, &str)] = &[("username", "ada"), ("password", PASSWORD)];

fn restart_keeps_users_and_sessions(transport: Transport) {
    let mut server = Server::start(transport);
    let mut client = server.text_client();
    client.post("/register", ADA);
    let (status, log) = server.terminate();
    assert_eq!(status.code(), Some(0), "{log}");
    let server = server.restarted();
    let mut client = client.at(server.address());
    assert_eq!(client.get("/profile").body, "Welcome, ada\n");
    assert_eq!(server.text_client().post("/login", ADA).body, "Logged in\n");
}

fn acknowledged_sign_out_survives_kill_9(transport: Transport) {
    let mut server = Server::start(transport);
    server.text_client().post("/register", ADA);
    for round in 0..5 {
        let mut client = server.text_client();
        client.post("/login", ADA);
        let old_session = client.clone();
        let path = if round % 2 == 0 { "/logout" } else { "/logout_all" };
        assert_eq!(client.post(path, &[]).status, 200);
        server = server.kill_and_restart();
        assert_eq!(
            old_session.at(server.address()).get("/profile").body,
            "You are not logged in\n",
            "round {round}"
        );
    }
}

fn acknowledged_accounts_and_values_survive_kill_9(transport: Transport) {
    let mut server = Server::start(transport);
    for round in 0..3 {
        let name = format!("user{round}");
        let mut client = server.json_client();
        assert_eq!(
            client
                .post("/register", &[("username", &name), ("password", PASSWORD)])
                .status,
            201
        );
        assert_eq!(
            client
                .json("PUT", "/api/v1/session/data/round", &round.to_string())
                .status,
            200
        );
        server = server.kill_and_restart();
        let mut client = client.at(server.address());
        assert_eq!(client.get("/profile").json()["user"]["name"], name.as_str());
        assert_eq!(client.get("/api/v1/session/data/round").json()["value"], round);
    }
}
