//! The page at `/login`: name, password, and whether to stay signed in.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{
    already_signed_in, form_id, form_problem, form_problem_id, next_field, title_with_problem,
};

/// Content of the sign-in page.
#[derive(Debug, Clone, Copy)]
pub struct SignInPage<'a> {
    /// Value of the name field.
    pub name: &'a str,
    /// Target after the form was sent.
    pub next: Option<&'a str>,
    /// Whether "Keep me signed in" is ticked.
    pub remember: bool,
    /// Why the last attempt was refused. It names no field, because it must not reveal which one was wrong.
    pub problem: Option<&'a str>,
    /// Whether the user has just reset the password with a link.
    pub password_changed: bool,
    /// Whether the user has just confirmed an address with a link.
    pub address_confirmed: bool,
    /// Path of the sign-up page with `next`. The caller validates and percent-encodes it.
    pub sign_up_href: &'a str,
    /// The name of the signed-in user.
    pub viewer: Option<&'a str>,
}

/// Renders the sign-in page.
///
/// The form has a hidden field `form` with the value `page`. Browsers do not send a checkbox that is not
/// ticked, so a missing `remember` means "no" only together with this field.
#[must_use]
pub fn sign_in_page(view: &SignInPage<'_>) -> Markup {
    let main = html! {
        div.card {
            h1 { "Sign in" }
            (already_signed_in(view.viewer))
            @if view.password_changed {
                p.notice role="status" { "Your password has been changed. Sign in with the new password." }
            }
            @if view.address_confirmed {
                p.notice role="status" { "Your email address is confirmed." }
            }
            (form_problem(view.problem))
            (form(view))
            p.aside { a href="/reset" { "Forgot your password?" } }
            p.aside { "New here? " a href=(view.sign_up_href) { "Create account" } }
        }
    };
    layout(&title_with_problem("Sign in", &[view.problem]), view.viewer, main)
}

fn form(view: &SignInPage<'_>) -> Markup {
    html! {
        form method="post" action="/login" {
            (form_id())
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
