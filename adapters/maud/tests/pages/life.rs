//! Contents and form actions of the account pages in each state.

use kunci_maud::Secret;

use crate::html::{Tag, tags};
use crate::states::{Sample, states};

/// Returns the main part of one state.
fn main_of(name: &str) -> String {
    let states = states(&Sample::realistic());
    let state = states.iter().find(|state| state.name == name);
    let page = state.map_or("", |state| &state.page.0);
    let main = page.split_once("<main").map_or("", |(_, rest)| rest);
    main.split("</main>").next().unwrap_or_default().to_owned()
}

/// Checks the actions of the forms of each state, in document order.
#[track_caller]
fn check_actions(rows: &[(&str, &[&str])]) {
    for (name, want) in rows {
        let main = main_of(name);
        let tags = tags(&main);
        let forms = tags.iter().filter(|tag| tag.name == "form");
        let actions: Vec<&str> = forms.filter_map(|tag| tag.get("action")).collect();
        assert_eq!(actions, *want, "{name}");
    }
}

/// Checks whether states show texts.
#[track_caller]
fn check_shown(rows: &[(&str, &str, bool)]) {
    for (name, text, want) in rows {
        let main = main_of(name);
        assert!(!main.is_empty(), "{name}");
        assert_eq!(main.contains(text), *want, "{name}: {text}");
    }
}

#[test]
fn forms_post_to_their_handlers() {
    check_actions(&[
        ("code", &["/login/code"]),
        ("forgotten", &["/reset"]),
        ("link-confirm", &["/link"]),
        ("link-password", &["/link"]),
        ("link-sign-in", &["/link"]),
        ("email", &["/account/email"]),
        ("email-waiting", &["/account/email/resend", "/account/email"]),
        ("email-confirmed", &["/account/email"]),
        ("second-factor", &["/account/second-factor/begin"]),
        ("second-factor-waiting", &["/account/second-factor/confirm"]),
        (
            "second-factor-on",
            &["/account/second-factor/disable", "/account/recovery-codes"],
        ),
        ("proof", &["/account/confirm"]),
        ("history-middle", &[]),
        ("delete", &["/account/delete"]),
        ("invitations", &["/admin/invitations"]),
    ]);
}

#[test]
fn dead_links_and_sent_mails_have_no_form() {
    check_actions(&[("link-dead", &[]), ("forgotten-sent", &[])]);
}

#[test]
fn sign_up_form_requires_admission() {
    check_actions(&[
        ("sign-up", &["/register"]),
        ("sign-up-invited", &["/register"]),
        ("sign-up-first", &["/register"]),
        ("sign-up-not-invited", &[]),
        ("sign-up-closed", &[]),
    ]);
    check_shown(&[
        (
            "sign-up-first",
            "It becomes the administrator of this site.",
            true,
        ),
        (
            "sign-up-invited",
            "It becomes the administrator of this site.",
            false,
        ),
        ("sign-up-not-invited", "You need an invitation", true),
        ("sign-up-closed", "You cannot create an account here.", true),
    ]);
}

#[test]
fn link_for_another_account_says_who_is_signed_in() {
    for (page, another) in [
        ("link-confirm", "link-confirm-another"),
        ("link-password", "link-password-another"),
        ("link-sign-in", "link-sign-in-another"),
    ] {
        let notice = "You are signed in as <b>ada</b>.";
        check_shown(&[(page, notice, false), (another, notice, true)]);
    }
}

