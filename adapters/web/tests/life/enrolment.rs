//! Setting a second factor up, switching it off, and renewing recovery codes.

use std::time::Duration;

use kunci_domain::{SealedSeed, SecondFactor, User};

use crate::support::{Authenticator, FORMS, JSON, PAGE, Setup, Site, TEXT, form, get, json, post, request};

const API: &str = "/api/v1/account/second-factor";

#[test]
fn a_secret_is_told_to_programs_and_shown_to_people_with_its_picture() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let told = site.send(json("POST", API, "").cookie(&ada)).json();
    let (secret, uri) = (told["secret"].as_str().unwrap(), told["uri"].as_str().unwrap());
    assert_eq!(secret.len(), 32);
    assert_eq!(
        uri,
        format!("otpauth://totp/Kunci:ada?secret={secret}&issuer=Kunci")
    );
    let text = site.send(post("/account/second-factor/begin").cookie(&ada)).body;
    assert_eq!(
        text,
        format!("{secret}\n{uri}\n"),
        "asked again, it is the same one"
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
fn the_issuer_is_the_host_that_people_know_and_names_are_encoded() {
    let site = Site::https();
    let ada = site.sign_up("a+é");
    let told = site.send(json("POST", API, "").cookie(&ada)).json();
    let uri = told["uri"].as_str().unwrap();
    assert!(
        uri.starts_with("otpauth://totp/id%2Eexample%2Eorg:a%2B%C3%A9?secret="),
        "{uri}"
    );
    assert!(uri.ends_with("&issuer=id%2Eexample%2Eorg"), "{uri}");
}

#[test]
fn the_picture_is_there_only_while_a_secret_waits() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let image = |cookie: &str| {
        site.send(get("/account/second-factor/qr.svg").cookie(cookie))
            .status
    };
    assert_eq!((image(""), image(&ada)), (401, 404));
    let code = site.begin_factor(&ada).code(&site);
    assert_eq!(image(&ada), 200);
    let body = format!(r#"{{"code":"{code}"}}"#);
    let ada = site.send(json("PUT", API, &body).cookie(&ada)).cookie().unwrap();
    assert_eq!(image(&ada), 404);
}

#[test]
fn codes_for_recovery_are_shown_once_in_the_answer_that_makes_them() {
    for accept in FORMS {
        let site = Site::new();
        let ada = site.sign_up("ada");
        let there = site.sign_in("ada");
        let authenticator = site.begin_factor(&ada);
        let code = authenticator.code(&site);
        let ask = form("/account/second-factor/confirm", &[("code", &code)]);
        let answer = site.send(ask.accept(accept).cookie(&ada));
        assert_eq!(answer.status, 200);
        let ada = answer.cookie().expect("a new cookie");
        assert_eq!(site.profile(&ada), "Welcome, ada\n");
        assert_eq!(
            site.profile(&there),
            "You are not logged in\n",
            "other sessions are over"
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
            assert!(!page.contains(&code), "{path} shows it again");
        }
        let pending = site.first_step("ada").cookie().unwrap();
        let entered = site.send(form("/login/code", &[("code", &code)]).cookie(&pending));
        assert_eq!(entered.status, 200, "and it works: {code}");
    }
}

#[test]
fn a_wrong_first_code_leaves_the_secret_waiting() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let authenticator = site.begin_factor(&ada);
    let wrong = authenticator.wrong_code(&site);
    let message = "This code is wrong; check the clock of your device";
    for accept in FORMS {
        let ask = form("/account/second-factor/confirm", &[("code", &wrong)]);
        let answer = site.send(ask.accept(accept).cookie(&ada));
        assert_eq!((answer.status, answer.set_cookie()), (422, None), "{accept}");
        assert!(answer.body.contains(message), "{accept}: {}", answer.body);
        assert!(
            accept != PAGE || answer.body.contains("qr.svg"),
            "the form is gone"
        );
    }
    assert!(site.user("ada").unwrap().second_factor.is_none());
    let code = authenticator.code(&site);
    let ask = form("/account/second-factor/confirm", &[("code", &code)]);
    assert_eq!(site.send(ask.cookie(&ada)).status, 200);
}

#[test]
fn the_code_that_set_it_up_is_spent() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let code = site.begin_factor(&ada).code(&site);
    site.send(form("/account/second-factor/confirm", &[("code", &code)]).cookie(&ada));
    let pending = site.first_step("ada").cookie().unwrap();
    let answer = site.send(form("/login/code", &[("code", &code)]).cookie(&pending));
    assert_eq!(answer.status, 401);
}

#[test]
fn what_does_not_fit_the_state_is_a_409_in_every_form() {
    let (on, off) = ("second_factor_there", "no_second_factor");
    for (path, api, has, code) in [
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
        if has {
            site.equip("ada");
        }
        let before = site.user("ada");
        for accept in FORMS {
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
fn switching_it_off_ends_other_sessions_and_the_second_step() {
    for accept in FORMS {
        let site = Site::new();
        let (ada, there) = (site.sign_up("ada"), site.sign_in("ada"));
        site.equip("ada");
        let ask = post("/account/second-factor/disable").accept(accept);
        let answer = site.send(ask.cookie(&ada));
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
fn new_recovery_codes_void_the_former_ones() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let authenticator = site.equip("ada");
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
fn the_state_is_told_without_the_secret() {
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
        "its proof is old"
    );
    site.equip("ada");
    assert_eq!(
        (state()["enabled"].clone(), state()["recovery_codes_left"].clone()),
        (true.into(), 3.into())
    );
    assert!(line().starts_with("The second factor has been on since "));
}

#[test]
fn a_second_factor_survives_the_retiring_of_the_cookie_key() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let authenticator: Authenticator = site.equip("ada");
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
fn where_a_seed_cannot_be_opened_the_answer_says_that_a_recovery_code_still_signs_in() {
    let site = Site::new();
    site.sign_up("ada");
    let authenticator: Authenticator = site.equip("ada");
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
