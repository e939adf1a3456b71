//! The page at `/reset`: asking for a mail with a link to choose a new password.
//!
//! Whether there is such an account is never told: what is shown after sending is the same for all.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{form_problem, form_problem_id, title_with_problem};

/// What the page for a forgotten password shows.
#[derive(Debug, Clone, Copy)]
pub struct ForgottenPage<'a> {
    /// What the field is filled with; empty at first.
    pub who: &'a str,
    /// Whether a mail was asked for just now.
    pub sent: bool,
    /// Why nothing was asked for, as when it was tried too often.
    pub form_problem: Option<&'a str>,
    /// The name of who is signed in.
    pub viewer: Option<&'a str>,
}

/// Renders the page for a forgotten password.
#[must_use]
pub fn forgotten_page(view: &ForgottenPage<'_>) -> Markup {
    if view.sent {
        return layout("Look into your mail", view.viewer, sent());
    }
    let main = html! {
        div.card {
            h1 { "Forgotten your password?" }
            (form_problem(view.form_problem))
            p { "We send a link to the confirmed address of your account, to choose a new password." }
            form method="post" action="/reset" {
                (field(&who(view)))
                button type="submit" { "Send the link" }
            }
            p.aside { "Remembered it? " a href="/login" { "Sign in" } }
        }
    };
    layout(
        &title_with_problem("Forgotten your password?", &[view.form_problem]),
        view.viewer,
        main,
    )
}

fn sent() -> Markup {
    html! {
        div.card {
            h1 { "Look into your mail" }
            p.notice role="status" { "If there is such an account, a mail is on its way." }
            p {
                "The link in it works once and only for a while. Nothing there after some minutes? Look "
                "into the folder for spam, or ask the operator of this site: mail goes only to an address "
                "that was confirmed."
            }
            div.actions {
                a.button href="/login" { "Sign in" }
                a.button.quiet href="/reset" { "Try another name" }
            }
        }
    }
}

/// A password manager fills in the name that it knows; an address does as well.
fn who<'a>(view: &ForgottenPage<'a>) -> Field<'a> {
    Field {
        name: "who",
        label: "Username or e-mail",
        kind: Kind::Username(view.who),
        hint: None,
        problem: None,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        autofocus: true,
    }
}