#[test]
fn every_device_can_be_signed_out() {
    check_actions(&[
        ("devices", &["/logout", "/logout_all"]),
        (
            "devices-several",
            &[
                "/logout",
                "/account/sessions/end",
                "/account/sessions/end",
                "/account/sessions/end_others",
                "/logout_all",
            ],
        ),
    ]);
    check_shown(&[
        ("devices-several", "This device", true),
        ("devices-several", r#"name="id" value="3f9c2a71d05e""#, true),
    ]);
}

#[test]
fn row_buttons_name_their_row() {
    let rows = [
        ("devices-several", "Sign out", "Samsung Internet on Android"),
        ("invitations-made", "Withdraw", "3f9c2a71d05e"),
    ];
    for (name, label, row) in rows {
        let button = format!("{label}<span class=\"hidden\"> {row}</span></button>");
        check_shown(&[(name, &button, true)]);
    }
}

#[test]
fn required_second_factor_cannot_be_turned_off() {
    check_actions(&[("second-factor-required", &["/account/recovery-codes"])]);
    check_shown(&[
        (
            "second-factor-required",
            "This site requires a second factor.",
            true,
        ),
        ("second-factor", "This site requires a second factor.", false),
    ]);
}

#[test]
fn restricted_users_see_why_and_can_sign_out() {
    check_actions(&[(
        "second-factor-restricted",
        &["/account/second-factor/begin", "/logout"],
    )]);
    check_shown(&[
        ("second-factor-restricted", "Set it up to continue.", true),
        ("proof-restricted", "Back to account", false),
    ]);
}

#[test]
fn secret_is_shown_as_qr_code_text_and_link() {
    let main = main_of("second-factor-waiting");
    assert!(main.contains("<code class=\"secret\">JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP</code>"));
    let tags = tags(&main);
    let picture = |tag: &Tag<'_>| {
        tag.is("img", "src", "/account/second-factor/qr.svg")
            && tag.get("alt").is_some_and(|alt| !alt.is_empty())
    };
    assert!(tags.iter().any(picture));
    let opens = |tag: &Tag<'_>| {
        tag.name == "a"
            && tag
                .get("href")
                .is_some_and(|href| href.starts_with("otpauth://totp/"))
    };
    assert!(tags.iter().any(opens));
}

#[test]
fn page_shows_the_number_of_recovery_codes_left() {
    check_shown(&[
        ("second-factor-on", "You have 10 left.", true),
        ("second-factor-required", "You have one left.", true),
        ("second-factor-none-left", "You have none left.", true),
    ]);
}

#[test]
fn recovery_codes_are_listed_with_instructions() {
    let main = main_of("recovery-codes");
    assert_eq!(main.matches("<li><code class=\"secret\">").count(), 10);
    assert!(main.contains("they are shown only once."));
}

#[test]
fn recovery_codes_are_visible_in_print() {
    let style = String::from_utf8_lossy(kunci_maud::assets::style().bytes).into_owned();
    let print = style.split("@media print").nth(1).unwrap_or_default();
    let hidden = print.split("{ display: none; }").next().unwrap_or_default();
    let hidden = hidden.rsplit('}').next().unwrap_or_default();
    let main = main_of("recovery-codes");
    let codes = main.split("</ol>").next().unwrap_or_default();
    let tags = tags(codes);
    for selector in hidden.split(',').filter_map(|one| one.split_whitespace().last()) {
        let shown = |tag: &Tag<'_>| match selector.strip_prefix('.') {
            Some(class) => tag.get("class") == Some(class),
            None => tag.name == selector,
        };
        assert!(!tags.iter().any(shown), "{selector}");
    }
    assert!(hidden.contains("nav, form"), "{hidden}");
}

#[test]
fn invitation_link_is_shown_only_when_created() {
    check_shown(&[
        ("invitations-made", "https://kunci.example.org/link?token=", true),
        ("invitations", "token=", false),
    ]);
}

#[test]
fn history_links_to_newer_and_older_pages() {
    check_shown(&[
        (
            "history-middle",
            r#"rel="prev" href="/account/history?page=1">Newer"#,
            true,
        ),
        (
            "history-middle",
            r#"rel="next" href="/account/history?page=3">Older"#,
            true,
        ),
        ("history", "?page=", false),
    ]);
}

#[test]
fn account_shows_the_state_of_its_settings() {
    check_shown(&[
        ("account", "<p class=\"hint\">None</p>", true),
        ("account", "Off. You sign in with your password alone.", true),
        ("account", "/admin/invitations", false),
        ("account-waiting", "ada@example.org, not confirmed yet", true),
        ("account-full", "ada@example.org, confirmed", true),
        ("account-full", "On since", true),
    ]);
}

#[test]
fn sign_in_page_confirms_what_a_link_did() {
    check_shown(&[
        ("sign-in-confirmed", "Your email address is confirmed.", true),
        ("sign-in", "Your email address is confirmed.", false),
        ("sign-in-changed", "Your password has been changed.", true),
        ("sign-in", "Your password has been changed.", false),
    ]);
}

#[test]
fn secret_debug_is_redacted() {
    assert_eq!(format!("{:?}", Secret("JBSWY3DP")), "Secret(..)");
}
