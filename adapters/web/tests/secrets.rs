//! Secrets appear only in `Set-Cookie`, never in a body, another header, debug output or the log.
//!
//! The tests of `kunci-domain` show that secret types redact themselves.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use http::{HeaderValue, Method};
use kunci_web::{Route, text};
use support::{
    ACCEPT_HEADERS, Act, MINUTE, PAGE, Site, TestRequest, TestResponse, all_routes, form, get, json,
    sign_in_form, sign_up_form, take_log, valid_request,
};

const PASSWORD: &str = "wisteria-under-moonlight";
const WRONG_PASSWORD: &str = "wysteria-under-streetlight";
const NEW_PASSWORD: &str = "wistaria-under-starlight";

/// A client that uses every feature, with valid and invalid input, and records all responses.
struct RecordingClient<'s> {
    site: &'s Site,
    accept: &'static str,
    answers: Vec<(String, TestResponse)>,
    cookies: Vec<String>,
}

impl RecordingClient<'_> {
    fn send(&mut self, request: TestRequest) {
        let case = format!("{} {}", request.0.method(), request.0.uri());
        let request = match self.cookies.last() {
            Some(cookie) => request.cookie(cookie),
            None => request,
        };
        let answer = self.site.send(request.accept(self.accept));
        self.cookies
            .extend(answer.cookie().filter(|cookie| !cookie.ends_with('=')));
        self.answers.push((case, answer));
    }

    fn get_every_page(&mut self) {
        for (method, path) in all_routes().into_iter().filter(|(method, _)| *method == "GET") {
            self.send(valid_request(method, path));
        }
    }

    fn use_every_feature(&mut self) {
        self.send(sign_up_form("ada", PASSWORD));
        self.send(sign_up_form("ada", PASSWORD));
        self.send(sign_up_form("a b", PASSWORD));
        self.send(sign_in_form("ada", PASSWORD));
        self.send(sign_in_form("ada", WRONG_PASSWORD));
        self.send(sign_in_form("ada", PASSWORD).header("origin", "http://evil.example"));
        self.send(form("/login", &[("password", PASSWORD)]));
        self.send(json(
            "POST",
            "/api/v1/session",
            &format!(r#"{{"username":"ada","password":"{PASSWORD}"}}"#),
        ));
        self.send(json(
            "POST",
            "/api/v1/session",
            &format!(r#"{{"username":"ada","password":["{PASSWORD}"]}}"#),
        ));
        self.get_every_page();
        self.send(support::put("/api/v1/session/data/k", "1"));
        self.send(form(
            "/account/password",
            &[
                ("current_password", WRONG_PASSWORD),
                ("new_password", NEW_PASSWORD),
            ],
        ));
        self.send(form(
            "/account/password",
            &[("current_password", PASSWORD), ("new_password", NEW_PASSWORD)],
        ));
        self.site.clock.advance(MINUTE);
        self.site.watch.each("sessions.touch", Act::Fail);
        self.send(get("/profile"));
        self.site.watch.pass();
        self.send(get("/panic"));
        self.get_every_page();
        self.send(support::post("/logout_all"));
    }

    /// Returns all secrets: passwords, cookie values, session tokens and the password hash.
    fn secrets(&self) -> Vec<String> {
        let mut secrets = vec![
            PASSWORD.to_owned(),
            WRONG_PASSWORD.to_owned(),
            NEW_PASSWORD.to_owned(),
        ];
        for cookie in &self.cookies {
            let (_, value) = cookie.split_once('=').unwrap();
            secrets.extend([value.to_owned(), value[..43].to_owned()]);
        }
        secrets.push(self.site.user("ada").unwrap().password_hash.expose().to_owned());
        secrets
    }
}

fn panicking_route() -> Route {
    Route::new(Method::GET, "/panic", |_| panic!("on purpose"))
}

/// Asserts that a text contains no secret, neither plain nor in its form or HTML encoding.
#[track_caller]
fn check(case: &str, shown: &str, secrets: &[String]) {
    for secret in secrets {
        for encoded in [
            secret.clone(),
            secret.replace('-', "%2D"),
            secret.replace('$', "&#36;"),
        ] {
            assert!(!shown.contains(&encoded), "{case} shows {encoded}: {shown}");
        }
    }
}

#[test]
fn secrets_appear_only_in_set_cookie() {
    for accept in ACCEPT_HEADERS {
        let site = Site::with_routes(vec![panicking_route()]);
        let mut client = RecordingClient {
            site: &site,
            accept,
            answers: Vec::new(),
            cookies: Vec::new(),
        };
        client.use_every_feature();
        assert!(4 <= client.cookies.len(), "the client received session cookies");
        let secrets = client.secrets();
        for (case, answer) in &client.answers {
            check(case, &answer.body, &secrets);
            for (name, value) in &answer.headers {
                if name != "set-cookie" {
                    check(case, value.to_str().unwrap(), &secrets);
                }
            }
        }
    }
}

#[test]
fn log_reports_failures_without_secrets() {
    take_log();
    let site = Site::with_routes(vec![panicking_route()]);
    let mut client = RecordingClient {
        site: &site,
        accept: PAGE,
        answers: Vec::new(),
        cookies: Vec::new(),
    };
    client.use_every_feature();
    let log = take_log();
    check("the log", &log, &client.secrets());
    for line in [
        "ERROR message=request failed cause=watched is unavailable: the disk",
        "ERROR message=a handler panicked",
        "INFO event=\"cross_site\" result=\"refused\"",
    ] {
        assert_eq!(log.matches(line).count(), 1, "{line} in {log}");
    }
    for line in log.lines().filter(|line| !line.is_empty()) {
        assert!(line.contains(" request: id=\""), "{line} names no request");
    }
}

#[test]
fn request_debug_output_hides_cookies_and_passwords() {
    let show = |request: &mut kunci_web::Request| {
        let form = request.form();
        Ok(text(format!("{request:?} {request:#?} {form:?}")))
    };
    let site = Site::with_routes(vec![Route::new(Method::POST, "/show", show)]);
    let ada = site.sign_up("ada");
    let request = form("/show?token=wistaria-under-starlight", &[("password", PASSWORD)]).cookie(&ada);
    let request = request.header("authorization", &format!("Bearer {PASSWORD}"));
    let shown = site.send(request).body;
    assert!(
        shown.contains("POST") && shown.contains("/show"),
        "the method and path are missing: {shown}"
    );
    let value = ada.split_once('=').unwrap().1.to_owned();
    check(
        "Request",
        &shown,
        &[PASSWORD.to_owned(), value, NEW_PASSWORD.to_owned()],
    );
    assert!(
        !shown.contains("119, 105, 115, 116"),
        "the password is shown as bytes"
    );
}

#[test]
fn app_debug_output_hides_the_signing_key() {
    let site = Site::new();
    let shown = format!("{:?} {:#?}", site.app, site.app);
    assert!(shown.contains("SigningKey(..)"), "{shown}");
    assert!(!shown.contains("1, 1, 1") && !shown.contains("01010101"));
}

#[test]
fn hostile_user_agent_is_truncated_and_sanitized() {
    let long = "x".repeat(10_000);
    for (case, agent, want) in [
        ("none", &b""[..], ""),
        ("plain", b"curl/8", "curl/8"),
        ("with a tab", b"a\tb", "ab"),
        (
            "with markup",
            b"<script>alert(1)</script>",
            "<script>alert(1)</script>",
        ),
        ("not ASCII", b"\xff\xfe\xc3\xa9", ""),
        ("long", long.as_bytes(), &long[..200]),
    ] {
        let site = Site::new();
        let mut request = sign_up_form("ada", PASSWORD);
        request
            .0
            .headers_mut()
            .insert("user-agent", HeaderValue::from_bytes(agent).unwrap());
        let peer: std::net::SocketAddr = "192.0.2.7:4711".parse().unwrap();
        let request = request
            .header("x-forwarded-for", "6.6.6.6")
            .header("forwarded", "for=6.6.6.6");
        let ada = site.send(request.extension(peer)).cookie().unwrap();
        let device = &site.live_sessions()[0].device;
        assert_eq!(
            (device.user_agent(), device.address()),
            (want, Some(peer.ip())),
            "{case}"
        );
        let page = site.send(get("/profile").accept(PAGE).cookie(&ada)).body;
        assert!(!page.contains("<script"), "{case}");
    }
}
