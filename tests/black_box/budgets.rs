//! Rate limits from the settings, and the addresses of clients behind a proxy.

use crate::support::{PASSWORD, Response, Server, Setup, Transport, for_each_transport};

for_each_transport!(
    correct_password_is_refused_when_the_budget_is_used_up,
    each_network_behind_a_trusted_proxy_has_its_own_budget,
    forwarded_addresses_of_untrusted_peers_are_ignored,
    only_the_configured_forwarding_header_counts,
    visitors_of_one_network_store_a_limited_amount,
);

/// Starts a server with the account `ada`. Each network may guess twice at once, and then once per hour.
fn strict_server(transport: Transport, settings: &str) -> Server {
    let server = Setup::new(transport)
        .settings("throttle.guesses_at_once = 2\nthrottle.guess_every = \"1h\"")
        .settings(settings)
        .start();
    server.command(&["user", "add", "ada", "--password-stdin"], PASSWORD);
    server
}

/// Signs in as a new client, with its address in `X-Forwarded-For`.
fn sign_in(server: &Server, from: &str, password: &str) -> Response {
    let password = password.replace(' ', "+");
    server.text_client().send(
        "POST",
        "/login",
        &[
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("X-Forwarded-For", from),
        ],
        &format!("username=ada&password={password}"),
    )
}

/// Guesses a wrong password twice, and then signs in with the right one. Returns the statuses.
fn guess_twice(server: &Server, header: [&str; 3], lies: [&str; 3]) -> [u16; 3] {
    let [name, other, from] = header;
    let passwords = ["wrong+1", "wrong+2", &PASSWORD.replace(' ', "+")];
    std::array::from_fn(|n| {
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            (name, from),
            (other, lies[n]),
        ];
        let body = format!("username=ada&password={}", passwords[n]);
        server
            .text_client()
            .send("POST", "/login", &headers, &body)
            .status
    })
}

fn correct_password_is_refused_when_the_budget_is_used_up(transport: Transport) {
    let server = strict_server(transport, "");
    let login = |password| {
        server
            .text_client()
            .post("/login", &[("username", "ada"), ("password", password)])
    };
    assert_eq!(login(PASSWORD).status, 200, "a successful sign-in uses no budget");
    assert_eq!([login("wrong 1").status, login("wrong 2").status], [401, 401]);
    let refused = login(PASSWORD);
    assert_eq!(
        (refused.status, refused.body.as_str()),
        (429, "Too many attempts; try again later\n")
    );
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((3_000..=3_600).contains(&wait), "{wait}");
}

fn each_network_behind_a_trusted_proxy_has_its_own_budget(transport: Transport) {
    let server = strict_server(transport, "server.trusted_proxies = [\"127.0.0.1\"]");
    let statuses =
        ["wrong 1", "wrong 2", PASSWORD].map(|password| sign_in(&server, "192.0.2.1", password).status);
    assert_eq!(statuses, [401, 401, 429]);
    assert_eq!(sign_in(&server, "198.51.100.1", PASSWORD).status, 200);
    let sessions = server.command(&["session", "list"], "");
    let sessions = String::from_utf8(sessions.stdout).unwrap();
    assert!(sessions.contains(" 198.51.100.1 "), "{sessions}");
}

fn forwarded_addresses_of_untrusted_peers_are_ignored(transport: Transport) {
    let server = strict_server(transport, "server.trusted_proxies = [\"10.0.0.0/8\"]");
    let addresses = ["192.0.2.1", "198.51.100.1", "203.0.113.1"];
    let statuses = addresses.map(|from| sign_in(&server, from, "wrong").status);
    assert_eq!(statuses, [401, 401, 429]);
}

fn only_the_configured_forwarding_header_counts(transport: Transport) {
    let proxy = "server.trusted_proxies = [\"127.0.0.1\"]";
    let (x, forwarded) = ("X-Forwarded-For", "Forwarded");
    let server = strict_server(transport, proxy);
    let lies = ["for=192.0.2.1", "for=192.0.2.2", "for=192.0.2.3"];
    let statuses = guess_twice(&server, [x, forwarded, "203.0.113.1"], lies);
    assert_eq!(statuses, [401, 401, 429]);
    let server = strict_server(
        transport,
        &format!("{proxy}\nserver.forwarded_header = \"forwarded\""),
    );
    let lies = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
    let statuses = guess_twice(&server, [forwarded, x, "for=203.0.113.1"], lies);
    assert_eq!(statuses, [401, 401, 429]);
}

fn visitors_of_one_network_store_a_limited_amount(transport: Transport) {
    let server = Server::start(transport);
    let large = format!("{:?}", "x".repeat(32_000));
    let put = || server.json_client().json("PUT", "/api/v1/session/data/k", &large);
    // 1,000 at once, and one is free again every ten seconds. Each of these counts eight times.
    let accepted = (0..400).take_while(|_| put().status == 200).count();
    assert!((125..130).contains(&accepted), "{accepted} sessions were stored");
    let refused = put();
    assert_eq!(
        (refused.status, refused.json()["error"]["code"].as_str()),
        (429, Some("throttled"))
    );
    assert!(refused.header("retry-after").is_some());
    server.command(&["user", "add", "ada", "--password-stdin"], PASSWORD);
    let ada = [("username", "ada"), ("password", PASSWORD)];
    assert_eq!(server.text_client().post("/login", &ada).status, 200);
}
