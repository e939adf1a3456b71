//! `/login`: failures, the redisplayed form, session duration, and redirect targets.
//!
//! `bad_input.rs` tests malformed forms, `cookies.rs` the cookie.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use kunci_domain::ports::Clock;
use kunci_domain::use_cases::set_standing;
use kunci_domain::{Role, Standing, Username};
use support::{
    ACCEPT_HEADERS, JSON, MINUTE, PAGE, PASSWORD, Setup, Site, TestResponse, form, get, json, operator,
    sign_in_form,
};

const WRONG: &str = "Wrong username or password";

fn site() -> Site {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    site
}

fn sign_in(site: &Site, name: &str, password: &str, extra: &[(&str, &str)]) -> TestResponse {
    let fields = [&[("username", name), ("password", password)], extra].concat();
    site.send(form("/login", &fields).accept(PAGE))
}

/// Returns the `value` attribute of an input, without decoding it.
fn field(page: &str, name: &str) -> Option<String> {
    let input = page
        .split("<input")
        .find(|input| input.contains(&format!("name=\"{name}\"")))?;
    let (input, _) = input.split_once('>')?;
    let (_, value) = input.split_once("value=\"")?;
    Some(value.split_once('"')?.0.to_owned())
}

#[test]
fn all_sign_in_failures_look_the_same() {
    let site = site();
    site.add_user("eve", Role::Member);
    let eve = Username::parse("eve").unwrap();
    set_standing(
        &site.core,
        &operator(),
        &eve,
        Standing::Disabled,
        site.clock.now(),
    )
    .unwrap();
    for accept in ACCEPT_HEADERS {
        let attempt = |name: &str, password: &str| {
            let answer = site.send(sign_in_form(name, password).accept(accept));
            assert_eq!(answer.status, 401, "{name}");
            assert_eq!(answer.set_cookie(), None, "{name}");
            assert!(answer.body.contains(WRONG), "{name}: {}", answer.body);
            answer.body.replace(&format!("value=\"{name}\""), "value=\"\"")
        };
        let known = attempt("ada", "wrong password");
        for (name, password) in [
            ("bob", PASSWORD),
            ("eve", PASSWORD),
            ("a b", PASSWORD),
            ("ada", ""),
        ] {
            assert_eq!(attempt(name, password), known, "{name} as {accept}");
        }
    }
}

