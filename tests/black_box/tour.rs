//! A tour from sign-up to sign-out as text, pages and JSON, with the exact texts.

use crate::support::{PASSWORD, Server, Transport, for_each_transport};

for_each_transport!(
    tour_in_text_returns_the_exact_texts,
    tour_in_pages_redirects_between_forms,
    tour_in_json_returns_the_current_user,
    sign_out_everywhere_ends_all_sessions_of_the_user,
    visitor_data_is_kept_at_sign_in,
    password_change_ends_sessions_on_other_devices_only,
);

const ADA: &[(&str, &str)] = &[("username", "ada"), ("password", PASSWORD)];

fn tour_in_text_returns_the_exact_texts(transport: Transport) {
    let server = Server::start(transport);
    let mut curl = server.text_client();
    assert_eq!(curl.get("/profile").body, "You are not logged in\n");
    assert_eq!(curl.post("/register", ADA).body, "Account created\n");
    assert_eq!(curl.post("/logout", &[]).body, "Logged out\n");
    assert_eq!(curl.session_token(), "");
    let wrong = curl.post("/login", &[("username", "ada"), ("password", "wrong horse")]);
    assert_eq!(
        (wrong.status, wrong.body.as_str()),
        (401, "Wrong username or password\n")
    );
    let unknown = curl.post("/login", &[("username", "bob"), ("password", "wrong horse")]);
    assert_eq!((unknown.status, unknown.body), (wrong.status, wrong.body));
    let welcome = curl.post("/login", ADA);
    assert_eq!((welcome.status, welcome.body.as_str()), (200, "Logged in\n"));
    let profile = curl.get("/profile");
    assert_eq!((profile.status, profile.body.as_str()), (200, "Welcome, ada\n"));
    assert_eq!(
        curl.post("/logout_all", &[]).body,
        "Logged out from all sessions\n"
    );
    let profile = curl.get("/profile");
    assert_eq!(
        (profile.status, profile.body.as_str()),
        (200, "You are not logged in\n")
    );
    assert_eq!(curl.get("/healthz").body, "ok\n");
    assert_eq!(curl.get("/readyz").body, "ok\n");
}

fn tour_in_pages_redirects_between_forms(transport: Transport) {
    let server = Server::start(transport);
    let mut browser = server.browser_client();
    let redirect = browser.get("/profile");
    assert_eq!(
        (redirect.status, redirect.header("location")),
        (303, Some("/login?next=/profile"))
    );
    assert!(
        browser
            .get("/login?next=/account")
            .body
            .contains(r#"value="/account""#)
    );
    let registered = browser.post("/register", ADA);
    assert_eq!(
        (registered.status, registered.header("location")),
        (303, Some("/profile"))
    );
    let profile = browser.get("/profile");
    assert!(profile.body.contains("Welcome, ada"), "{}", profile.body);
    let signed_out = browser.post("/logout", &[]);
    assert_eq!(
        (signed_out.status, signed_out.header("location")),
        (303, Some("/login"))
    );
    let wrong = browser.post("/login", &[("username", "ada"), ("password", "wrong horse")]);
    assert_eq!(wrong.status, 401);
    assert!(
        wrong.body.contains(r#"value="ada""#) && !wrong.body.contains("wrong horse"),
        "{}",
        wrong.body
    );
    let signed_in = browser.post(
        "/login",
        &[("username", "ada"), ("password", PASSWORD), ("next", "/account")],
    );
    assert_eq!(
        (signed_in.status, signed_in.header("location")),
        (303, Some("/account"))
    );
    let style = profile
        .body
        .split('"')
        .find(|part| part.ends_with(".css"))
        .expect("the page has a style sheet");
    assert_eq!(
        browser.get(style).header("content-type"),
        Some("text/css; charset=utf-8")
    );
}

fn tour_in_json_returns_the_current_user(transport: Transport) {
    let server = Server::start(transport);
    let mut client = server.json_client();
    assert_eq!(client.get("/api/v1/session").status, 401);
    let created = client.post("/register", ADA);
    assert_eq!(
        (created.status, created.json()["message"].as_str()),
        (201, Some("Account created"))
    );
    assert_eq!(
        client.json("DELETE", "/api/v1/session", "").json()["message"],
        "Logged out"
    );
    let body = format!(r#"{{"username":"ada","password":"{PASSWORD}"}}"#);
    let signed_in = client.json("POST", "/api/v1/session", &body);
    assert_eq!(
        (signed_in.status, signed_in.json()["user"]["name"].as_str()),
        (200, Some("ada"))
    );
    assert_eq!(client.get("/api/v1/session").json()["user"]["name"], "ada");
    assert_eq!(client.get("/profile").json()["message"], "Welcome, ada");
    assert_eq!(
        client.post("/logout_all", &[]).json()["message"],
        "Logged out from all sessions"
    );
    let error = client.get("/api/v1/session");
    assert_eq!(
        (error.status, error.json()["error"]["code"].as_str()),
        (401, Some("not_signed_in"))
    );
}

fn sign_out_everywhere_ends_all_sessions_of_the_user(transport: Transport) {
    let server = Server::start(transport);
    let (mut first, mut second, mut other) = (
        server.text_client(),
        server.browser_client(),
        server.text_client(),
    );
    first.post("/register", ADA);
    second.post("/login", ADA);
    other.post("/register", &[("username", "bob"), ("password", PASSWORD)]);
    assert!(second.get("/profile").body.contains("Welcome, ada"));
    first.post("/logout_all", &[]);
    assert_eq!(second.get("/profile").status, 303);
    assert_eq!(other.get("/profile").body, "Welcome, bob\n");
}

fn visitor_data_is_kept_at_sign_in(transport: Transport) {
    let server = Server::start(transport);
    let mut client = server.json_client();
    assert_eq!(client.get("/api/v1/session/data/cart").status, 404);
    assert_eq!(client.cookie(), "", "a visitor without data gets no cookie");
    assert_eq!(
        client
            .json("PUT", "/api/v1/session/data/cart", r#"["key","lock"]"#)
            .status,
        200
    );
    let before = client.session_token();
    client.post("/register", ADA);
    assert_ne!(client.session_token(), before, "signing in replaces the token");
    assert_eq!(
        client.get("/api/v1/session/data").json()["data"]["cart"][1],
        "lock"
    );
    let removed = client.json("DELETE", "/api/v1/session/data/cart", "");
    assert_eq!(removed.json()["value"][0], "key");
    assert_eq!(client.get("/api/v1/session/data/cart").status, 404);
}

fn password_change_ends_sessions_on_other_devices_only(transport: Transport) {
    let server = Server::start(transport);
    let (mut here, mut there) = (server.text_client(), server.text_client());
    here.post("/register", ADA);
    there.post("/login", ADA);
    let change = [
        ("current_password", PASSWORD),
        ("new_password", "another good one"),
    ];
    assert_eq!(here.post("/account/password", &change).body, "Password changed\n");
    assert_eq!(here.get("/profile").body, "Welcome, ada\n");
    assert_eq!(there.get("/profile").body, "You are not logged in\n");
    assert_eq!(there.post("/login", ADA).status, 401);
    assert_eq!(
        there
            .post("/login", &[("username", "ADA"), ("password", "another good one")])
            .status,
        200
    );
}
