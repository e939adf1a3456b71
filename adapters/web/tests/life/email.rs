//! `/account/email`: changing and confirming the email address of an account.

use kunci_domain::EventKind;

use crate::support::{
    ACCEPT_HEADERS, JSON, PAGE, PASSWORD, TEXT, TestResponse, form, get, json, link_form, post,
    unconfirmed_site,
};

#[track_caller]
fn check_sent(answer: &TestResponse, accept: &str, sentence: &str) {
    match accept {
        TEXT => assert_eq!(
            (answer.status, answer.body.as_str()),
            (202, format!("{sentence}\n").as_str())
        ),
        JSON => assert_eq!(
            (answer.status, answer.json()["message"].as_str()),
            (202, Some(sentence))
        ),
        _ => assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/account/email")
        ),
    }
}

#[test]
fn new_address_takes_effect_when_confirmed() {
    for accept in ACCEPT_HEADERS {
        let (site, ada) = unconfirmed_site();
        site.confirm_email("ada", "ada@example.org");
        let request = form("/account/email", &[("email", " new@example.org ")]);
        let answer = site.send(request.accept(accept).cookie(&ada));
        check_sent(&answer, accept, "An email is on its way to the new address");
        let shown = site.send(get("/account/email").accept(JSON).cookie(&ada)).json();
        assert_eq!(
            shown,
            serde_json::json!({"email": "ada@example.org", "confirmed": true})
        );
        let confirmed = site.send(link_form(&site.take_mailed_link(), &[]));
        assert_eq!(confirmed.body, "Address confirmed\n");
        let line = site.send(get("/account/email").cookie(&ada)).body;
        assert_eq!(line, "new@example.org, confirmed\n");
        let mut notices = site.take_notices();
        notices.sort_by(|a, b| a.0.cmp(&b.0));
        let changed = |to: &str| (to.to_owned(), EventKind::AddressChanged);
        assert_eq!(notices, [changed("ada@example.org"), changed("new@example.org")]);
    }
}

#[test]
fn api_changes_the_address_and_resends_the_mail() {
    let (site, ada) = unconfirmed_site();
    let body = r#"{"email":"new@example.org"}"#;
    let answer = site.send(json("PUT", "/api/v1/account/email", body).cookie(&ada));
    check_sent(&answer, JSON, "An email is on its way to the new address");
    let answer = site.send(json("POST", "/api/v1/account/email/resend", "").cookie(&ada));
    check_sent(&answer, JSON, "An email is on its way to your address");
}

#[test]
fn confirmation_mail_can_be_resent_until_confirmed() {
    for accept in ACCEPT_HEADERS {
        let (site, ada) = unconfirmed_site();
        let resend = || post("/account/email/resend").accept(accept).cookie(&ada);
        check_sent(
            &site.send(resend()),
            accept,
            "An email is on its way to your address",
        );
        site.confirm_email("ada", "ada@example.org");
        let answer = site.send(resend());
        assert_eq!(answer.status, 409, "{}", answer.body);
        assert!(
            answer.body.contains("There is no address to confirm"),
            "{}",
            answer.body
        );
    }
}

#[test]
fn mail_notice_is_shown_once() {
    let (site, ada) = unconfirmed_site();
    site.send(post("/account/email/resend").accept(PAGE).cookie(&ada));
    let page = || site.send(get("/account/email").accept(PAGE).cookie(&ada)).body;
    let notice = "An email is on its way to your address.";
    assert!(page().contains(notice) && !page().contains(notice));
}

#[test]
fn mail_limit_returns_429_and_keeps_the_form_value() {
    let (site, ada) = unconfirmed_site();
    // The mail of the sign-up counts as well.
    for _ in 0..4 {
        assert_eq!(site.send(post("/account/email/resend").cookie(&ada)).status, 202);
    }
    let request = form("/account/email", &[("email", "new@example.org")]);
    let page = site.send(request.accept(PAGE).cookie(&ada));
    assert_eq!((page.status, page.header("retry-after")), (429, "3600"));
    assert!(page.body.contains(r#"value="new@example.org""#), "{}", page.body);
}

#[test]
fn failing_mailer_returns_503_but_sign_up_succeeds() {
    let (site, ada) = unconfirmed_site();
    site.postbox.set_fails(true);
    let answer = site.send(post("/account/email/resend").accept(JSON).cookie(&ada));
    assert_eq!((answer.status, answer.code().as_str()), (503, "mail_unavailable"));
    let fields = [
        ("username", "bob"),
        ("password", PASSWORD),
        ("email", "bob@example.org"),
    ];
    assert_eq!(
        site.send(form("/register", &fields)).status,
        201,
        "the user can request the mail again"
    );
}
