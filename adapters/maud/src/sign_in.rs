//! The page at `/login`: name, password, and whether to stay signed in.
//!
//! Whether the password is right, and whether `next` is a place of ours, is decided by the receiver.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{form_problem, form_problem_id, next_field, signed_in_already, title_with_problem};

/// What the sign-in page shows.
#[derive(Debug, Clone, Copy)]
pub struct SignInPage<'a> {
    /// What the name field is filled with; empty at first.
    pub name: &'a str,
    /// Where to go afterwards.
    pub next: Option<&'a str>,
    /// Whether "Keep me signed in" is ticked.
    pub remember: bool,
    /// Why the last attempt was refused. It names no field, because it must not tell which one was wrong.
    pub problem: Option<&'a str>,
    /// Whether a new password was chosen by a link just now.
    pub password_changed: bool,
    /// Whether an address was confirmed by a link just now.
    pub address_confirmed: bool,
    /// The path of the sign-up page, `next` included; checked and percent-encoded by the caller.
    pub sign_up_href: &'a str,
    /// The name of who is signed in already.
    pub viewer: Option<&'a str>,
}

/// Renders the sign-in page.
///
/// The form has a hidden field `form` with the value `page`: a browser sends nothing for a box that is not
/// ticked, so only a form that says it had the box can mean "no" by leaving `remember` out.
#[must_use]
pub fn sign_in_page(view: &SignInPage<'_>) -> Markup {
    let main = html! {
        div.card {
            h1 { "Sign in" }
            (signed_in_already(view.viewer))
            @if view.password_changed {
                p.notice role="status" { "Your password has been changed. Sign in with the new one." }
            }
            @if view.address_confirmed {
                p.notice role="status" { "Your e-mail address is confirmed." }
            }
            (form_problem(view.problem))
            (form(view))
            p.aside { a href="/reset" { "Forgotten your password?" } }
            p.aside { "New here? " a href=(view.sign_up_href) { "Create account" } }
        }
    };
    layout(&title_with_problem("Sign in", &[view.problem]), view.viewer, main)
}

fn form(view: &SignInPage<'_>) -> Markup {
    html! {
        form method="post" action="/login" {
            input type="hidden" name="form" value="page";
            (next_field(view.next))
            (field(&username(view)))
            (field(&password(view)))
            label.check for="remember" {
                input #remember name="remember" type="checkbox" value="on" checked[view.remember];
                "Keep me signed in on this device"
            }
            button type="submit" { "Sign in" }
        }
    }
}

fn username<'a>(view: &SignInPage<'a>) -> Field<'a> {
    Field {
        name: "username",
        label: "Username",
        kind: Kind::Username(view.name),
        hint: None,
        problem: None,
        explained_by: form_problem_id(view.problem),
        required: true,
        autofocus: view.name.is_empty(),
    }
}

fn password<'a>(view: &SignInPage<'a>) -> Field<'a> {
    Field {
        name: "password",
        label: "Password",
        kind: Kind::CurrentPassword,
        hint: None,
        problem: None,
        explained_by: form_problem_id(view.problem),
        required: true,
        autofocus: !view.name.is_empty(),
    }
}
