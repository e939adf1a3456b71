//! Asking for a reset: one answer for everybody, and a mail for who has shown that mail arrives.

use kunci_domain::ports::Clock;
use kunci_domain::use_cases::set_standing;
use kunci_domain::{Role, Standing, Username};

use crate::support::{
    Answer, FORMS, JSON, NEW_PASSWORD, PAGE, Site, TEXT, add_user_with_email, form, get, json, open_link,
};

const SENT: &str = "If there is such an account, an e-mail is on its way";

fn site() -> Site {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    site.confirm("ada", "ada@example.org");
    add_user_with_email(&site, "bob", "bob@example.org");
    site.add_user("eve", Role::Member);
    site.confirm("eve", "eve@example.org");
    let eve = Username::parse("eve").unwrap();
    set_standing(&site.core, &eve, Standing::Disabled, site.clock.now()).unwrap();
    drop(site.postbox.take());
    site
}

fn ask(site: &Site, who: &str, accept: &str) -> Answer {
    site.send(form("/reset", &[("who", who)]).accept(accept))
}

#[test]
fn whoever_is_asked_for_the_answer_is_the_same_byte_for_byte() {
    for accept in FORMS {
        let known = ask(&site(), "ada", accept);
        assert_eq!(known.status, 200);
        match accept {
            TEXT => assert_eq!(known.body, format!("{SENT}\n")),
            JSON => assert_eq!(known.json(), serde_json::json!({"message": SENT})),
            _ => assert!(known.body.contains("an e-mail is on its way"), "{}", known.body),
        }
        let long = "x".repeat(10_000);
        for who in [
            "ADA",
            "ada@example.org",
            "bob",
            "bob@example.org",
            "eve",
            "nobody",
            "a b",
            "",
            "@",
            &long,
        ] {
            assert_eq!(ask(&site(), who, accept), known, "{who} as {accept}");
        }
    }
    let program = site().send(json("POST", "/api/v1/reset", r#"{"who":"nobody"}"#));
    assert_eq!(
        program,
        site().send(json("POST", "/api/v1/reset", r#"{"who":"ada"}"#))
    );
}

#[test]
fn a_mail_goes_only_where_mail_is_known_to_arrive() {
    for (who, mails) in [
        ("ada", 1),
        (" Ada ", 1),
        ("ada@example.org", 1),
        ("bob", 0),
        ("bob@example.org", 0),
        ("eve", 0),
        ("nobody", 0),
    ] {
        let site = site();
        ask(&site, who, TEXT);
        let sent = (site.postbox.take().len(), site.postbox.dropped());
        assert_eq!(
            sent,
            (mails, 1 - mails),
            "{who}: there is always one, to somebody or nobody"
        );
    }
}

#[test]
fn from_forgotten_to_signed_in() {
    let site = site();
    ask(&site, "ada", PAGE);
    let cookie = open_link(&site, &site.take_link());
    let fields = [("new_password", NEW_PASSWORD), ("repeat_password", NEW_PASSWORD)];
    assert_eq!(
        site.send(form("/link", &fields).accept(PAGE).cookie(&cookie))
            .status,
        303
    );
    let notices = site.take_notices();
    assert_eq!(
        notices,
        [(
            "ada@example.org".to_owned(),
            kunci_domain::EventKind::PasswordReset
        )]
    );
    let fields = [("username", "ada"), ("password", NEW_PASSWORD)];
    assert_eq!(site.send(form("/login", &fields)).status, 200);
}

#[test]
fn a_reset_keeps_the_second_factor() {
    let site = site();
    site.equip("ada");
    ask(&site, "ada", TEXT);
    let cookie = open_link(&site, &site.take_link());
    assert_eq!(
        site.send(form("/link", &[("new_password", NEW_PASSWORD)]).cookie(&cookie))
            .status,
        200
    );
    let fields = [("username", "ada"), ("password", NEW_PASSWORD)];
    assert_eq!(
        site.send(form("/login", &fields)).body,
        "Enter the code from your authenticator\n"
    );
}

#[test]
fn a_mailer_that_fails_is_told_alike_for_everybody() {
    let message = "E-mail cannot be sent at the moment; try again later";
    for accept in FORMS {
        let answers = ["ada", "nobody"].map(|who| {
            let site = site();
            site.postbox.set_fails(true);
            ask(&site, who, accept)
        });
        assert_eq!(answers[0], answers[1], "as {accept}");
        assert_eq!((answers[0].status, answers[0].header("retry-after")), (503, "5"));
        assert!(answers[0].body.contains(message), "{}", answers[0].body);
    }
}

#[test]
fn the_form_is_for_everybody() {
    let site = site();
    let page = site.send(get("/reset").accept(PAGE));
    assert!(page.status == 200 && page.body.contains(r#"action="/reset""#));
    assert!(
        site.send(get("/login").accept(PAGE))
            .body
            .contains(r#"href="/reset""#)
    );
}
