//! Secrets leave in `Set-Cookie` and nowhere else: not in a body, another header, debug output or the log.
//!
//! That secret types redact themselves is shown by the tests of `kunci-domain`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use http::{HeaderValue, Method};
use kunci_web::{Route, text};
use support::{
    ACCEPT_HEADERS, Act, MINUTE, PAGE, ROUTES, Site, TestRequest, TestResponse, form, get, json, take_log,
    valid_request,
};

const SECRET: &str = "wisteria-under-moonlight";
const WRONG: &str = "wysteria-under-streetlight";
const NEW: &str = "wistaria-under-starlight";

/// A client that goes everywhere, gets things right and wrong, and remembers all that it was told.
struct Wanderer<'s> {
    site: &'s Site,
    accept: &'static str,
    answers: Vec<(String, TestResponse)>,
    cookies: Vec<String>,
}

impl Wanderer<'_> {
    fn send(&mut self, ask: TestRequest) {
        let case = format!("{} {}", ask.0.method(), ask.0.uri());
        let ask = match self.cookies.last() {
            Some(cookie) => ask.cookie(cookie),
            None => ask,
        };
        let answer = self.site.send(ask.accept(self.accept));
        self.cookies
            .extend(answer.cookie().filter(|cookie| !cookie.ends_with('=')));
        self.answers.push((case, answer));
    }

    fn go_everywhere(&mut self) {
        for (method, path) in ROUTES.into_iter().filter(|(method, _)| *method == "GET") {
            self.send(valid_request(method, path));
        }
    }

    fn wander(&mut self) {
        let ada = |password| form("/login", &[("username", "ada"), ("password", password)]);
        self.send(form("/register", &[("username", "ada"), ("password", SECRET)]));
        self.send(form("/register", &[("username", "ada"), ("password", SECRET)]));
        self.send(form("/register", &[("username", "a b"), ("password", SECRET)]));
        self.send(ada(SECRET));
        self.send(ada(WRONG));
        self.send(ada(SECRET).header("origin", "http://evil.example"));
        self.send(form("/login", &[("password", SECRET)]));
        self.send(json(
            "POST",
            "/api/v1/session",
            &format!(r#"{{"username":"ada","password":"{SECRET}"}}"#),
        ));
        self.send(json(
            "POST",
            "/api/v1/session",
            &format!(r#"{{"username":"ada","password":["{SECRET}"]}}"#),
        ));
        self.go_everywhere();
        self.send(support::put("/api/v1/session/data/k", "1"));
        self.send(form(
            "/account/password",
            &[("current_password", WRONG), ("new_password", NEW)],
        ));
        self.send(form(
            "/account/password",
            &[("current_password", SECRET), ("new_password", NEW)],
        ));
        self.site.clock.advance(MINUTE);
        self.site.watch.each("sessions.touch", Act::Fail);
        self.send(get("/profile"));
        self.site.watch.pass();
        self.send(get("/panic"));
        self.go_everywhere();
        self.send(support::post("/logout_all"));
    }

    /// Everything that must not be seen: passwords, the cookies' values, and what the stores keep of them.
    fn secrets(&self) -> Vec<String> {
        let mut secrets = vec![SECRET.to_owned(), WRONG.to_owned(), NEW.to_owned()];
        secrets.extend(
            self.cookies
                .iter()
                .map(|cookie| cookie.split_once('=').unwrap().1.to_owned()),
        );
        secrets.extend(
            self.cookies
                .iter()
                .map(|cookie| cookie.split_once('=').unwrap().1[..43].to_owned()),
        );
        secrets.push(self.site.user("ada").unwrap().password_hash.expose().to_owned());
        secrets
    }
}

fn panicking() -> Route {
    Route::new(Method::GET, "/panic", |_| panic!("on purpose"))
}

/// Searches a text for secrets, as they are and as forms and pages write them.
#[track_caller]
fn check(case: &str, shown: &str, secrets: &[String]) {
    for secret in secrets {
        for form in [
            secret.clone(),
            secret.replace('-', "%2D"),
            secret.replace('$', "&#36;"),
        ] {
            assert!(!shown.contains(&form), "{case} shows {form}: {shown}");
        }
    }
}

#[test]
fn secrets_appear_only_in_set_cookie() {
    for accept in ACCEPT_HEADERS {
        let site = Site::with_routes(vec![panicking()]);
        let mut wanderer = Wanderer {
            site: &site,
            accept,
            answers: Vec::new(),
            cookies: Vec::new(),
        };
        wanderer.wander();
        assert!(4 <= wanderer.cookies.len(), "there were secrets to find");
        let secrets = wanderer.secrets();
        for (case, answer) in &wanderer.answers {
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
    let site = Site::with_routes(vec![panicking()]);
    let mut wanderer = Wanderer {
        site: &site,
        accept: PAGE,
        answers: Vec::new(),
        cookies: Vec::new(),
    };
    wanderer.wander();
    let log = take_log();
    check("the log", &log, &wanderer.secrets());
    for line in [
        "ERROR message=request failed cause=watched is unavailable: the disk",
        "ERROR message=a handler panicked",
        "WARN message=cross-site request refused",
    ] {
        assert_eq!(log.matches(line).count(), 1, "{line} in {log}");
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
    let ask = form("/show?token=wistaria-under-starlight", &[("password", SECRET)]).cookie(&ada);
    let ask = ask.header("authorization", &format!("Bearer {SECRET}"));
    let shown = site.send(ask).body;
    assert!(
        shown.contains("POST") && shown.contains("/show"),
        "it is of some use: {shown}"
    );
    let value = ada.split_once('=').unwrap().1.to_owned();
    check("Request", &shown, &[SECRET.to_owned(), value, NEW.to_owned()]);
    assert!(!shown.contains("119, 105, 115, 116"), "nor as a list of bytes");
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
        let mut ask = form("/register", &[("username", "ada"), ("password", SECRET)]);
        ask.0
            .headers_mut()
            .insert("user-agent", HeaderValue::from_bytes(agent).unwrap());
        let peer: std::net::SocketAddr = "192.0.2.7:4711".parse().unwrap();
        let ask = ask
            .header("x-forwarded-for", "6.6.6.6")
            .header("forwarded", "for=6.6.6.6");
        let ada = site.send(ask.extension(peer)).cookie().unwrap();
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
