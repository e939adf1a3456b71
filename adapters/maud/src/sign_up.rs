//! The page at `/register`: a new account.
//!
//! It checks nothing itself: `required` and `minlength` only spare a round trip.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{form_problem, form_problem_id, next_field, signed_in_already, title_with_problem};

/// The advice beside every field for a new password.
pub(crate) const NEW_PASSWORD_HINT: &str =
    "At least 8 characters. A few words together are easy to remember and hard to guess.";

/// What the sign-up page shows.
#[derive(Debug, Clone, Copy)]
pub struct SignUpPage<'a> {
    /// Whether an account may be made here, and of which kind.
    pub admission: Admission,
    /// What the name field is filled with; empty at first.
    pub name: &'a str,
    /// What the e-mail field is filled with; empty at first.
    pub email: &'a str,
    /// Where to go afterwards.
    pub next: Option<&'a str>,
    /// The path of the sign-in page, `next` included; checked and percent-encoded by the caller.
    pub sign_in_href: &'a str,
    /// Why the name was refused.
    pub name_problem: Option<&'a str>,
    /// Why the e-mail address was refused.
    pub email_problem: Option<&'a str>,
    /// Why the password was refused.
    pub password_problem: Option<&'a str>,
    /// Why the whole form was refused.
    pub form_problem: Option<&'a str>,
    /// The name of who is signed in already.
    pub viewer: Option<&'a str>,
}

/// Who may make an account, as far as it concerns whoever asks. An invitation itself is in a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Anybody may.
    Open,
    /// They may, by an invitation.
    Invited,
    /// They may, as the first administrator.
    FirstAdministrator,
    /// They would need an invitation and have none.
    NotInvited,
    /// Nobody may.
    Closed,
}

/// Renders the sign-up page.
#[must_use]
pub fn sign_up_page(view: &SignUpPage<'_>) -> Markup {
    let problems = [
        view.form_problem,
        view.name_problem,
        view.email_problem,
        view.password_problem,
    ];
    let main = html! {
        div.card {
            h1 { "Create account" }
            (signed_in_already(view.viewer))
            (form_problem(view.form_problem))
            @match view.admission {
                Admission::NotInvited => p {
                    "An account here takes an invitation. Open the link of your invitation in this browser, "
                    "or ask the operator of this site for one."
                }
                Admission::Closed => p { "Accounts here are made by the operator of this site." }
                Admission::Open => (form(view)),
                Admission::Invited => {
                    p.notice { "You are invited to make an account here." }
                    (form(view))
                }
                Admission::FirstAdministrator => {
                    p.notice { "This is the first account here. It will administer this site." }
                    (form(view))
                }
            }
            p.aside { "Already have one? " a href=(view.sign_in_href) { "Sign in" } }
        }
    };
    layout(
        &title_with_problem("Create account", &problems),
        view.viewer,
        main,
    )
}

fn form(view: &SignUpPage<'_>) -> Markup {
    html! {
        form method="post" action="/register" {
            (next_field(view.next))
            @for one in fields(view) { (field(&one)) }
            button type="submit" { "Create account" }
        }
    }
}

/// The three inputs; typing starts at the first one with a problem.
fn fields<'a>(view: &SignUpPage<'a>) -> [Field<'a>; 3] {
    let name_is_fine = view.name_problem.is_none();
    let email_is_fine = view.email_problem.is_none();
    let to_email = name_is_fine && !email_is_fine;
    let to_password = name_is_fine && email_is_fine && view.password_problem.is_some();
    [
        Field {
            autofocus: !to_email && !to_password,
            ..username(view)
        },
        Field {
            autofocus: to_email,
            ..email(view)
        },
        Field {
            autofocus: to_password,
            ..password(view)
        },
    ]
}

fn username<'a>(view: &SignUpPage<'a>) -> Field<'a> {
    Field {
        name: "username",
        label: "Username",
        kind: Kind::Username(view.name),
        hint: None,
        problem: view.name_problem,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        autofocus: false,
    }
}

fn email<'a>(view: &SignUpPage<'a>) -> Field<'a> {
    Field {
        name: "email",
        label: "E-mail",
        kind: Kind::Email(view.email),
        hint: None,
        problem: view.email_problem,
        explained_by: None,
        required: false,
        autofocus: false,
    }
}

fn password<'a>(view: &SignUpPage<'a>) -> Field<'a> {
    Field {
        name: "password",
        label: "Password",
        kind: Kind::NewPassword,
        hint: Some(NEW_PASSWORD_HINT),
        problem: view.password_problem,
        explained_by: None,
        required: true,
        autofocus: false,
    }
}
