//! `/account/email`: another address for the account, confirmed before it counts, and its present one.

use kunci_domain::EventKind;

use crate::support::{Answer, FORMS, JSON, PAGE, PASSWORD, Site, TEXT, form, get, json, open_link, post};

fn site() -> (Site, String) {
    let site = Site::new();
    let fields = [
        ("username", "ada"),
        ("password", PASSWORD),
        ("email", "ada@example.org"),
    ];
    let ada = site.send(form("/register", &fields)).cookie().unwrap();
    (site, ada)
}

#[track_caller]
fn check_sent(answer: &Answer, accept: &str, sentence: &str) {
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
fn a_new_address_counts_when_its_link_is_followed_and_the_old_one_is_told() {
    for accept in FORMS {
        let (site, ada) = site();
        site.confirm("ada", "ada@example.org");
        let ask = form("/account/email", &[("email", " new@example.org ")]);
        let answer = site.send(ask.accept(accept).cookie(&ada));
        check_sent(&answer, accept, "An e-mail is on its way to the new address");
        let shown = site.send(get("/account/email").accept(JSON).cookie(&ada)).json();
        assert_eq!(
            shown,
            serde_json::json!({"email": "ada@example.org", "confirmed": true})
        );
        let cookie = open_link(&site, &site.take_link());
        assert_eq!(
            site.send(post("/link").cookie(&cookie)).body,
            "Address confirmed\n"
        );
        let line = site.send(get("/account/email").cookie(&ada)).body;
        assert_eq!(line, "new@example.org, confirmed\n");
        let mut notices = site.take_notices();
        notices.sort_by(|a, b| a.0.cmp(&b.0));
        let changed = |to: &str| (to.to_owned(), EventKind::AddressChanged);
        assert_eq!(notices, [changed("ada@example.org"), changed("new@example.org")]);
    }
}

#[test]
fn the_api_changes_it_likewise() {
    let (site, ada) = site();
    let body = r#"{"email":"new@example.org"}"#;
    let answer = site.send(json("PUT", "/api/v1/account/email", body).cookie(&ada));
    check_sent(&answer, JSON, "An e-mail is on its way to the new address");
    let answer = site.send(json("POST", "/api/v1/account/email/resend", "").cookie(&ada));
    check_sent(&answer, JSON, "An e-mail is on its way to your address");
}

#[test]
fn the_mail_to_confirm_can_be_asked_for_again_while_there_is_something_to_confirm() {
    for accept in FORMS {
        let (site, ada) = site();
        let ask = || post("/account/email/resend").accept(accept).cookie(&ada);
        check_sent(
            &site.send(ask()),
            accept,
            "An e-mail is on its way to your address",
        );
        site.confirm("ada", "ada@example.org");
        let answer = site.send(ask());
        assert_eq!(answer.status, 409, "{}", answer.body);
        assert!(
            answer.body.contains("There is no address to confirm"),
            "{}",
            answer.body
        );
    }
}

#[test]
fn the_page_says_once_that_a_mail_is_on_its_way() {
    let (site, ada) = site();
    site.send(post("/account/email/resend").accept(PAGE).cookie(&ada));
    let page = || site.send(get("/account/email").accept(PAGE).cookie(&ada)).body;
    let notice = "An e-mail is on its way to your address.";
    assert!(page().contains(notice) && !page().contains(notice));
}

#[test]
fn mails_have_a_budget_and_the_form_comes_back_filled() {
    let (site, ada) = site();
    for _ in 0..5 {
        assert_eq!(site.send(post("/account/email/resend").cookie(&ada)).status, 202);
    }
    let ask = form("/account/email", &[("email", "new@example.org")]);
    let page = site.send(ask.accept(PAGE).cookie(&ada));
    assert_eq!((page.status, page.header("retry-after")), (429, "600"));
    assert!(page.body.contains(r#"value="new@example.org""#), "{}", page.body);
}

#[test]
fn a_mailer_that_fails_is_a_503_and_a_sign_up_goes_on() {
    let (site, ada) = site();
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
        "the mail can be asked for again"
    );
}
