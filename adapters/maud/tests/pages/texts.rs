//! Texts and links on which users and other tests rely.

use crate::html::{tags, text_of};
use crate::states::{Sample, states};

/// Checks the title and the first heading of each state.
#[track_caller]
fn check(rows: &[(&str, &str, &str)]) {
    let states = states(&Sample::realistic());
    for (name, title, heading) in rows {
        let page = states
            .iter()
            .find(|state| state.name == *name)
            .map_or("", |state| &state.page.0);
        let want = format!("{title} · Kunci");
        assert_eq!(
            (text_of(page, "title"), text_of(page, "h1")),
            (Some(want.as_str()), Some(*heading)),
            "{name}"
        );
    }
}

/// Returns whether a state shows a text.
fn shows(name: &str, text: &str) -> bool {
    states(&Sample::realistic())
        .iter()
        .any(|state| state.name == name && state.page.0.contains(text))
}

#[test]
fn titles_and_headings_name_the_page() {
    check(&[
        ("home", "Home", "One account for this site"),
        ("home-signed-in", "Home", "Welcome, ada"),
        ("sign-in", "Sign in", "Sign in"),
        ("sign-in-wrong", "Error: Sign in", "Sign in"),
        ("sign-up", "Create account", "Create account"),
        ("sign-up-email", "Error: Create account", "Create account"),
        ("profile", "Profile", "Welcome, ada"),
        ("account", "Account", "Account"),
        ("password", "Change password", "Change password"),
        ("password-new", "Error: Change password", "Change password"),
        ("sign-out", "Sign out", "Sign out?"),
        (
            "sign-out-everywhere",
            "Sign out everywhere",
            "Sign out everywhere?",
        ),
        ("sign-out-nobody", "Not signed in", "You are not signed in"),
        ("error", "There is nothing here", "There is nothing here"),
        ("code-wrong", "Error: Enter a code", "Enter a code"),
        ("forgotten", "Forgot your password?", "Forgot your password?"),
        ("forgotten-sent", "Check your email", "Check your email"),
        ("link-confirm", "Confirm address", "Confirm your address?"),
        (
            "link-password-new",
            "Error: Choose a new password",
            "Choose a new password",
        ),
        ("link-sign-in", "Sign in with a link", "Sign in with this link?"),
        (
            "link-dead",
            "This link no longer works",
            "This link no longer works",
        ),
        ("devices", "Devices", "Devices"),
        ("email-refused", "Error: Email", "Email"),
        ("second-factor", "Second factor", "Second factor"),
        ("second-factor-wrong", "Error: Second factor", "Second factor"),
        ("recovery-codes", "Recovery codes", "Recovery codes"),
        (
            "proof-code",
            "Error: Confirm that it is you",
            "Confirm that it is you",
        ),
        ("history", "History", "History"),
        ("delete-form", "Error: Delete account", "Delete your account?"),
        ("invitations-uses", "Error: Invitations", "Invitations"),
    ]);
}

#[test]
fn notices_are_announced_politely() {
    let notice = r#"<p class="notice" role="status">Your password has been changed.</p>"#;
    for name in ["profile-full", "account-full"] {
        assert!(shows(name, notice), "{name}");
    }
    assert!(!shows("profile", "role=\"status\""));
}

#[test]
fn profile_shows_the_actual_state() {
    assert!(shows("profile-full", "Administrator"));
    assert!(!shows("profile", "Administrator"));
    assert!(shows("profile-full", "You stay signed in"));
    assert!(shows("profile", "You are signed out"));
    assert!(shows("profile", "<dd>None</dd>"));
}

#[test]
fn every_page_has_a_way_on() {
    let rows = [
        ("home", "/login"),
        ("home", "/register"),
        ("home-signed-in", "/profile"),
        ("home-signed-in", "/account"),
        ("sign-in", "/wiki?page=Home"),
        ("sign-up", "/wiki?page=Home"),
        ("sign-in", "/reset"),
        ("code", "/wiki?page=Home"),
        ("forgotten", "/login"),
        ("forgotten-sent", "/reset"),
        ("link-dead", "/reset"),
        ("account", "/account/password"),
        ("account", "/account/email"),
        ("account", "/account/second-factor"),
        ("account", "/account/sessions"),
        ("account", "/account/history"),
        ("account", "/account/delete"),
        ("account-full", "/admin/invitations"),
        ("devices", "/account"),
        ("email", "/account"),
        ("second-factor", "/account"),
        ("recovery-codes", "/account/second-factor"),
        ("proof", "/account"),
        ("history-middle", "/account/history?page=1"),
        ("history-middle", "/account/history?page=3"),
        ("delete", "/account"),
        ("invitations", "/account"),
        ("password", "/account"),
        ("sign-out", "/profile"),
        ("sign-out-nobody", "/login"),
        ("sign-out-everywhere-nobody", "/login?next=/logout_all"),
        ("error", "/"),
        ("error-back", "/wiki?page=Home"),
    ];
    let states = states(&Sample::realistic());
    for (name, href) in rows {
        let page = states
            .iter()
            .find(|state| state.name == name)
            .map_or("", |state| &state.page.0);
        let main = page.split("<main").nth(1).unwrap_or_default();
        let main = main.split("</main>").next().unwrap_or_default();
        assert!(
            tags(main).iter().any(|tag| tag.is("a", "href", href)),
            "{name} has no link to {href}"
        );
    }
}

#[test]
fn session_pages_offer_sign_out_everywhere() {
    for name in ["profile", "account", "devices", "sign-out-everywhere"] {
        assert!(
            shows(name, r#"<form method="post" action="/logout_all">"#),
            "{name}"
        );
    }
}
