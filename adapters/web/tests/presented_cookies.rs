//! Cookies that clients send: forged, altered, repeated, among many others, or signed with a retired key.
//!
//! `cookies.rs` tests which cookies are set; `src/cookies` tests how a value is signed and parsed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{ACCEPT_HEADERS, PASSWORD, Setup, Site, form, get, json, post, sign_in_form};

/// Returns `Cookie` headers with invalid variants of a valid cookie.
fn invalid_cookies(valid: &str) -> Vec<(&'static str, String)> {
    let value = valid.strip_prefix("kunci=").unwrap();
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
fn invalid_cookie_is_ignored_without_a_store_call() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for (case, line) in invalid_cookies(&ada) {
        for accept in ACCEPT_HEADERS {
            site.watch.pass();
            let answer = site.send(get("/profile").accept(accept).cookie(&line));
            assert_eq!(
                answer,
                site.send(get("/profile").accept(accept)),
                "{case} as {accept}"
            );
            assert_eq!(site.watch.calls(), [""; 0], "{case}: a store was called");
        }
    }
    assert_eq!(
        site.profile(&ada),
        "Welcome, ada\n",
        "the valid cookie still works"
    );
}

#[test]
fn cookie_is_found_among_200_others_and_when_repeated() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let others: Vec<String> = (0..100).map(|n| format!("c{n}=v{n}")).collect();
    let others = others.join("; ");
    for (case, line) in [
        ("in the middle", format!("{others}; {ada}; {others}")),
        ("twice", format!("{ada}; {ada}")),
        ("without spaces", format!("a=b;{ada};c=d")),
        ("after a broken one", format!("=; ;;a; {ada}")),
    ] {
        assert_eq!(site.profile(&line), "Welcome, ada\n", "{case}");
    }
    let lines = get("/profile").cookie("a=b").cookie(&ada);
    assert_eq!(site.send(lines).body, "Welcome, ada\n", "in a second header");
    let others = (0..200).fold(get("/profile"), |request, n| {
        request.cookie(&format!("kunc{n}=x"))
    });
    assert_eq!(site.send(others).body, "You are not logged in\n");
}

/// Returns a cookie whose session has ended.
fn ended(site: &Site) -> String {
    let ended = site.sign_in("ada");
    site.send(post("/logout").cookie(&ended));
    ended
}

#[test]
fn other_cookies_of_the_same_name_do_not_sign_the_user_out() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let visitor = site
        .send(json("PUT", "/api/v1/session/data/k", "1"))
        .cookie()
        .unwrap();
    let ended = ended(&site);
    let mut others: Vec<_> = invalid_cookies(&ada).into_iter().map(|(_, line)| line).collect();
    others.extend([
        visitor.clone(),
        ended.clone(),
        format!("{ended}; {visitor}; {ended}"),
    ]);
    for other in others {
        for line in [format!("{ada}; {other}"), format!("{other}; {ada}")] {
            assert_eq!(site.profile(&line), "Welcome, ada\n", "{line}");
        }
    }
    let line = format!("{ended}; {visitor}");
    let data = site.send(get("/api/v1/session/data/k").cookie(&line));
    assert_eq!(
        data.status, 200,
        "a visitor's session counts more than an ended one"
    );
}

#[test]
fn first_of_several_sign_ins_counts() {
    let site = Site::new();
    let (ada, eve) = (site.sign_up("ada"), site.sign_up("eve"));
    assert_eq!(site.profile(&format!("{ada}; {eve}")), "Welcome, ada\n");
    assert_eq!(site.profile(&format!("{eve}; {ada}")), "Welcome, eve\n");
}

#[test]
fn user_can_sign_in_beside_foreign_cookies() {
    let site = Site::new();
    site.sign_up("ada");
    let foreign = format!("kunci=foreign; {}; kunci-device=x; kunci-link=x", ended(&site));
    let answer = site.send(sign_in_form("ada", PASSWORD).cookie(&foreign));
    let ada = answer.cookie().unwrap();
    assert_eq!(site.profile(&format!("{foreign}; {ada}")), "Welcome, ada\n");
}

#[test]
fn number_of_store_calls_for_cookies_is_limited() {
    let site = Site::new();
    site.sign_up("ada");
    let calls = |line: &str| {
        site.watch.pass();
        site.profile(line);
        site.watch.calls().len()
    };
    let one = calls(&ended(&site));
    let many: Vec<_> = (0..20).map(|_| ended(&site)).collect();
    assert_eq!(calls(&many.join("; ")), 4 * one);
}

fn keys(current: u8, retired: &[u8]) -> Setup {
    Setup {
        keys: (current, retired.to_vec()),
        ..Setup::default()
    }
}

#[test]
fn cookie_under_a_retired_key_is_accepted_and_reissued() {
    let site = Site::with(keys(1, &[]));
    let old = site.sign_up("ada");
    let fields = [("username", "ada"), ("password", PASSWORD), ("remember", "off")];
    let browser = site.send(form("/login", &fields)).cookie().unwrap();

    let site = site.restarted(keys(2, &[1]));
    let answer = site.send(get("/profile").cookie(&old));
    assert_eq!(answer.body, "Welcome, ada\n");
    let new = answer.cookie().expect("the cookie is reissued");
    assert_ne!(new, old);
    assert!(answer.set_cookie().unwrap().ends_with("; Max-Age=604800"));
    assert_eq!(
        site.send(get("/profile").cookie(&new)).set_cookie(),
        None,
        "the new cookie is not reissued"
    );
    let answer = site.send(get("/profile").cookie(&browser));
    let reissued = answer.set_cookie().unwrap();
    assert!(
        reissued.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "it stays a browser-session cookie: {reissued}"
    );
    assert_eq!(site.profile(&format!("{old}; {new}")), "Welcome, ada\n");

    let site = site.restarted(keys(2, &[]));
    assert_eq!(site.profile(&new), "Welcome, ada\n");
    assert_eq!(
        site.profile(&old),
        "You are not logged in\n",
        "a removed key is not accepted"
    );
}

#[test]
fn ended_session_under_a_retired_key_is_not_reissued() {
    let site = Site::with(keys(1, &[]));
    let old = site.sign_up("ada");
    site.send(post("/logout_all").cookie(&old));
    let site = site.restarted(keys(2, &[1]));
    let answer = site.send(get("/profile").cookie(&old));
    assert_eq!(
        (answer.body.as_str(), answer.set_cookie()),
        ("You are not logged in\n", None)
    );
}
