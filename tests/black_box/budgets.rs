//! Rate limits from the settings, and the addresses of clients behind a proxy.

use serde_json::json;

use crate::support::{
    Authenticator, Client, PASSWORD, Response, Server, Setup, Transport, for_each_transport,
};

for_each_transport!(
    correct_password_is_refused_when_the_budget_is_used_up,
    each_network_behind_a_trusted_proxy_has_its_own_budget,
    forwarded_addresses_of_untrusted_peers_are_ignored,
    only_the_configured_forwarding_header_counts,
    visitors_of_one_network_store_a_limited_amount,
    used_up_passwords_survive_kill_9,
    used_up_codes_survive_kill_9,
    used_up_mails_survive_kill_9,
);

const ADA: &[(&str, &str)] = &[("username", "ada"), ("password", PASSWORD)];

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
    let lies = ["for=192.0.2.1", "for=198.51.100.1", "for=10.0.0.1"];
    let statuses = guess_twice(&server, [x, forwarded, "203.0.113.1"], lies);
    assert_eq!(statuses, [401, 401, 429]);
    let server = strict_server(
        transport,
        &format!("{proxy}\nserver.forwarded_header = \"forwarded\""),
    );
    let lies = ["192.0.2.1", "198.51.100.1", "10.0.0.1"];
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
    assert_eq!(server.text_client().post("/login", ADA).status, 200);
}

fn used_up_passwords_survive_kill_9(transport: Transport) {
    // Half of them are possible at once.
    let server = Setup::new(transport)
        .settings("throttle.guesses_per_day = 4")
        .start();
    let mut owner = server.text_client();
    owner.post("/register", ADA);
    let login = |server: &Server, password| {
        let form = [("username", "ada"), ("password", password)];
        server.text_client().post("/login", &form).status
    };
    let guesses = [(); 3].map(|()| login(&server, "wrong"));
    assert_eq!(guesses, [401, 401, 429]);
    let server = server.kill_and_restart();
    assert_eq!([login(&server, "wrong"), login(&server, PASSWORD)], [429, 429]);
    let mut owner = owner.at(server.address());
    owner.post("/logout", &[]);
    assert_eq!(owner.post("/login", ADA).status, 200, "the device is known");
}

fn used_up_codes_survive_kill_9(transport: Transport) {
    let server = Setup::new(transport)
        .settings("throttle.guesses_at_once = 2\nthrottle.guess_every = \"1h\"")
        .start();
    let mut owner = server.json_client();
    owner.post("/register", ADA);
    let recovery_codes = enrol(&mut owner);
    owner.post("/logout", &[]);
    // A device is known again after it has signed in with the second factor.
    assert_eq!(code_status(&mut owner, &recovery_codes[0]), 200);
    let guess = |server: &Server, code| code_status(&mut server.json_client(), code);
    let guesses = [(); 3].map(|()| guess(&server, "000000"));
    assert_eq!(guesses, [401, 401, 429]);
    let server = server.kill_and_restart();
    let after = [guess(&server, "000000"), guess(&server, &recovery_codes[1])];
    assert_eq!(after, [429, 429]);
    let mut owner = owner.at(server.address());
    owner.post("/logout", &[]);
    assert_eq!(code_status(&mut owner, &recovery_codes[1]), 200);
}

/// Sets up a second factor for the user of a client, and returns the recovery codes.
fn enrol(client: &mut Client) -> Vec<String> {
    let path = "/api/v1/account/second-factor";
    let secret = client.json("POST", path, "").json();
    let authenticator = Authenticator::new(secret["secret"].as_str().unwrap());
    let code = json!({"code": authenticator.code(0)}).to_string();
    let enrolled = client.json("PUT", path, &code).json();
    serde_json::from_value(enrolled["recovery_codes"].clone()).unwrap()
}

/// Sends the correct password and then a code, and returns the status of the response to the code.
fn code_status(client: &mut Client, code: &str) -> u16 {
    assert_eq!(client.post("/login", ADA).json()["error"]["code"], "code_needed");
    let code = json!({"code": code}).to_string();
    client.json("POST", "/api/v1/session/code", &code).status
}

fn used_up_mails_survive_kill_9(transport: Transport) {
    let server = Setup::new(transport)
        .settings("throttle.confirmations_at_once = 2")
        .start();
    let mails_after = |server: &Server, name| {
        let address = ("email", "ada@example.org");
        let form = [("username", name), ("password", PASSWORD), address];
        assert_eq!(server.json_client().post("/register", &form).status, 201);
        let outbox = std::fs::read_dir(server.data().join("outbox")).unwrap();
        outbox.count()
    };
    let sent = ["one", "two", "three"].map(|name| mails_after(&server, name));
    assert_eq!(sent, [1, 2, 2]);
    let server = server.kill_and_restart();
    assert_eq!(mails_after(&server, "four"), 2);
}
