//! Enrolment and removal of a second factor, and new recovery codes.

use std::time::Duration;

use kunci_domain::{SealedSeed, SecondFactor, User};

use crate::support::{
    ACCEPT_HEADERS, Authenticator, JSON, PAGE, Setup, Site, TEXT, form, get, json, post, request,
};

const API: &str = "/api/v1/account/second-factor";

#[test]
fn secret_is_shown_as_text_uri_and_qr_code() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let enrolment = site.send(json("POST", API, "").cookie(&ada)).json();
    let (secret, uri) = (
        enrolment["secret"].as_str().unwrap(),
        enrolment["uri"].as_str().unwrap(),
    );
    assert_eq!(secret.len(), 32);
    assert_eq!(
        uri,
        format!("otpauth://totp/Kunci:ada?secret={secret}&issuer=Kunci")
    );
    let text = site.send(post("/account/second-factor/begin").cookie(&ada)).body;
    assert_eq!(
        text,
        format!("{secret}\n{uri}\n"),
        "a second request returns the same secret"
    );
    let page = site.send(post("/account/second-factor/begin").accept(PAGE).cookie(&ada));
    assert_eq!(
        (page.status, page.header("location")),
        (303, "/account/second-factor")
    );
    let page = site
        .send(get("/account/second-factor").accept(PAGE).cookie(&ada))
        .body;
    assert!(page.contains(r#"src="/account/second-factor/qr.svg""#), "{page}");
    assert!(page.contains("otpauth://totp/Kunci:ada?secret="));
    let image = site.send(get("/account/second-factor/qr.svg").cookie(&ada));
    assert_eq!(
        (image.status, image.header("content-type")),
        (200, "image/svg+xml")
    );
    assert_eq!(image.header("cache-control"), "no-store");
    assert!(image.body.contains("<svg"));
}

#[test]
fn otpauth_uri_has_the_public_host_and_encoded_names() {
    let site = Site::https();
    let ada = site.sign_up("a+é");
    let enrolment = site.send(json("POST", API, "").cookie(&ada)).json();
    let uri = enrolment["uri"].as_str().unwrap();
    assert!(
        uri.starts_with("otpauth://totp/id%2Eexample%2Eorg:a%2B%C3%A9?secret="),
        "{uri}"
    );
    assert!(uri.ends_with("&issuer=id%2Eexample%2Eorg"), "{uri}");
}

#[test]
fn qr_code_exists_only_during_enrolment() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let image = |cookie: &str| {
        site.send(get("/account/second-factor/qr.svg").cookie(cookie))
            .status
    };
    assert_eq!((image(""), image(&ada)), (401, 404));
    let code = site.begin_enrolment(&ada).code(&site);
    assert_eq!(image(&ada), 200);
    let body = format!(r#"{{"code":"{code}"}}"#);
    let ada = site.send(json("PUT", API, &body).cookie(&ada)).cookie().unwrap();
    assert_eq!(image(&ada), 404);
}

#[test]
fn recovery_codes_are_shown_once() {
    for accept in ACCEPT_HEADERS {
        let site = Site::new();
        let ada = site.sign_up("ada");
        let there = site.sign_in("ada");
        let authenticator = site.begin_enrolment(&ada);
        let code = authenticator.code(&site);
        let request = form("/account/second-factor/confirm", &[("code", &code)]);
        let answer = site.send(request.accept(accept).cookie(&ada));
        assert_eq!(answer.status, 200);
        let ada = answer.cookie().expect("a new cookie");
        assert_eq!(site.profile(&ada), "Welcome, ada\n");
        assert_eq!(
            site.profile(&there),
            "You are not logged in\n",
            "other sessions end"
        );
        let code = match accept {
            TEXT => answer.body.lines().next().unwrap().to_owned(),
            JSON => answer.json()["recovery_codes"][9].as_str().unwrap().to_owned(),
            _ => answer
                .body
                .split(['<', '>'])
                .find(|part| part.len() == 30 && !part.contains(' '))
                .unwrap()
                .to_owned(),
        };
        for path in ["/account/second-factor", "/account", "/profile"] {
            let page = site.send(get(path).accept(accept).cookie(&ada)).body;
            assert!(!page.contains(&code), "{path} shows the code again");
        }
        let pending = site.first_step("ada").cookie().unwrap();
        let entered = site.send(form("/login/code", &[("code", &code)]).cookie(&pending));
        assert_eq!(entered.status, 200, "the code works: {code}");
    }
}

#[test]
fn wrong_first_code_keeps_the_enrolment_pending() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let authenticator = site.begin_enrolment(&ada);
    let wrong = authenticator.wrong_code(&site);
    let message = "This code is wrong; check the clock of your device";
    for accept in ACCEPT_HEADERS {
        let request = form("/account/second-factor/confirm", &[("code", &wrong)]);
        let answer = site.send(request.accept(accept).cookie(&ada));
        assert_eq!((answer.status, answer.set_cookie()), (422, None), "{accept}");
        assert!(answer.body.contains(message), "{accept}: {}", answer.body);
        assert!(
            accept != PAGE || answer.body.contains("qr.svg"),
            "the form is missing"
        );
    }
    assert!(site.user("ada").unwrap().second_factor.is_none());
    let code = authenticator.code(&site);
    let request = form("/account/second-factor/confirm", &[("code", &code)]);
    assert_eq!(site.send(request.cookie(&ada)).status, 200);
}

