//! What the pages of an account's life show in which state, and where their buttons lead.

use kunci_maud::Secret;

use crate::html::{Tag, tags};
use crate::states::{Sample, states};

/// The main part of one state.
fn main_of(name: &str) -> String {
    let states = states(&Sample::realistic());
    let state = states.iter().find(|state| state.name == name);
    let page = state.map_or("", |state| &state.page.0);
    let main = page.split_once("<main").map_or("", |(_, rest)| rest);
    main.split("</main>").next().unwrap_or_default().to_owned()
}

/// Where the forms of a state lead, in the order in which they stand.
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

/// Whether a state shows a text.
#[track_caller]
fn check_shown(rows: &[(&str, &str, bool)]) {
    for (name, text, want) in rows {
        let main = main_of(name);
        assert!(!main.is_empty(), "{name}");
        assert_eq!(main.contains(text), *want, "{name}: {text}");
    }
}

#[test]
fn forms_lead_where_their_receivers_are() {
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
fn a_dead_link_and_a_sent_mail_leave_nothing_to_send() {
    check_actions(&[("link-dead", &[]), ("forgotten-sent", &[])]);
}

#[test]
fn a_form_to_sign_up_is_there_only_for_whom_it_would_work() {
    check_actions(&[
        ("sign-up", &["/register"]),
        ("sign-up-invited", &["/register"]),
        ("sign-up-first", &["/register"]),
        ("sign-up-not-invited", &[]),
        ("sign-up-closed", &[]),
    ]);
    check_shown(&[
        ("sign-up-first", "It will administer this site.", true),
        ("sign-up-invited", "It will administer this site.", false),
        ("sign-up-not-invited", "takes an invitation", true),
        ("sign-up-closed", "made by the operator", true),
    ]);
}

#[test]
fn every_other_session_can_be_ended_and_this_one_signed_out() {
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
fn a_button_of_a_row_says_to_which_row_it_belongs() {
    let rows = [
        ("devices-several", "End session", "Samsung Internet on Android"),
        ("invitations-made", "Withdraw", "3f9c2a71d05e"),
    ];
    for (name, label, row) in rows {
        let button = format!("{label}<span class=\"hidden\"> {row}</span></button>");
        check_shown(&[(name, &button, true)]);
    }
}

#[test]
fn a_second_factor_that_is_required_cannot_be_switched_off() {
    check_actions(&[("second-factor-required", &["/account/recovery-codes"])]);
    check_shown(&[
        (
            "second-factor-required",
            "This site asks for a second factor.",
            true,
        ),
        ("second-factor", "This site asks for a second factor.", false),
    ]);
}

#[test]
fn whoever_is_held_back_is_told_so_and_can_sign_out() {
    check_actions(&[(
        "second-factor-held-back",
        &["/account/second-factor/begin", "/logout"],
    )]);
    check_shown(&[
        ("second-factor-held-back", "nothing else opens before", true),
        ("proof-held-back", "Back to account", false),
    ]);
}

#[test]
fn the_secret_is_shown_as_a_picture_as_text_in_groups_and_as_a_link() {
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
fn the_number_of_recovery_codes_that_are_left_is_told() {
    check_shown(&[
        ("second-factor-on", "10 are left.", true),
        ("second-factor-required", "One is left.", true),
        ("second-factor-none-left", "None is left:", true),
    ]);
}

#[test]
fn recovery_codes_are_listed_one_by_one_with_what_to_do_with_them() {
    let main = main_of("recovery-codes");
    assert_eq!(main.matches("<li><code class=\"secret\">").count(), 10);
    assert!(main.contains("they are shown only now."));
}

#[test]
fn recovery_codes_are_printed() {
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
fn an_invitation_is_shown_only_in_the_answer_that_made_it() {
    check_shown(&[
        ("invitations-made", "https://kunci.example.org/link?token=", true),
        ("invitations", "token=", false),
    ]);
}

#[test]
fn the_history_is_turned_towards_newer_and_older_pages() {
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
fn the_account_says_how_things_stand() {
    check_shown(&[
        ("account", "Not given", true),
        ("account", "Off: your password alone lets you in.", true),
        ("account", "/admin/invitations", false),
        ("account-waiting", "ada@example.org, not confirmed yet", true),
        ("account-full", "ada@example.org, confirmed", true),
        ("account-full", "On since", true),
    ]);
}

#[test]
fn what_was_done_by_a_link_is_told_before_signing_in() {
    check_shown(&[
        ("sign-in-confirmed", "Your e-mail address is confirmed.", true),
        ("sign-in", "Your e-mail address is confirmed.", false),
        ("sign-in-changed", "Your password has been changed.", true),
        ("sign-in", "Your password has been changed.", false),
    ]);
}

#[test]
fn a_secret_is_not_written_by_debug() {
    assert_eq!(format!("{:?}", Secret("JBSWY3DP")), "Secret(..)");
}
