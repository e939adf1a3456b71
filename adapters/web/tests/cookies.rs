//! The session cookie: its name and attributes, and when it is set.
//!
//! `presented_cookies.rs` tests the cookies that clients send.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::collections::BTreeSet;

use kunci_web::CookieName;
use support::{
    ACCEPT_HEADERS, DAY, JSON, MINUTE, PAGE, PASSWORD, Setup, Site, TestResponse, form, get, post, put,
    sign_in_form, sign_up_form,
};

/// Splits a cookie into its name, whether it has a value, and its attributes in any order.
#[track_caller]
fn parts(answer: &TestResponse) -> (String, bool, BTreeSet<String>) {
    let line = answer.set_cookie().unwrap();
    let mut parts = line.split("; ").map(str::to_owned);
    let first = parts.next().unwrap();
    let (name, value) = first.split_once('=').unwrap();
    (name.to_owned(), !value.is_empty(), parts.collect())
}

fn attributes(line: &str) -> BTreeSet<String> {
    line.split("; ").map(str::to_owned).collect()
}

const HTTP: &str = "Path=/; HttpOnly; SameSite=Lax";
const HTTPS: &str = "Path=/; HttpOnly; SameSite=Lax; Secure";

fn sign_up(site: &Site) -> TestResponse {
    site.send(sign_up_form("ada", PASSWORD))
}

fn sign_in(site: &Site, remember: &str) -> TestResponse {
    let fields = [
        ("username", "ada"),
        ("password", PASSWORD),
        ("remember", remember),
    ];
    site.send(form("/login", &fields))
}

#[test]
fn cookie_name_and_attributes_never_vary() {
    for (site, name, common) in [
        (Site::new(), "kunci", HTTP),
        (Site::https(), "__Host-kunci", HTTPS),
    ] {
        let all = attributes(common);
        let week: BTreeSet<_> = all.iter().cloned().chain(["Max-Age=604800".into()]).collect();
        let removed: BTreeSet<_> = all.iter().cloned().chain(["Max-Age=0".into()]).collect();
        let name = name.to_owned();

        let up = sign_up(&site);
        assert_eq!(parts(&up), (name.clone(), true, week.clone()), "at sign-up");
        let permanent = sign_in(&site, "on");
        assert_eq!(
            parts(&permanent),
            (name.clone(), true, week.clone()),
            "at permanent sign-in"
        );
        assert_eq!(
            parts(&sign_in(&site, "off")),
            (name.clone(), true, all.clone()),
            "until the browser closes"
        );
        let visitor = site.send(put("/api/v1/session/data/k", "1"));
        assert_eq!(
            parts(&visitor),
            (name.clone(), true, all.clone()),
            "for a visitor"
        );
        site.clock.advance(DAY);
        let cookie = permanent.cookie().unwrap();
        let renewed = site.send(get("/profile").cookie(&cookie));
        assert_eq!(parts(&renewed), (name.clone(), true, week.clone()), "at renewal");
        assert_eq!(renewed.cookie().unwrap(), cookie, "the value is unchanged");
        for end in ["/logout", "/logout_all"] {
            let out = site.send(post(end).cookie(&cookie));
            assert_eq!(parts(&out), (name.clone(), false, removed.clone()), "at {end}");
        }
    }
}

#[test]
fn every_cookie_begins_with_the_chosen_name() {
    for (https, prefix) in [(false, ""), (true, "__Host-")] {
        let site = Site::with(Setup {
            https,
            cookie_name: CookieName::parse("wiki").unwrap(),
            ..Setup::default()
        });
        let client = site.client();
        let token = site.issue_invitation(1);
        let out = || {
            post("/logout")
                .accept(PAGE)
                .header("upgrade-insecure-requests", "1")
        };
        let requests = [
            get(&format!("/link?token={}", *token.expose())),
            get("/link"),
            sign_up_form("ada", PASSWORD),
            out(),
        ];
        let answers = requests.map(|request| client.send(request));
        let lines = answers
            .iter()
            .flat_map(|answer| answer.headers.get_all("set-cookie"));
        let names: BTreeSet<&str> = lines
            .map(|line| line.to_str().unwrap().split_once('=').unwrap().0)
            .collect();
        let want = ["wiki", "wiki-device", "wiki-left", "wiki-link"].map(|name| format!("{prefix}{name}"));
        assert_eq!(names, want.iter().map(String::as_str).collect());
        assert_eq!(
            answers[1].header("location"),
            "/register",
            "the link cookie is read"
        );

        let signed_in = client.send(sign_in_form("ada", PASSWORD));
        let cookie = signed_in.cookie_of("wiki").unwrap();
        assert_eq!(site.profile(&cookie), "Welcome, ada\n");
        let under_default_name = cookie.replace("wiki", "kunci");
        assert_eq!(site.profile(&under_default_name), "You are not logged in\n");
    }
}