#[test]
fn enrolment_code_cannot_be_used_again() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let code = site.begin_enrolment(&ada).code(&site);
    site.send(form("/account/second-factor/confirm", &[("code", &code)]).cookie(&ada));
    let pending = site.first_step("ada").cookie().unwrap();
    let answer = site.send(form("/login/code", &[("code", &code)]).cookie(&pending));
    assert_eq!(answer.status, 401);
}

#[test]
fn requests_that_conflict_with_the_state_return_409() {
    let (on, off) = ("second_factor_there", "no_second_factor");
    for (path, api, enabled, code) in [
        ("/account/second-factor/begin", ("POST", API), true, on),
        ("/account/second-factor/disable", ("DELETE", API), false, off),
        (
            "/account/recovery-codes",
            ("POST", "/api/v1/account/recovery-codes"),
            false,
            off,
        ),
        (
            "/account/second-factor/confirm",
            ("PUT", API),
            false,
            "enrolment_not_begun",
        ),
        ("/account/second-factor/confirm", ("PUT", API), true, on),
    ] {
        let site = Site::new();
        let ada = site.sign_up("ada");
        if enabled {
            site.add_second_factor("ada");
        }
        let before = site.user("ada");
        for accept in ACCEPT_HEADERS {
            let answer = site.send(form(path, &[("code", "123456")]).accept(accept).cookie(&ada));
            assert_eq!(
                (answer.status, answer.set_cookie()),
                (409, None),
                "{path} as {accept}"
            );
            assert!(accept != JSON || answer.code() == code, "{path}: {}", answer.body);
        }
        let answer = site.send(json(api.0, api.1, r#"{"code":"123456"}"#).cookie(&ada));
        assert_eq!((answer.status, answer.code().as_str()), (409, code), "{api:?}");
        assert_eq!(site.user("ada"), before, "{path}");
    }
}

#[test]
fn disabling_ends_other_sessions_and_the_second_step() {
    for accept in ACCEPT_HEADERS {
        let site = Site::new();
        let (ada, there) = (site.sign_up("ada"), site.sign_in("ada"));
        site.add_second_factor("ada");
        let request = post("/account/second-factor/disable").accept(accept);
        let answer = site.send(request.cookie(&ada));
        match accept {
            TEXT => assert_eq!(answer.body, "Second factor off\n"),
            JSON => assert_eq!(answer.json()["message"], "Second factor off"),
            _ => assert_eq!(answer.header("location"), "/account/second-factor"),
        }
        assert_eq!(site.profile(&answer.cookie().unwrap()), "Welcome, ada\n");
        assert_eq!(site.profile(&there), "You are not logged in\n");
        assert_eq!(site.profile(&site.sign_in("ada")), "Welcome, ada\n");
    }
}

#[test]
fn new_recovery_codes_replace_the_old_ones() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let authenticator = site.add_second_factor("ada");
    let renewed = site
        .send(json("POST", "/api/v1/account/recovery-codes", "").cookie(&ada))
        .json();
    let new = renewed["recovery_codes"][0].as_str().unwrap().to_owned();
    assert_eq!(renewed["recovery_codes"].as_array().unwrap().len(), 10);
    let enter = |code: &str| {
        let pending = site.first_step("ada").cookie().unwrap();
        site.send(form("/login/code", &[("code", code)]).cookie(&pending))
            .status
    };
    assert_eq!(
        (enter(&authenticator.recovery[0].expose_text()), enter(&new)),
        (401, 200)
    );
}

#[test]
fn state_is_reported_without_the_secret() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let state = || site.send(get(API).cookie(&ada)).json();
    let line = || site.send(get("/account/second-factor").cookie(&ada)).body;
    let off = serde_json::json!({
        "enabled": false, "since": null, "recovery_codes_left": 0, "waiting": false, "required": false,
    });
    assert_eq!((state(), line().as_str()), (off, "The second factor is off\n"));
    let begun = site.send(request("POST", API).cookie(&ada)).json();
    assert_eq!(state()["waiting"], true);
    assert!(!state().to_string().contains(begun["secret"].as_str().unwrap()));
    assert_eq!(line(), "The second factor is waiting for its first code\n");
    site.clock.advance(Duration::from_secs(600));
    let page = site
        .send(get("/account/second-factor").accept(PAGE).cookie(&ada))
        .body;
    assert!(
        !page.contains(begun["secret"].as_str().unwrap()) && !page.contains("otpauth:"),
        "the proof has expired"
    );
    site.add_second_factor("ada");
    assert_eq!(
        (state()["enabled"].clone(), state()["recovery_codes_left"].clone()),
        (true.into(), 3.into())
    );
    assert!(line().starts_with("The second factor has been on since "));
}

