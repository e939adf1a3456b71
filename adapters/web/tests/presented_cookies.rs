//! Cookies that come back: forged, altered, doubled, among many others, and under a key that is being retired.
//!
//! What is set, and when, is in `cookies.rs`; how a value is signed and read is tested in `src/cookies.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{FORMS, JSON, PASSWORD, Setup, Site, form, get, post};

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
    let ada = site.sign_up("ada");
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
    let ada = site.sign_up("ada");
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
    let ada = site.sign_up("ada");
    let other = site.sign_in("ada");
    let message =
        "The request has two different session cookies; remove this site's cookies and sign in again";
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
    let old = site.sign_up("ada");
    let fields = [("username", "ada"), ("password", PASSWORD), ("remember", "off")];
    let browser = site.send(form("/login", &fields)).cookie().unwrap();

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
    let told = answer.set_cookie().unwrap();
    assert!(
        told.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "no longer than it was: {told}"
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
    let old = site.sign_up("ada");
    site.send(post("/logout_all").cookie(&old));
    let site = site.restarted(keys(2, &[1]));
    let answer = site.send(get("/profile").cookie(&old));
    assert_eq!(
        (answer.body.as_str(), answer.set_cookie()),
        ("You are not logged in\n", None)
    );
}
