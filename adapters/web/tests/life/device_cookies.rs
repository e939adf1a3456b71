//! The device cookie: when it is set, what it contains, and what it proves.

use kunci_domain::{Purpose, Role};

use crate::support::{
    PASSWORD, Setup, Site, TestRequest, TestResponse, add_user_with_email, form, get, json, link_form, post,
    sign_in_form, sign_up_form,
};

/// Sends a request and returns the device cookie that the response sets.
fn device_cookie(site: &Site, request: TestRequest) -> String {
    site.send(request).cookie_of("kunci-device").unwrap()
}

/// Returns whether a device with this cookie is known for a user.
///
/// A known device can still sign in when wrong guesses have used up the budget of unknown devices.
fn is_known(site: &Site, name: &str, cookie: &str) -> bool {
    for _ in 0..12 {
        site.send(sign_in_form(name, "wrong password"));
    }
    let known = site.send(sign_in_form(name, PASSWORD).cookie(cookie)).status == 200;
    site.refill_budgets(name);
    known
}

#[test]
fn device_cookie_is_set_only_after_a_completed_sign_in() {
    let site = Site::new();
    let sets_cookie = |answer: &TestResponse| answer.set_cookie_of("kunci-device").is_some();
    let up = site.send(sign_up_form("ada", PASSWORD));
    let ada = up.cookie().unwrap();
    assert!(sets_cookie(&up) && sets_cookie(&site.send(sign_in_form("ada", PASSWORD))));
    let body = format!(r#"{{"username":"ada","password":"{PASSWORD}"}}"#);
    assert!(sets_cookie(&site.send(json("POST", "/api/v1/session", &body))));
    let link = site.issue_link("ada", Purpose::SignIn);
    assert!(sets_cookie(&site.send(link_form(&link, &[]))));
    for request in [
        sign_in_form("ada", "wrong password"),
        get("/profile"),
        get("/login"),
        form("/account/confirm", &[("password", PASSWORD)]),
        sign_up_form("ada", PASSWORD),
    ] {
        assert!(!sets_cookie(&site.send(request.cookie(&ada))));
    }
    site.add_second_factor("ada");
    assert!(
        !sets_cookie(&site.first_step("ada")),
        "a pending sign-in is not complete"
    );
}

#[test]
fn other_device_cookies_do_not_hide_the_device() {
    let site = Site::new();
    let ada = device_cookie(&site, sign_up_form("ada", PASSWORD));
    let bob = device_cookie(&site, sign_up_form("bob", PASSWORD));
    for line in [
        format!("kunci-device=x; {ada}"),
        format!("kunci-device={}; {ada}", "A".repeat(256)),
        format!("{bob}; {ada}"),
    ] {
        assert!(is_known(&site, "ada", &line), "{line}");
    }
    assert!(!is_known(&site, "ada", &bob));
}

#[test]
fn device_cookie_is_http_only_and_lives_400_days() {
    for (site, name, secure) in [
        (Site::new(), "kunci-device=", ""),
        (Site::https(), "__Host-kunci-device=", "; Secure"),
    ] {
        site.add_user("ada", Role::Member);
        let answer = site.send(sign_in_form("ada", PASSWORD));
        let line = answer.set_cookie_of("kunci-device").unwrap();
        let (value, attributes) = line.strip_prefix(name).unwrap().split_once(';').unwrap();
        assert_eq!(value.len(), 64, "one entry of 48 bytes");
        let want = format!(" Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age=34560000");
        assert_eq!(attributes, want);
    }
}

#[test]
fn device_cookie_keeps_the_four_latest_users() {
    let site = Site::new();
    for name in ["u0", "u1", "u2", "u3", "u4"] {
        site.add_user(name, Role::Member);
    }
    let mut cookie = String::new();
    for name in ["u0", "u1", "u2", "u3"] {
        cookie = device_cookie(&site, sign_in_form(name, PASSWORD).cookie(&cookie));
    }
    for name in ["u0", "u1", "u2", "u3"] {
        assert!(is_known(&site, name, &cookie), "{name}");
    }
    let moved = device_cookie(&site, sign_in_form("u0", PASSWORD).cookie(&cookie));
    assert_eq!(moved.len(), cookie.len(), "the user is already in the cookie");
    let value = |cookie: &str| cookie.split_once('=').unwrap().1.to_owned();
    let (first, rest) = (value(&moved)[..64].to_owned(), value(&moved)[64..].to_owned());
    assert_eq!(
        value(&cookie),
        format!("{rest}{first}"),
        "the unchanged entry moves to the front"
    );
    let fifth = device_cookie(&site, sign_in_form("u4", PASSWORD).cookie(&moved));
    assert_eq!(fifth.len(), cookie.len());
    assert!(is_known(&site, "u4", &fifth) && is_known(&site, "u0", &fifth));
    assert!(!is_known(&site, "u1", &fifth), "the oldest entry is removed");
}

#[test]
fn device_cookie_names_no_user_and_serves_only_its_users() {
    let site = Site::new();
    let ada = site.add_user("ada", Role::Member);
    site.add_user("bob", Role::Member);
    let cookie = device_cookie(&site, sign_in_form("ada", PASSWORD));
    let other = device_cookie(&site, sign_in_form("ada", PASSWORD));
    assert_ne!(cookie[..30], other[..30], "two devices have different ids");
    assert!(!cookie.contains("ada") && !cookie.contains(&ada.id.to_string()));
    assert!(!is_known(&site, "bob", &cookie));
    assert_eq!(
        site.profile(&cookie),
        "You are not logged in\n",
        "it is not a session"
    );
}

#[test]
fn invalid_device_cookies_are_ignored() {
    let site = Site::new();
    let session = site.sign_up("ada");
    let valid = device_cookie(&site, sign_in_form("ada", PASSWORD));
    let value = valid.strip_prefix("kunci-device=").unwrap();
    let flip = |at: usize| {
        let mut bytes = value.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let of_session = session.strip_prefix("kunci=").unwrap();
    for (case, value) in [
        ("empty", String::new()),
        ("nonsense", "nonsense".into()),
        ("forged", "A".repeat(64)),
        ("altered id", flip(0)),
        ("altered tag", flip(40)),
        ("truncated", value[..63].into()),
        ("too long", format!("{value}A")),
        ("five entries", value.repeat(5)),
        ("a session cookie's value", of_session.into()),
        ("a session cookie's value, truncated", of_session[..64].into()),
        ("huge", "x".repeat(60_000)),
    ] {
        let cookie = format!("kunci-device={value}");
        assert!(!is_known(&site, "ada", &cookie), "{case}");
        assert_eq!(
            site.send(sign_in_form("ada", PASSWORD).cookie(&cookie)).status,
            200,
            "{case}"
        );
    }
    assert!(is_known(&site, "ada", &valid), "the valid cookie still works");
    assert!(!is_known(
        &site,
        "ada",
        &valid.replace("kunci-device", "__Host-kunci-device")
    ));
    assert_eq!(
        site.profile(&format!("kunci={value}")),
        "You are not logged in\n",
        "it is not a session"
    );
}

#[test]
fn device_cookie_survives_key_rotation() {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    let old = device_cookie(&site, sign_in_form("ada", PASSWORD));
    let under = |site: Site, keys| {
        site.restarted(Setup {
            keys,
            ..Setup::default()
        })
    };
    let site = under(site, (2, vec![1]));
    assert!(is_known(&site, "ada", &old));
    let new = device_cookie(&site, sign_in_form("ada", PASSWORD).cookie(&old));
    assert_eq!(new[..34], old[..34], "the id is unchanged");
    let site = under(site, (2, vec![]));
    assert!(is_known(&site, "ada", &new) && !is_known(&site, "ada", &old));
}

#[test]
fn farmed_device_cookies_share_one_budget() {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    let farmed: Vec<String> = (0..60)
        .map(|_| device_cookie(&site, sign_in_form("ada", PASSWORD)))
        .collect();
    let guess = |cookie: &String| {
        site.send(sign_in_form("ada", "wrong password").cookie(cookie))
            .status
    };
    let tried = farmed.iter().filter(|cookie| guess(cookie) == 401).count();
    assert_eq!(tried, 10);
}

#[test]
fn device_cookie_is_void_after_a_change_of_password_elsewhere() {
    let site = Site::new();
    let stolen = device_cookie(&site, sign_up_form("ada", PASSWORD));
    assert!(is_known(&site, "ada", &stolen));
    let owner = site.client();
    owner.send(sign_in_form("ada", PASSWORD));
    let before = owner.cookie_of("kunci-device").unwrap();
    let fields = [("current_password", PASSWORD), ("new_password", "a new secret")];
    assert_eq!(owner.send(form("/account/password", &fields)).status, 200);
    let after = owner.cookie_of("kunci-device").unwrap();
    assert_ne!(before, after, "the device that changed the password stays known");
    assert_eq!(after.len(), before.len());
    for _ in 0..12 {
        site.send(sign_in_form("ada", "wrong password"));
    }
    let status = |cookie: &str| {
        site.send(sign_in_form("ada", "a new secret").cookie(cookie))
            .status
    };
    assert_eq!(
        [status(&stolen), status(&before), status(&after)],
        [429, 429, 200]
    );
}

#[test]
fn reset_makes_the_device_known() {
    let site = Site::new();
    add_user_with_email(&site, "ada", "ada@example.org");
    let link = site.issue_link("ada", Purpose::ResetPassword);
    let fields = [("new_password", "a new secret")];
    let device = device_cookie(&site, link_form(&link, &fields));
    for _ in 0..12 {
        site.send(sign_in_form("ada", "wrong password"));
    }
    let status = |cookie: &str| {
        site.send(sign_in_form("ada", "a new secret").cookie(cookie))
            .status
    };
    assert_eq!([status(""), status(&device)], [429, 200]);
}

#[test]
fn sign_out_keeps_the_device_cookie() {
    for path in ["/logout", "/logout_all"] {
        let site = Site::new();
        let client = site.client();
        client.send(sign_up_form("ada", PASSWORD));
        let before = client.cookie_of("kunci-device").unwrap();
        let answer = client.send(post(path));
        assert_eq!(answer.set_cookie_of("kunci-device"), None, "{path}");
        assert_eq!(client.cookie_of("kunci-device"), Some(before));
    }
}