#[test]
fn cookie_is_set_only_on_start_rotation_and_renewal() {
    let site = Site::new();
    let ada = sign_up(&site).cookie().unwrap();
    let sets_cookie = |request: support::TestRequest| site.send(request.cookie(&ada)).set_cookie().is_some();
    assert!(!sets_cookie(get("/profile")));
    site.clock.advance(MINUTE);
    assert!(!sets_cookie(get("/profile").accept(PAGE)));
    assert!(!sets_cookie(put("/api/v1/session/data/k", "1")));
    assert!(!sets_cookie(get("/nothing")));
    assert!(!sets_cookie(sign_in_form("ada", "wrong password")));
    assert!(!sets_cookie(sign_up_form("ada", PASSWORD)));
    site.clock.advance(DAY);
    assert!(
        sets_cookie(get("/profile")),
        "more than a tenth of seven days has passed"
    );
    assert!(!sets_cookie(get("/profile")), "the cookie was renewed once");
    let fields = [
        ("current_password", PASSWORD),
        ("new_password", support::NEW_PASSWORD),
    ];
    assert!(
        !sets_cookie(form("/account/password", &fields)),
        "its proof has expired"
    );
    assert!(sets_cookie(form("/account/confirm", &[("password", PASSWORD)])));
}

/// Signs out and returns every cookie that the response sets.
fn cookies_of_sign_out(site: &Site, path: &str, accept: &str, browser: bool) -> Vec<String> {
    let request = post(path).accept(accept);
    let request = if browser {
        request.header("upgrade-insecure-requests", "1")
    } else {
        request
    };
    let answer = site.send(request);
    let cookies = answer.headers.get_all("set-cookie").iter();
    cookies
        .map(|cookie| cookie.to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn browser_sign_out_sets_a_one_second_marker_cookie() {
    for (site, removal, marker) in [
        (
            Site::new(),
            "kunci=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
            "kunci-left=1; Path=/; HttpOnly; SameSite=Lax; Max-Age=1",
        ),
        (
            Site::https(),
            "__Host-kunci=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0",
            "__Host-kunci-left=1; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=1",
        ),
    ] {
        for path in ["/logout", "/logout_all"] {
            let mut cookies = cookies_of_sign_out(&site, path, PAGE, true);
            cookies.sort_by_key(|cookie| cookie.contains("-left"));
            assert_eq!(cookies, [removal, marker], "{path}");
            assert_eq!(
                cookies_of_sign_out(&site, path, PAGE, false),
                [removal],
                "{path} without a browser"
            );
            for accept in [support::TEXT, JSON] {
                assert_eq!(
                    cookies_of_sign_out(&site, path, accept, true),
                    [removal],
                    "{path} as {accept}"
                );
            }
        }
    }
}

#[test]
fn marker_cookie_is_not_a_session() {
    let site = Site::new();
    let ada = sign_up(&site).cookie().unwrap();
    assert_eq!(site.profile("kunci-left=1"), "You are not logged in\n");
    for line in [format!("kunci-left=1; {ada}"), format!("{ada}; kunci-left=1")] {
        assert_eq!(site.profile(&line), "Welcome, ada\n");
    }
}

#[test]
fn max_age_never_exceeds_the_session_lifetime() {
    let site = Site::new();
    let ada = sign_up(&site).cookie().unwrap();
    for _ in 0..29 {
        site.clock.advance(DAY);
        site.send(get("/").cookie(&ada));
    }
    site.clock.advance(DAY * 9 / 10);
    let last = site.send(get("/").cookie(&ada));
    assert!(last.set_cookie().unwrap().contains("; Max-Age=8640"), "{last:?}");
}

#[test]
fn visitor_without_data_gets_no_cookie_and_no_session() {
    let site = Site::new();
    for (method, path) in support::all_routes() {
        for accept in ACCEPT_HEADERS {
            let starts_session = matches!(
                (method, path),
                (
                    "POST",
                    "/login" | "/register" | "/api/v1/session" | "/api/v1/users"
                ) | ("PUT", "/api/v1/session/data/k")
            );
            let ends_session = matches!(
                (method, path),
                ("POST", "/logout" | "/logout_all") | ("DELETE", "/api/v1/session")
            );
            if !starts_session && !ends_session {
                let answer = site.send(support::valid_request(method, path).accept(accept));
                assert_eq!(answer.headers.get("set-cookie"), None, "{method} {path}");
            }
        }
    }
    assert_eq!(site.live_sessions(), []);
}

#[test]
fn cookie_value_is_opaque_short_and_unique() {
    let site = Site::https();
    let first = sign_up(&site);
    let mut seen = BTreeSet::new();
    for _ in 0..100 {
        let line = sign_in(&site, "on").set_cookie().unwrap().to_owned();
        assert!(line.len() < 200, "{line}");
        assert!(!line.contains("ada"));
        assert!(seen.insert(line));
    }
    let mut value = first.headers.get("set-cookie").unwrap().clone();
    assert!(value.is_sensitive(), "logs of headers redact it");
    value.set_sensitive(false);
    assert!(format!("{value:?}").contains("__Host-kunci"));
}
