//! The page at `/account/confirm`: re-authentication before sensitive changes.

use maud::{Markup, html};

use crate::code::CODE_HINT;
use crate::field::{Field, Kind, field};
use crate::layout::{Viewer, frame};
use crate::parts::{
    form_id, form_problem, form_problem_id, next_field, title_with_problem, username_for_password_managers,
};

/// Content of the re-authentication page.
#[derive(Debug, Clone, Copy)]
pub struct ProofPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// Target after the form was sent.
    pub next: Option<&'a str>,
    /// Whether the account has a second factor, so the form also requires a code.
    pub second_factor: bool,
    /// Whether the user must set up a second factor before using other pages.
    pub restricted: bool,
    /// Why the password was refused.
    pub password_problem: Option<&'a str>,
    /// Why the code was refused.
    pub code_problem: Option<&'a str>,
    /// Why the whole form was refused, for example after too many attempts.
    pub form_problem: Option<&'a str>,
}

/// Renders the re-authentication page.
#[must_use]
pub fn proof_page(view: &ProofPage<'_>) -> Markup {
    let main = html! {
        div.card {
            h1 { "Confirm that it is you" }
            (form_problem(view.form_problem))
            p {
                "Enter your password again before you change sensitive settings. This protects your account "
                "if someone else uses this device."
            }
            form method="post" action="/account/confirm" {
                (form_id())
                (next_field(view.next))
                (username_for_password_managers(view.name))
                (field(&password(view)))
                @if view.second_factor { (field(&code(view))) }
                button type="submit" { "Confirm" }
            }
            p.aside {
                a href="/reset" { "Forgot your password?" }
                @if !view.restricted { a href="/account" { "Back to account" } }
            }
        }
    };
    let problems = [view.form_problem, view.password_problem, view.code_problem];
    let title = title_with_problem("Confirm that it is you", &problems);
    frame(&title, Viewer::user(view.name, view.restricted), main)
}

fn password<'a>(view: &ProofPage<'a>) -> Field<'a> {
    Field {
        name: "password",
        label: "Password",
        kind: Kind::CurrentPassword,
        hint: None,
        problem: view.password_problem,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        // The password is never filled in again, so the focus is here for every problem.
        autofocus: true,
    }
}

fn code<'a>(view: &ProofPage<'a>) -> Field<'a> {
    Field {
        name: "code",
        label: "Code",
        kind: Kind::Code,
        hint: Some(CODE_HINT),
        problem: view.code_problem,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        autofocus: false,
    }
}
