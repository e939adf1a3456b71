//! The page at `/account/confirm`: proving once more who one is, before something weighty.

use maud::{Markup, html};

use crate::code::CODE_HINT;
use crate::field::{Field, Kind, field};
use crate::layout::{Viewer, frame};
use crate::parts::{
    form_problem, form_problem_id, next_field, title_with_problem, username_for_password_managers,
};

/// What the page for the proof shows.
#[derive(Debug, Clone, Copy)]
pub struct ProofPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// Where to go afterwards.
    pub next: Option<&'a str>,
    /// Whether the account has a second factor, so that a code is asked for, too.
    pub second_factor: bool,
    /// Whether nothing but the second factor opens, because it has to be set up first.
    pub held_back: bool,
    /// Why the password was refused.
    pub password_problem: Option<&'a str>,
    /// Why the code was refused.
    pub code_problem: Option<&'a str>,
    /// Why the whole form was refused, as when it was tried too often.
    pub form_problem: Option<&'a str>,
}

/// Renders the page for the proof.
#[must_use]
pub fn proof_page(view: &ProofPage<'_>) -> Markup {
    let main = html! {
        div.card {
            h1 { "Confirm that it is you" }
            (form_problem(view.form_problem))
            p {
                "What comes next could lock you out. Prove who you are, so that it is not somebody else "
                "who found this device open."
            }
            form method="post" action="/account/confirm" {
                (next_field(view.next))
                (username_for_password_managers(view.name))
                (field(&password(view)))
                @if view.second_factor { (field(&code(view))) }
                button type="submit" { "Confirm" }
            }
            p.aside {
                a href="/reset" { "Forgotten your password?" }
                @if !view.held_back { a href="/account" { "Back to account" } }
            }
        }
    };
    let problems = [view.form_problem, view.password_problem, view.code_problem];
    let title = title_with_problem("Confirm that it is you", &problems);
    frame(&title, Viewer::member(view.name, view.held_back), main)
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
        // A password is never filled in again, so that typing starts here whatever was refused.
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
