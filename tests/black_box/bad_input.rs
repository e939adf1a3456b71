//! Invalid requests over sockets: each gets a clear response in the requested format, and nothing is stored.
//!
//! The tests of `adapters/web` cover invalid values of each field.

#[cfg(feature = "hyper")]
use crate::support::Setup;
use crate::support::{Client, PASSWORD, Response, Server, Socket, Transport, for_each_transport, send_raw};

for_each_transport!(
    invalid_requests_are_answered_and_write_nothing,
    bodies_above_64_kib_are_refused,
    forged_and_altered_cookies_do_not_authenticate,
    cookies_of_other_applications_lock_nobody_out,
    server_survives_malformed_requests,
);

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Checks the response and its headers in each of the three formats.
#[track_caller]
fn check(server: &Server, name: &str, status: u16, code: &str, send: impl Fn(&mut Client) -> Response) {
    for mut client in [
        server.text_client(),
        server.browser_client(),
        server.json_client(),
    ] {
        let response = send(&mut client);
        assert_eq!(response.status, status, "{name}: {}", response.body);
        assert_eq!(response.missing_headers(), [""; 0], "{name}");
        match response.header("content-type") {
            Some("application/json") => assert_eq!(response.json()["error"]["code"], code, "{name}"),
            Some("text/plain; charset=utf-8") => assert_eq!(response.body.lines().count(), 1, "{name}"),
            kind => assert_eq!(kind, Some("text/html; charset=utf-8"), "{name}"),
        }
        assert_eq!(response.header("set-cookie"), None, "{name}");
    }
}

fn invalid_requests_are_answered_and_write_nothing(transport: Transport) {
    let server = Server::start(transport);
    let post = |path: &'static str, body: &'static str| {
        move |client: &mut Client| client.send("POST", path, &[FORM], body)
    };
    check(
        &server,
        "a missing field",
        400,
        "missing_field",
        post("/login", "username=ada"),
    );
    check(
        &server,
        "a repeated field",
        400,
        "repeated_field",
        post("/register", "username=a&username=b&password=x"),
    );
    check(
        &server,
        "bad percent-encoding",
        400,
        "bad_form",
        post("/register", "username=%zz&password=x"),
    );
    check(
        &server,
        "invalid UTF-8",
        400,
        "bad_form",
        post("/register", "username=%ff&password=x"),
    );
    check(
        &server,
        "a name with a control character",
        422,
        "invalid",
        post("/register", "username=a%07b&password=correct+horse"),
    );
    check(
        &server,
        "a password of 7 characters",
        422,
        "invalid",
        post("/register", "username=ada&password=seven77"),
    );
    check(
        &server,
        "an unknown media type",
        415,
        "unsupported_media_type",
        |client| client.send("POST", "/register", &[("Content-Type", "text/xml")], "<user/>"),
    );
    check(&server, "a form from another site", 403, "cross_site", |client| {
        client.send(
            "POST",
            "/register",
            &[FORM, ("Sec-Fetch-Site", "cross-site")],
            "username=ada&password=correct+horse",
        )
    });
    check(
        &server,
        "an unknown method",
        405,
        "method_not_allowed",
        |client| client.send("BREW", "/login", &[], ""),
    );
    check(&server, "TRACE", 405, "method_not_allowed", |client| {
        client.send("TRACE", "/login", &[], "")
    });
    for path in [
        "/nothing",
        "/../etc/passwd",
        "/assets/../kunci.db",
        "/%00",
        "/login/",
        "/kunci.db",
        "/.git/HEAD",
    ] {
        check(&server, path, 404, "not_found", |client| client.get(path));
    }
    let users = server.command(&["user", "list"], "");
    assert_eq!(
        String::from_utf8(users.stdout).unwrap(),
        "",
        "nothing was written"
    );
    assert_eq!(server.text_client().get("/readyz").body, "ok\n");
}

fn bodies_above_64_kib_are_refused(transport: Transport) {
    let server = Server::start(transport);
    let body = |len: usize| format!("username={}", "x".repeat(len - "username=".len()));
    let post = |len| move |client: &mut Client| client.send("POST", "/login", &[FORM], &body(len));
    check(&server, "65 KiB", 413, "too_large", post(65 * 1024));
    check(
        &server,
        "one byte too many",
        413,
        "too_large",
        post(64 * 1024 + 1),
    );
    check(&server, "64 KiB", 400, "missing_field", post(64 * 1024));
}

