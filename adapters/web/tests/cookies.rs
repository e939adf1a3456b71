//! The session cookie: its name and attributes, when it is set, and what becomes of one that is not ours.
//!
//! How a value is signed and read is tested beside it in `src/cookies.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::collections::BTreeSet;

use support::{Answer, DAY, FORMS, JSON, MINUTE, PAGE, PASSWORD, Setup, Site, form, get, post, put};

/// Name, whether there is a value, and the attributes in any order.
#[track_caller]
fn parts(answer: &Answer) -> (String, bool, BTreeSet<String>) {
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

fn sign_up(site: &Site) -> Answer {
    site.send(form("/register", &[("username", "ada"), ("password", PASSWORD)]))
}

fn sign_in(site: &Site, remember: &str) -> Answer {
    let fields = [
        ("username", "ada"),
        ("password", PASSWORD),
        ("remember", remember),
    ];
    site.send(form("/login", &fields))
}

#[test]
fn the_cookie_has_the_same_name_and_attributes_whenever_it_is_told() {
    for (site, name, attributes_of_all) in [
        (Site::new(), "kunci", HTTP),
        (Site::https(), "__Host-kunci", HTTPS),
    ] {
        let all = attributes(attributes_of_all);
        let week: BTreeSet<_> = all.iter().cloned().chain(["Max-Age=604800".into()]).collect();
        let gone: BTreeSet<_> = all.iter().cloned().chain(["Max-Age=0".into()]).collect();
        let name = name.to_owned();

        let up = sign_up(&site);
        assert_eq!(parts(&up), (name.clone(), true, week.clone()), "at sign-up");
        let permanent = sign_in(&site, "on");
        assert_eq!(
            parts(&permanent),
            (name.clone(), true, week.clone()),
            "at sign-in for good"
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
        assert_eq!(renewed.cookie().unwrap(), cookie, "the value stays");
        for end in ["/logout", "/logout_all"] {
            let out = site.send(post(end).cookie(&cookie));
            assert_eq!(parts(&out), (name.clone(), false, gone.clone()), "at {end}");
        }
    }
}

#[test]
fn the_cookie_is_set_when_a_session_begins_rotates_or_is_due_and_at_no_other_time() {
    let site = Site::new();
    let ada = sign_up(&site).cookie().unwrap();
    let told = |ask: support::Ask| site.send(ask.cookie(&ada)).set_cookie().is_some();
    assert!(!told(get("/profile")));
    site.clock.advance(MINUTE);
    assert!(!told(get("/profile").accept(PAGE)));
    assert!(!told(put("/api/v1/session/data/k", "1")));
    assert!(!told(get("/nothing")));
    assert!(!told(form(
        "/login",
        &[("username", "ada"), ("password", "wrong password")]
    )));
    assert!(!told(form(
        "/register",
        &[("username", "ada"), ("password", PASSWORD)]
    )));
    site.clock.advance(DAY);
    assert!(
        told(get("/profile")),
        "more than a tenth of seven days has passed"
    );
    assert!(!told(get("/profile")), "and that is done now");
    let fields = [
        ("current_password", PASSWORD),
        ("new_password", support::NEW_PASSWORD),
    ];
    assert!(told(form("/account/password", &fields)));
}

#[test]
fn max_age_never_outlasts_the_session() {
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
fn a_visitor_who_keeps_nothing_gets_no_cookie_and_no_record() {
    let site = Site::new();
    for (method, path) in support::ROUTES
        .into_iter()
        .filter(|(_, path)| !path.starts_with("/logout"))
    {
        for form in FORMS {
            let begins = matches!(
                (method, path),
                ("POST", "/login" | "/register" | "/api/v1/session") | ("PUT", _)
            );
            let ends = matches!(
                (method, path),
                ("POST", "/logout" | "/logout_all") | ("DELETE", "/api/v1/session")
            );
            if !begins && !ends {
                let answer = site.send(support::good(method, path).accept(form));
                assert_eq!(answer.set_cookie(), None, "{method} {path}");
            }
        }
    }
    assert_eq!(site.live_sessions(), []);
}

/// Cookie lines of a client that has a cookie of ours and does something to it.
fn not_ours(good: &str) -> Vec<(&'static str, String)> {
    let value = good.strip_prefix("kunci=").unwrap();
    let flip = |at: usize| {
        let mut bytes = value.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    vec![
        ("empty", "kunci=".into()),
        ("no value", "kunci".into()),
        ("nonsense", "kunci=nonsense".into()),
        ("forged", format!("kunci={}", "A".repeat(value.len()))),
        ("altered token", format!("kunci={}", flip(0))),
        ("altered signature", format!("kunci={}", flip(60))),
        ("altered end", format!("kunci={}", flip(value.len() - 1))),
        ("truncated", format!("kunci={}", &value[..value.len() - 1])),
        ("token without signature", format!("kunci={}", &value[..43])),
        ("too long", format!("kunci={value}A")),
        ("padded", format!("kunci={value}==")),
        ("quoted", format!("kunci=\"{value}\"")),
        (
            "another name",
            format!("Kunci={value}; kunci2={value}; xkunci={value}"),
        ),
        ("the name for https", format!("__Host-kunci={value}")),
        ("huge", format!("kunci={}", "x".repeat(60_000))),
    ]
}

#[test]
fn a_cookie_that_is_not_ours_is_none_and_no_store_is_asked() {
    let site = Site::new();
    let ada = sign_up(&site).cookie().unwrap();
    for (case, line) in not_ours(&ada) {
        for form in FORMS {
            site.watch.pass();
            let answer = site.send(get("/profile").accept(form).cookie(&line));
            assert_eq!(
                answer,
                site.send(get("/profile").accept(form)),
                "{case} as {form}"
            );
            assert_eq!(site.watch.calls(), [""; 0], "{case}: a store was asked");
        }
    }
    assert_eq!(
        site.profile(&ada),
        "Welcome, ada\n",
        "and the good one is still good"
    );
}

#[test]
fn a_cookie_is_found_among_200_others_and_when_it_comes_twice() {
    let site = Site::new();
    let ada = sign_up(&site).cookie().unwrap();
    let crowd: Vec<String> = (0..100).map(|n| format!("c{n}=v{n}")).collect();
    let crowd = crowd.join("; ");
    for (case, line) in [
        ("in the middle", format!("{crowd}; {ada}; {crowd}")),
        ("twice", format!("{ada}; {ada}")),
        ("without spaces", format!("a=b;{ada};c=d")),
        ("after a broken one", format!("=; ;;a; {ada}")),
    ] {
        assert_eq!(site.profile(&line), "Welcome, ada\n", "{case}");
    }
    let lines = get("/profile").cookie("a=b").cookie(&ada);
    assert_eq!(site.send(lines).body, "Welcome, ada\n", "in a second header");
    let crowd = (0..200).fold(get("/profile"), |ask, n| ask.cookie(&format!("kunc{n}=x")));
    assert_eq!(site.send(crowd).body, "You are not logged in\n");
}

#[test]
fn two_different_cookies_are_refused_in_each_form() {
    let site = Site::new();
    let ada = sign_up(&site).cookie().unwrap();
    let other = sign_in(&site, "on").cookie().unwrap();
    let message =
        "Two different session cookies came with the request; remove this site's cookies and sign in again";
    for second in [other.as_str(), "kunci=", "kunci=forged"] {
        for line in [format!("{ada}; {second}"), format!("{second}; {ada}")] {
            for form in FORMS {
                let answer = site.send(get("/profile").accept(form).cookie(&line));
                assert_eq!(answer.status, 400, "{line}");
                let text = answer.body.replace("&#39;", "'");
                assert!(text.contains(message), "{text}");
                if form == JSON {
                    assert_eq!(answer.code(), "ambiguous_cookie");
                }
            }
        }
    }
    let line = format!("{ada}; {other}");
    for path in ["/healthz", "/readyz"] {
        assert_eq!(
            site.send(get(path).cookie(&line)).status,
            200,
            "{path} asks for no cookie"
        );
    }
}

fn keys(current: u8, retired: &[u8]) -> Setup {
    Setup {
        keys: (current, retired.to_vec()),
        ..Setup::default()
    }
}

#[test]
fn a_cookie_under_a_retired_key_is_honoured_and_signed_anew() {
    let site = Site::with(keys(1, &[]));
    let old = sign_up(&site).cookie().unwrap();
    let browser = sign_in(&site, "off").cookie().unwrap();

    let site = site.restarted(keys(2, &[1]));
    let answer = site.send(get("/profile").cookie(&old));
    assert_eq!(answer.body, "Welcome, ada\n");
    let new = answer.cookie().expect("it is signed anew");
    assert_ne!(new, old);
    assert!(answer.set_cookie().unwrap().ends_with("; Max-Age=604800"));
    assert_eq!(
        site.send(get("/profile").cookie(&new)).set_cookie(),
        None,
        "once is enough"
    );
    let answer = site.send(get("/profile").cookie(&browser));
    assert_eq!(
        parts(&answer),
        ("kunci".into(), true, attributes(HTTP)),
        "no longer than it was"
    );
    let line = format!("{old}; {new}");
    assert_eq!(
        site.send(get("/profile").cookie(&line)).status,
        400,
        "still two different ones"
    );

    let site = site.restarted(keys(2, &[]));
    assert_eq!(site.profile(&new), "Welcome, ada\n");
    assert_eq!(
        site.profile(&old),
        "You are not logged in\n",
        "the retired key is gone for good"
    );
}

#[test]
fn a_dead_session_under_a_retired_key_is_not_signed_anew() {
    let site = Site::with(keys(1, &[]));
    let old = sign_up(&site).cookie().unwrap();
    site.send(post("/logout_all").cookie(&old));
    let site = site.restarted(keys(2, &[1]));
    let answer = site.send(get("/profile").cookie(&old));
    assert_eq!(
        (answer.body.as_str(), answer.set_cookie()),
        ("You are not logged in\n", None)
    );
}

#[test]
fn the_value_is_opaque_short_and_different_each_time() {
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
    assert!(value.is_sensitive(), "so that no log of headers shows it");
    value.set_sensitive(false);
    assert!(format!("{value:?}").contains("__Host-kunci"));
}
