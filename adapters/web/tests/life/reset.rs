//! Password reset: one response for every name, and a mail only to confirmed addresses.

use kunci_domain::ports::Clock;
use kunci_domain::use_cases::set_standing;
use kunci_domain::{Role, Standing, Username};

use crate::support::{
    ACCEPT_HEADERS, JSON, NEW_PASSWORD, PAGE, Site, TEXT, TestResponse, add_user_with_email, form, get, json,
    link_form, operator, sign_in_form,
};

const SENT: &str = "If there is such an account, an email is on its way";

fn site() -> Site {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    site.confirm_email("ada", "ada@example.org");
    add_user_with_email(&site, "bob", "bob@example.org");
    site.add_user("eve", Role::Member);
    site.confirm_email("eve", "eve@example.org");
    let eve = Username::parse("eve").unwrap();
    set_standing(
        &site.core,
        &operator(),
        &eve,
        Standing::Disabled,
        site.clock.now(),
    )
    .unwrap();
    drop(site.postbox.take());
    site
}

fn request_reset(site: &Site, who: &str, accept: &str) -> TestResponse {
    site.send(form("/reset", &[("who", who)]).accept(accept))
}

#[test]
fn reset_response_does_not_reveal_accounts() {
    for accept in ACCEPT_HEADERS {
        let known = request_reset(&site(), "ada", accept);
        assert_eq!(known.status, 200);
        match accept {
            TEXT => assert_eq!(known.body, format!("{SENT}\n")),
            JSON => assert_eq!(known.json(), serde_json::json!({"message": SENT})),
            _ => assert!(known.body.contains("an email is on its way"), "{}", known.body),
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
            assert_eq!(request_reset(&site(), who, accept), known, "{who} as {accept}");
        }
    }
    let program = site().send(json("POST", "/api/v1/reset", r#"{"who":"nobody"}"#));
    assert_eq!(
        program,
        site().send(json("POST", "/api/v1/reset", r#"{"who":"ada"}"#))
    );
}

#[test]
fn reset_mail_goes_only_to_confirmed_addresses() {
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
        request_reset(&site, who, TEXT);
        let sent = (site.postbox.take().len(), site.postbox.dropped());
        assert_eq!(
            sent,
            (mails, 1 - mails),
            "{who}: every request composes one mail and sends or drops it"
        );
    }
}

#[test]
fn forgotten_password_can_be_reset_by_mail() {
    let site = site();
    request_reset(&site, "ada", PAGE);
    let link = site.take_mailed_link();
    let fields = [("new_password", NEW_PASSWORD), ("repeat_password", NEW_PASSWORD)];
    assert_eq!(site.send(link_form(&link, &fields).accept(PAGE)).status, 303);
    let notices = site.take_notices();
    assert_eq!(
        notices,
        [(
            "ada@example.org".to_owned(),
            kunci_domain::EventKind::PasswordReset
        )]
    );
    assert_eq!(site.send(sign_in_form("ada", NEW_PASSWORD)).status, 200);
}

#[test]
fn reset_keeps_the_second_factor() {
    let site = site();
    site.add_second_factor("ada");
    request_reset(&site, "ada", TEXT);
    let link = site.take_mailed_link();
    assert_eq!(
        site.send(link_form(&link, &[("new_password", NEW_PASSWORD)]))
            .status,
        200
    );
    assert_eq!(
        site.send(sign_in_form("ada", NEW_PASSWORD)).body,
        "Enter the code from your authenticator\n"
    );
}

#[test]
fn failing_mailer_does_not_reveal_accounts() {
    let message = "Email cannot be sent at the moment; try again later";
    for accept in ACCEPT_HEADERS {
        let answers = ["ada", "nobody"].map(|who| {
            let site = site();
            site.postbox.set_fails(true);
            request_reset(&site, who, accept)
        });
        assert_eq!(answers[0], answers[1], "as {accept}");
        assert_eq!((answers[0].status, answers[0].header("retry-after")), (503, "5"));
        assert!(answers[0].body.contains(message), "{}", answers[0].body);
    }
}

#[test]
fn reset_form_is_public() {
    let site = site();
    let page = site.send(get("/reset").accept(PAGE));
    assert!(page.status == 200 && page.body.contains(r#"action="/reset""#));
    assert!(
        site.send(get("/login").accept(PAGE))
            .body
            .contains(r#"href="/reset""#)
    );
}