fn forged_and_altered_cookies_do_not_authenticate(transport: Transport) {
    let server = Server::start(transport);
    let mut client = server.text_client();
    client.post("/register", &[("username", "ada"), ("password", PASSWORD)]);
    let good = format!("kunci={}", client.session_token());
    let (head, last) = good.split_at(good.len() - 1);
    let other = if last == "A" { "B" } else { "A" };
    let other_cookies: String = (0..200).map(|n| format!("cookie{n}=value; ")).collect();
    for (name, cookie, expected) in [
        ("valid", good.clone(), "Welcome, ada\n"),
        (
            "valid, after 200 other cookies",
            format!("{other_cookies}{good}"),
            "Welcome, ada\n",
        ),
        (
            "forged",
            format!("kunci={}", "A".repeat(86)),
            "You are not logged in\n",
        ),
        ("altered", format!("{head}{other}"), "You are not logged in\n"),
        ("truncated", head.to_owned(), "You are not logged in\n"),
        ("empty", "kunci=".to_owned(), "You are not logged in\n"),
        (
            "under another name",
            good.replace("kunci=", "Kunci="),
            "You are not logged in\n",
        ),
    ] {
        let response = server
            .text_client()
            .send("GET", "/profile", &[("Cookie", &cookie)], "");
        assert_eq!(
            (response.status, response.body.as_str()),
            (200, expected),
            "{name}"
        );
        assert_eq!(response.header("set-cookie"), None, "{name}");
    }
}

/// Cookies of other applications in UTF-8 and in Latin-1.
const NON_ASCII_COOKIES: [&[u8]; 2] = [b"name=Jos\xc3\xa9", b"name=Jos\xe9; kunci=\xff"];

/// Requests the profile with a `Cookie` header. Returns the text, or `None` if the server closes the connection
/// without a response.
fn profile(server: &Server, cookies: &[u8]) -> Option<String> {
    let head = b"GET /profile HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: ";
    let mut socket = Socket::connect(server.address());
    socket.send([head, cookies, b"\r\n\r\n"].concat()).unwrap();
    socket.try_response().map(|response| response.body)
}

fn cookies_of_other_applications_lock_nobody_out(transport: Transport) {
    let server = Server::start(transport);
    let mut client = server.text_client();
    client.post("/register", &[("username", "ada"), ("password", PASSWORD)]);
    let ada = client.cookie();
    for other in [
        "kunci=other; kunci=",
        "kunci=\"a,b\"; =; ;;",
        "kunci-device=x; kunci-link=x",
    ] {
        for cookies in [format!("{other}; {ada}"), format!("{ada}; {other}")] {
            let body = profile(&server, cookies.as_bytes());
            assert_eq!(body.as_deref(), Some("Welcome, ada\n"), "{cookies}");
        }
    }
    for other in NON_ASCII_COOKIES {
        let body = profile(&server, &[other, b"; ", ada.as_bytes()].concat());
        match transport {
            // tiny_http closes the connection, as the README documents.
            Transport::TinyHttp => assert_eq!(body, None),
            Transport::Hyper => assert_eq!(body.as_deref(), Some("Welcome, ada\n")),
        }
    }
}

#[cfg(feature = "hyper")]
#[test]
fn default_transport_accepts_non_ascii_cookies() {
    let server = Setup::default().start();
    let mut client = server.text_client();
    client.post("/register", &[("username", "ada"), ("password", PASSWORD)]);
    let ada = client.cookie();
    for other in NON_ASCII_COOKIES {
        for cookies in [[other, ada.as_bytes()], [ada.as_bytes(), other]] {
            let body = profile(&server, &cookies.join(&b"; "[..]));
            assert_eq!(body.as_deref(), Some("Welcome, ada\n"), "{other:?}");
        }
    }
}

fn server_survives_malformed_requests(transport: Transport) {
    let server = Server::start(transport);
    let address = server.address();
    for request in [
        "GET /profile HTTP/1.1\r\nHost: x\r\nBad Header: y\r\nConnection: close\r\n\r\n",
        "GET /\u{e9} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\nConnection: close\r\n\r\n",
        "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\nConnection: close\r\n\r\nabcdef",
        "POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\n",
    ] {
        let mut socket = Socket::connect(address);
        socket.send(request).unwrap();
        socket.shutdown_write();
        // The server closes the connection without a response to some of these.
        for response in socket.responses() {
            assert!(response.status >= 400, "{request:?}: {response:?}");
        }
        assert_eq!(
            send_raw(
                address,
                b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            .body,
            "ok\n"
        );
    }
}
