//! Rules for forms: accessibility, password managers and field names.

use kunci_maud::FORM_ID;

use crate::html::{Tag, tags, visible_inputs};
use crate::states::{Sample, states};

/// Checks every visible input of every state.
#[track_caller]
fn check_inputs(holds: impl Fn(&Tag<'_>, &[Tag<'_>]) -> bool) {
    for state in states(&Sample::realistic()) {
        let tags = tags(&state.page.0);
        for input in visible_inputs(&tags) {
            assert!(holds(input, &tags), "{}: {input:?}", state.name);
        }
    }
}

/// Returns the page of one state.
fn page(name: &str) -> String {
    let state = states(&Sample::realistic())
        .into_iter()
        .find(|state| state.name == name);
    state.map(|state| state.page.0).unwrap_or_default()
}

/// Checks that exactly one element of each state has the focus, and its id.
#[track_caller]
fn check_focus(rows: &[(&str, &str)]) {
    for (name, want) in rows {
        let page = page(name);
        let tags = tags(&page);
        let focused: Vec<&str> = tags
            .iter()
            .filter(|tag| tag.get("autofocus").is_some())
            .filter_map(|tag| tag.get("id"))
            .collect();
        assert_eq!(focused, [*want], "{name}");
    }
}

#[test]
fn every_input_has_a_label() {
    check_inputs(|input, tags| {
        let id = input.get("id").unwrap_or_default();
        !id.is_empty() && tags.iter().any(|tag| tag.is("label", "for", id))
    });
}

#[test]
fn every_input_has_its_type_and_autocomplete_token() {
    check_inputs(|input, _| {
        let got = (input.get("type"), input.get("autocomplete"));
        match input.get("id").unwrap_or_default() {
            "username" | "account-name" | "who" => got == (Some("text"), Some("username")),
            "email" => got == (Some("email"), Some("email")),
            "current_password" => got == (Some("password"), Some("current-password")),
            "new_password" | "repeat_password" => got == (Some("password"), Some("new-password")),
            "password" => matches!(got, (Some("password"), Some("current-password" | "new-password"))),
            "code" => got == (Some("text"), Some("one-time-code")),
            "uses" | "days" => got == (Some("number"), None),
            "remember" => got == (Some("checkbox"), None),
            _ => false,
        }
    });
}

#[test]
fn sign_in_takes_the_current_and_sign_up_a_new_password() {
    for (name, want) in [("sign-in", "current-password"), ("sign-up", "new-password")] {
        let page = page(name);
        let tags = tags(&page);
        let password = tags.iter().find(|tag| tag.is("input", "id", "password"));
        assert_eq!(
            password.and_then(|tag| tag.get("autocomplete")),
            Some(want),
            "{name}"
        );
    }
}

#[test]
fn passwords_and_codes_are_never_refilled_or_cut() {
    check_inputs(|input, _| {
        let once = input.get("autocomplete") == Some("one-time-code");
        !(once || input.get("type") == Some("password"))
            || (input.get("value").is_none() && input.get("maxlength").is_none())
    });
}

#[test]
fn no_form_disables_password_managers() {
    for state in states(&Sample::realistic()) {
        let tags = tags(&state.page.0);
        assert!(
            !tags.iter().any(|tag| tag.get("autocomplete") == Some("off")),
            "{}",
            state.name
        );
    }
}

#[test]
fn names_and_codes_are_not_corrected() {
    check_inputs(|input, _| {
        let prose = !matches!(
            input.get("autocomplete"),
            Some("username" | "email" | "one-time-code")
        );
        prose || (input.get("autocapitalize"), input.get("spellcheck")) == (Some("none"), Some("false"))
    });
}

#[test]
fn problems_are_linked_to_their_inputs() {
    check_inputs(|input, tags| {
        let problem = format!("{}-problem", input.get("id").unwrap_or_default());
        let shown = tags.iter().any(|tag| tag.get("id") == Some(&problem));
        let described = input
            .get("aria-describedby")
            .unwrap_or_default()
            .split(' ')
            .any(|id| id == problem);
        let invalid = input.get("aria-invalid") == Some("true");
        shown == described && shown == invalid
    });
}