#[test]
fn second_factor_survives_cookie_key_rotation() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let authenticator: Authenticator = site.add_second_factor("ada");
    let site = site.restarted(Setup {
        keys: (2, vec![1]),
        ..Setup::default()
    });
    let code = authenticator.code(&site);
    let pending = site.first_step("ada").cookie().unwrap();
    assert_eq!(
        site.send(form("/login/code", &[("code", &code)]).cookie(&pending))
            .status,
        200
    );
    assert_eq!(site.profile(&ada), "Welcome, ada\n");
}

#[test]
fn recovery_code_works_if_the_seed_is_unreadable() {
    let site = Site::new();
    site.sign_up("ada");
    let authenticator: Authenticator = site.add_second_factor("ada");
    site.change_user("ada", |user| User {
        second_factor: user.second_factor.clone().map(|factor| SecondFactor {
            seed: SealedSeed::from_stored(b"sealed under a key that is lost".to_vec()),
            ..factor
        }),
        ..user
    });
    let pending = site.first_step("ada").cookie().unwrap();
    let enter = |code: &str| site.send(form("/login/code", &[("code", code)]).cookie(&pending));
    let unreadable = enter(&authenticator.code(&site));
    assert_eq!(unreadable.status, 503);
    assert!(
        unreadable.body.contains("use a recovery code"),
        "{}",
        unreadable.body
    );
    assert_eq!(enter(&authenticator.recovery[0].expose_text()).status, 200);
}
