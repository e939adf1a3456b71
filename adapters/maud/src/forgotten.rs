//! The page at `/reset`: requesting an email with a link to choose a new password.
//!
//! The page does not reveal whether an account exists: the text after sending is always the same.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{form_id, form_problem, form_problem_id, title_with_problem};

/// Content of the page for a forgotten password.
#[derive(Debug, Clone, Copy)]
pub struct ForgottenPage<'a> {
    /// Value of the field.
    pub who: &'a str,
    /// Whether the user has just requested an email.
    pub sent: bool,
    /// Why the request was refused, for example after too many attempts.
    pub form_problem: Option<&'a str>,
    /// The name of the signed-in user.
    pub viewer: Option<&'a str>,
}

/// Renders the page for a forgotten password.
#[must_use]
pub fn forgotten_page(view: &ForgottenPage<'_>) -> Markup {
    if view.sent {
        return layout("Check your email", view.viewer, sent());
    }
    let main = html! {
        div.card {
            h1 { "Forgot your password?" }
            (form_problem(view.form_problem))
            p { "We send a link to choose a new password to the confirmed address of your account." }
            form method="post" action="/reset" {
                (form_id())
                (field(&who(view)))
                button type="submit" { "Send link" }
            }
            p.aside { "Remember your password? " a href="/login" { "Sign in" } }
        }
    };
    layout(
        &title_with_problem("Forgot your password?", &[view.form_problem]),
        view.viewer,
        main,
    )
}

fn sent() -> Markup {
    html! {
        div.card {
            h1 { "Check your email" }
            p.notice role="status" { "If there is such an account, an email is on its way." }
            p {
                "The link works once and expires after some time. If nothing arrives within a few minutes, "
                "check your spam folder or ask the operator of this site. We only send email to confirmed "
                "addresses."
            }
            div.actions {
                a.button href="/login" { "Sign in" }
                a.button.quiet href="/reset" { "Try another name" }
            }
        }
    }
}

/// The field accepts a name or an address. Its kind lets password managers fill in the name.
fn who<'a>(view: &ForgottenPage<'a>) -> Field<'a> {
    Field {
        name: "who",
        label: "Username or email",
        kind: Kind::Username(view.who),
        hint: None,
        problem: None,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        autofocus: true,
    }
}