#[test]
fn form_problems_are_alerts_that_an_input_refers_to() {
    let names = [
        "sign-in-wrong",
        "sign-up-form",
        "password-form",
        "code-form",
        "forgotten-form",
        "link-password-form",
        "email-form",
        "proof-form",
        "second-factor-form",
        "invitations-form",
    ];
    for name in names {
        let page = page(name);
        let tags = tags(&page);
        assert!(
            tags.iter()
                .any(|tag| tag.is("p", "role", "alert") && tag.get("id") == Some("form-problem"))
        );
        let refers = |tag: &Tag<'_>| {
            let ids = tag.get("aria-describedby").unwrap_or_default();
            tag.name == "input" && ids.split(' ').any(|id| id == "form-problem")
        };
        assert!(tags.iter().any(refers), "{name}");
        assert!(page.contains("<title>Error: "), "{name}");
    }
}

#[test]
fn focus_is_on_the_first_input_to_fill_in() {
    check_focus(&[
        ("sign-in", "username"),
        ("sign-in-wrong", "password"),
        ("sign-up", "username"),
        ("sign-up-all", "username"),
        ("sign-up-email", "email"),
        ("sign-up-password", "password"),
        ("sign-up-form", "username"),
        ("password", "current_password"),
        ("password-current", "current_password"),
        ("password-new", "new_password"),
        ("password-form", "current_password"),
        ("code", "code"),
        ("forgotten", "who"),
        ("link-password", "new_password"),
        ("link-password-new", "new_password"),
        ("email-refused", "email"),
        ("proof-both", "password"),
        ("proof-code", "password"),
        ("second-factor-wrong", "code"),
        ("invitations-uses", "uses"),
        ("invitations-days", "days"),
    ]);
}

#[test]
fn forms_use_post_and_unique_field_names() {
    for state in states(&Sample::realistic()) {
        for form in state.page.0.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            assert!(form.starts_with(" method=\"post\""), "{}: {form}", state.name);
            let tags = tags(form);
            let mut names: Vec<&str> = tags.iter().filter_map(|tag| tag.get("name")).collect();
            let sent = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), sent, "{}: {names:?}", state.name);
        }
    }
}

#[test]
fn every_form_has_the_field_for_its_id() {
    for state in states(&Sample::realistic()) {
        for form in state.page.0.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            let field = format!(r#"<input type="hidden" name="{FORM_ID}" value="">"#);
            assert!(form.contains(&field), "{}: {form}", state.name);
        }
    }
}

#[test]
fn forms_have_the_fields_that_handlers_read() {
    let rows: [(&str, &[&str]); 16] = [
        (
            "sign-in-next",
            &["form", "next", "username", "password", "remember"],
        ),
        ("sign-in", &["form", "username", "password", "remember"]),
        (
            "sign-up-signed-in",
            &["form", "next", "username", "email", "password"],
        ),
        (
            "sign-up-invited",
            &["form", "invitation", "username", "email", "password"],
        ),
        (
            "password",
            &["current_password", "new_password", "repeat_password"],
        ),
        ("code-wrong", &["form", "next", "code"]),
        ("code", &["form", "code"]),
        ("forgotten", &["who"]),
        ("link-confirm", &["token"]),
        ("link-sign-in", &["token"]),
        ("link-password", &["token", "new_password", "repeat_password"]),
        ("email", &["email"]),
        ("proof", &["password"]),
        ("proof-both", &["next", "password", "code"]),
        ("second-factor-waiting", &["code"]),
        ("invitations", &["uses", "days"]),
    ];
    for (name, want) in rows {
        let page = page(name);
        let tags = tags(&page);
        let inputs = tags.iter().filter(|tag| tag.name == "input");
        let names = inputs.filter_map(|tag| tag.get("name"));
        let names: Vec<&str> = names.filter(|name| *name != FORM_ID).collect();
        assert_eq!(names, want, "{name}");
    }
}

#[test]
fn remember_checkbox_follows_the_view() {
    for (name, want) in [("sign-in", true), ("sign-in-wrong", false)] {
        let page = page(name);
        let tags = tags(&page);
        let ticked = tags
            .iter()
            .any(|tag| tag.is("input", "value", "on") && tag.get("checked").is_some());
        assert_eq!(ticked, want, "{name}");
        assert!(
            tags.iter()
                .any(|tag| tag.is("input", "name", "form") && tag.get("value") == Some("page"))
        );
    }
}