#[test]
fn refused_form_keeps_values_except_the_password() {
    let site = site();
    let name = r#"<b>"ada"</b>&"#;
    let extra = [("form", "page"), ("remember", "on"), ("next", "/account?a=1&b=2")];
    let page = sign_in(&site, name, "my wrong secret", &extra).body;
    assert_eq!(
        field(&page, "username").as_deref(),
        Some("&lt;b&gt;&quot;ada&quot;&lt;/b&gt;&amp;")
    );
    assert_eq!(field(&page, "next").as_deref(), Some("/account?a=1&amp;b=2"));
    assert_eq!(field(&page, "password"), None);
    assert!(page.contains("checked"));
    assert!(!page.contains("my wrong secret") && !page.contains("<b>\"ada"));
    assert!(
        page.contains(r#"href="/register?next=/account%3Fa%3D1%26b%3D2""#),
        "{page}"
    );
    let page = sign_in(&site, "ada", "my wrong secret", &[("form", "page")]).body;
    assert!(!page.contains("checked"), "the box stays unticked");
}

#[test]
fn remember_decides_whether_the_session_is_permanent() {
    let site = site();
    for (case, extra, permanent) in [
        ("a program without the field", &[][..], true),
        ("a program that sends true", &[("remember", "true")], true),
        ("a program that sends 1", &[("remember", "1")], true),
        ("a program that sends no", &[("remember", "no")], false),
        ("a program that sends an empty value", &[("remember", "")], false),
        (
            "a page with the box ticked",
            &[("form", "page"), ("remember", "on")],
            true,
        ),
        ("a page with the box not ticked", &[("form", "page")], false),
    ] {
        let answer = sign_in(&site, "ada", PASSWORD, extra);
        assert_eq!(answer.status, 303, "{case}");
        let has_max_age = answer.set_cookie().unwrap().contains("Max-Age=604800");
        assert_eq!(has_max_age, permanent, "{case}");
        let me = site
            .send(get("/api/v1/session").cookie(&answer.cookie().unwrap()))
            .json();
        assert_eq!(me["session"]["permanent"], permanent, "{case}");
    }
    for (body, permanent) in [
        ("", true),
        (r#","remember":true"#, true),
        (r#","remember":false"#, false),
    ] {
        let body = format!(r#"{{"username":"ada","password":"{PASSWORD}"{body}}}"#);
        let me = site.send(json("POST", "/api/v1/session", &body)).json();
        assert_eq!(me["session"]["permanent"], permanent, "{body}");
    }
}

#[test]
fn unknown_remember_value_is_refused_before_any_check() {
    let site = site();
    let answer = sign_in(&site, "ada", PASSWORD, &[("remember", "maybe")]);
    assert_eq!(answer.status, 400);
    assert!(
        answer.body.contains("the field remember has an invalid value"),
        "{}",
        answer.body
    );
    assert_eq!(site.hasher.verifications(), 0);
}

fn site_with_redirect_hosts() -> Site {
    let site = Site::with(Setup {
        redirect_hosts: vec!["wiki.example".into(), "app.example:8443".into()],
        ..Setup::default()
    });
    site.add_user("ada", Role::Member);
    site
}

#[test]
fn https_site_never_redirects_to_http() {
    for (https, want) in [(true, "/profile"), (false, "http://wiki.example/")] {
        let site = Site::with(Setup {
            https,
            redirect_hosts: vec!["wiki.example".into()],
            ..Setup::default()
        });
        site.add_user("ada", Role::Member);
        let answer = sign_in(&site, "ada", PASSWORD, &[("next", "http://wiki.example/")]);
        assert_eq!(answer.header("location"), want, "https: {https}");
    }
}

/// Values of `next`, and the redirect target of each.
const REDIRECTS: [(&str, &str); 39] = [
    ("/", "/"),
    ("/account", "/account"),
    ("/a?b=c&d=%25#e", "/a?b=c&d=%25#e"),
    ("https://wiki.example/page?x=1", "https://wiki.example/page?x=1"),
    ("https://app.example:8443/", "https://app.example:8443/"),
    ("", "/profile"),
    ("account", "/profile"),
    ("//evil.example", "/profile"),
    ("///evil.example", "/profile"),
    ("/\\evil.example", "/profile"),
    ("\\\\evil.example", "/profile"),
    ("/\t/evil.example", "/profile"),
    (" //evil.example", "/profile"),
    ("https://evil.example/", "/profile"),
    ("http:evil.example", "/profile"),
    ("https:/evil.example", "/profile"),
    ("https:///evil.example", "/profile"),
    ("https://wiki.example@evil.example/", "/profile"),
    ("https://wiki.example:pass@evil.example/", "/profile"),
    ("https://evil.example#@wiki.example/", "/profile"),
    ("https://evil.example/wiki.example", "/profile"),
    ("https://wiki.example.evil.example/", "/profile"),
    ("https://evilwiki.example/", "/profile"),
    ("https://wiki.example:8443/", "/profile"),
    ("https://app.example/", "/profile"),
    ("javascript:alert(1)", "/profile"),
    ("data:text/html,x", "/profile"),
    ("/x\r\nSet-Cookie: kunci=evil", "/profile"),
    ("/x\nLocation: //evil.example", "/profile"),
    ("/\u{0}", "/profile"),
    ("/wiki/Müller", "/wiki/M%C3%BCller"),
    ("/wiki/M%C3%BCller", "/wiki/M%C3%BCller"),
    (
        "/wiki?q=Ada Lovelace&ü=%C3%BC",
        "/wiki?q=Ada%20Lovelace&%C3%BC=%C3%BC",
    ),
    ("https://wiki.example/鍵", "https://wiki.example/%E9%8D%B5"),
    ("https://wiki.example:443/a", "https://wiki.example:443/a"),
    ("https://wiki.example\u{3002}evil.example/", "/profile"),
    ("https://wiki.example \u{e9}@evil.example/", "/profile"),
    ("/\u{85}", "/%C2%85"),
    ("\u{a0}//evil.example", "/profile"),
];

#[test]
fn sign_in_redirects_only_to_allowed_places() {
    let site = site_with_redirect_hosts();
    for (next, want) in REDIRECTS {
        let answer = sign_in(&site, "ada", PASSWORD, &[("next", next)]);
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, want),
            "{next:?}"
        );
        let fields = [("username", "ada"), ("password", PASSWORD), ("next", next)];
        let text = site.send(form("/login", &fields));
        assert_eq!(
            (text.status, text.header("location"), text.body.as_str()),
            (200, "", "Logged in\n")
        );
    }
}

#[test]
fn sign_up_and_signed_in_users_reach_only_allowed_places() {
    let site = site_with_redirect_hosts();
    let ada = site.sign_in("ada");
    for (number, (next, want)) in REDIRECTS.into_iter().enumerate() {
        let query: String = next.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = site.send(get(&format!("/login?next={query}")).accept(PAGE).cookie(&ada));
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, want),
            "{next:?}"
        );
        // Refills the sign-up budget, which `throttle.rs` tests.
        site.clock.advance(MINUTE * 3);
        let name = format!("user{number}");
        let fields = [
            ("username", name.as_str()),
            ("password", PASSWORD),
            ("next", next),
        ];
        let answer = site.send(form("/register", &fields).accept(PAGE));
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, want),
            "{next:?}"
        );
    }
}

