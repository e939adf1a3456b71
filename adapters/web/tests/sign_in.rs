//! `/login`: who gets in, what a form says when not, how long it lasts, and where it leads.
//!
//! Forms that cannot be read are in `bad_input.rs`; cookies in `cookies.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use kunci_domain::ports::Clock;
use kunci_domain::use_cases::set_standing;
use kunci_domain::{Role, Standing, Username};
use support::{Answer, FORMS, JSON, MINUTE, PAGE, PASSWORD, Setup, Site, form, get, json};

const WRONG: &str = "Wrong username or password";

fn site() -> Site {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    site
}

fn sign_in(site: &Site, name: &str, password: &str, more: &[(&str, &str)]) -> Answer {
    let fields = [&[("username", name), ("password", password)], more].concat();
    site.send(form("/login", &fields).accept(PAGE))
}

/// The value of a field in a page, as it stands there.
fn field(page: &str, name: &str) -> Option<String> {
    let input = page
        .split("<input")
        .find(|input| input.contains(&format!("name=\"{name}\"")))?;
    let (input, _) = input.split_once('>')?;
    let (_, value) = input.split_once("value=\"")?;
    Some(value.split_once('"')?.0.to_owned())
}

#[test]
fn whatever_is_wrong_is_answered_alike() {
    let site = site();
    site.add_user("eve", Role::Member);
    let eve = Username::parse("eve").unwrap();
    set_standing(&site.core, &eve, Standing::Disabled, site.clock.now()).unwrap();
    for form_of_answer in FORMS {
        let ask = |name: &str, password: &str| {
            let fields = [("username", name), ("password", password)];
            let answer = site.send(form("/login", &fields).accept(form_of_answer));
            assert_eq!(answer.status, 401, "{name}");
            assert_eq!(answer.set_cookie(), None, "{name}");
            assert!(answer.body.contains(WRONG), "{name}: {}", answer.body);
            answer.body.replace(&format!("value=\"{name}\""), "value=\"\"")
        };
        let known = ask("ada", "wrong password");
        for (name, password) in [
            ("bob", PASSWORD),
            ("eve", PASSWORD),
            ("a b", PASSWORD),
            ("ada", ""),
        ] {
            assert_eq!(ask(name, password), known, "{name} as {form_of_answer}");
        }
    }
}

#[test]
fn the_form_comes_back_filled_but_never_with_the_password() {
    let site = site();
    let name = r#"<b>"ada"</b>&"#;
    let more = [("form", "page"), ("remember", "on"), ("next", "/account?a=1&b=2")];
    let page = sign_in(&site, name, "my wrong secret", &more).body;
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
    assert!(
        !page.contains("checked"),
        "who did not tick it does not find it ticked"
    );
}

#[test]
fn a_session_lasts_as_long_as_was_asked_for() {
    let site = site();
    for (case, more, permanent) in [
        ("a program that does not say", &[][..], true),
        ("a program that says yes", &[("remember", "true")], true),
        ("a program that says 1", &[("remember", "1")], true),
        ("a program that says no", &[("remember", "no")], false),
        ("a program that says nothing by it", &[("remember", "")], false),
        (
            "a page with the box ticked",
            &[("form", "page"), ("remember", "on")],
            true,
        ),
        ("a page with the box not ticked", &[("form", "page")], false),
    ] {
        let answer = sign_in(&site, "ada", PASSWORD, more);
        assert_eq!(answer.status, 303, "{case}");
        let kept = answer.set_cookie().unwrap().contains("Max-Age=604800");
        assert_eq!(kept, permanent, "{case}");
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
fn an_unknown_choice_is_refused_before_anything_is_checked() {
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

fn hosts() -> Site {
    let site = Site::with(Setup {
        redirect_hosts: vec!["wiki.example".into(), "app.example:8443".into()],
        ..Setup::default()
    });
    site.add_user("ada", Role::Member);
    site
}

#[test]
fn from_https_nobody_is_sent_to_plain_http() {
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

/// Places to go after signing in, and where one arrives.
const PLACES: [(&str, &str); 31] = [
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
    ("/ünicode", "/profile"),
];

#[test]
fn after_signing_in_one_arrives_where_one_may_go() {
    let site = hosts();
    for (next, want) in PLACES {
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
fn the_same_holds_for_who_is_in_already_and_for_who_signs_up() {
    let site = hosts();
    let ada = site.sign_in("ada");
    for (number, (next, want)) in PLACES.into_iter().enumerate() {
        let query: String = next.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = site.send(get(&format!("/login?next={query}")).accept(PAGE).cookie(&ada));
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, want),
            "{next:?}"
        );
        // As many as are told of in `throttle.rs` may sign up in so long.
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
fn the_pages_carry_only_places_where_one_may_go() {
    let site = hosts();
    for (next, want) in PLACES {
        let query: String = next.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in ["/login", "/register"] {
            let page = site.send(get(&format!("{path}?next={query}")).accept(PAGE)).body;
            let carried = field(&page, "next").map(|next| next.replace("&amp;", "&"));
            let want = (next == want).then_some(want);
            assert_eq!(carried.as_deref(), want, "{path} with {next:?}");
        }
    }
}

#[test]
fn a_page_that_needs_a_user_leads_through_the_form_and_back() {
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
    let back = client.send(form("/login", &fields).accept(PAGE));
    assert_eq!(back.header("location"), "/account?tab=1&x=%22");
    assert_eq!(client.send(get(back.header("location")).accept(PAGE)).status, 200);
}

#[test]
fn the_query_never_stands_in_for_the_form() {
    let site = site();
    let path = "/login?username=ada&password=correct+horse+battery";
    let answer = site.send(form(path, &[("username", "ada")]).accept(JSON));
    assert_eq!((answer.status, answer.code().as_str()), (400, "missing_field"));
}

#[test]
fn signing_in_on_a_device_switches_it_to_that_user() {
    let site = site();
    let eve = site.sign_up("eve");
    site.send(support::put("/api/v1/session/data/k", "\"of eve\"").cookie(&eve));
    let fields = [("username", "ada"), ("password", PASSWORD)];
    let ada = site.send(form("/login", &fields).cookie(&eve)).cookie().unwrap();
    assert_eq!(site.profile(&ada), "Welcome, ada\n");
    assert_eq!(site.profile(&eve), "You are not logged in\n");
    assert_eq!(
        site.send(get("/api/v1/session/data").cookie(&ada)).body,
        r#"{"data":{}}"#
    );
}

#[test]
fn a_wrong_attempt_leaves_who_is_in_where_they_are() {
    let site = site();
    let ada = site.sign_in("ada");
    let fields = [("username", "ada"), ("password", "wrong password")];
    assert_eq!(site.send(form("/login", &fields).cookie(&ada)).status, 401);
    assert_eq!(site.profile(&ada), "Welcome, ada\n");
}