#[test]
fn forms_carry_only_allowed_places() {
    let site = site_with_redirect_hosts();
    for (next, want) in REDIRECTS {
        let query: String = next.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in ["/login", "/register"] {
            let page = site.send(get(&format!("{path}?next={query}")).accept(PAGE)).body;
            let carried = field(&page, "next").map(|next| next.replace("&amp;", "&"));
            let want = (want != "/profile").then_some(want);
            assert_eq!(carried.as_deref(), want, "{path} with {next:?}");
        }
    }
}

#[test]
fn protected_page_redirects_to_sign_in_and_back() {
    let site = site();
    let client = site.client();
    let away = client.send(get("/account?tab=1&x=%22").accept(PAGE));
    assert_eq!(
        away.header("location"),
        "/login?next=/account%3Ftab%3D1%26x%3D%2522"
    );
    let page = client.send(get(away.header("location")).accept(PAGE)).body;
    let next = field(&page, "next").unwrap().replace("&amp;", "&");
    let fields = [
        ("form", "page"),
        ("next", &next),
        ("username", "ada"),
        ("password", PASSWORD),
    ];
    let cookie_test = client.send(form("/login", &fields).accept(PAGE));
    let back = client.send(get(cookie_test.header("location")).accept(PAGE));
    assert_eq!(back.header("location"), "/account?tab=1&x=%22");
    assert_eq!(client.send(get(back.header("location")).accept(PAGE)).status, 200);
}

#[test]
fn query_does_not_replace_form_fields() {
    let site = site();
    let path = "/login?username=ada&password=correct+horse+battery";
    let answer = site.send(form(path, &[("username", "ada")]).accept(JSON));
    assert_eq!((answer.status, answer.code().as_str()), (400, "missing_field"));
}

#[test]
fn sign_in_replaces_another_users_session() {
    let site = site();
    let eve = site.sign_up("eve");
    site.send(support::put("/api/v1/session/data/k", "\"of eve\"").cookie(&eve));
    let ada = site
        .send(sign_in_form("ada", PASSWORD).cookie(&eve))
        .cookie()
        .unwrap();
    assert_eq!(site.profile(&ada), "Welcome, ada\n");
    assert_eq!(site.profile(&eve), "You are not logged in\n");
    assert_eq!(
        site.send(get("/api/v1/session/data").cookie(&ada)).body,
        r#"{"data":{}}"#
    );
}

#[test]
fn failed_sign_in_keeps_the_current_session() {
    let site = site();
    let ada = site.sign_in("ada");
    assert_eq!(
        site.send(sign_in_form("ada", "wrong password").cookie(&ada))
            .status,
        401
    );
    assert_eq!(site.profile(&ada), "Welcome, ada\n");
}
