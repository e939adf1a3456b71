//! The page at `/register`: creating an account.
//!
//! The server validates the form. `required` and `minlength` only avoid a round trip.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{
    already_signed_in, form_id, form_problem, form_problem_id, next_field, title_with_problem, token_field,
};
use crate::secret::Secret;

/// Hint for fields with a new password.
pub(crate) const NEW_PASSWORD_HINT: &str =
    "At least 8 characters. Several words are easy to remember and hard to guess.";

/// Content of the sign-up page.
#[derive(Debug, Clone, Copy)]
pub struct SignUpPage<'a> {
    /// Whether the visitor may create an account, and of which kind.
    pub admission: Admission,
    /// Token of the invitation, which the form sends.
    pub invitation: Option<Secret<'a>>,
    /// Value of the name field.
    pub name: &'a str,
    /// Value of the email field.
    pub email: &'a str,
    /// Target after the form was sent.
    pub next: Option<&'a str>,
    /// Path of the sign-in page with `next`. The caller validates and percent-encodes it.
    pub sign_in_href: &'a str,
    /// Why the name was refused.
    pub name_problem: Option<&'a str>,
    /// Why the email address was refused.
    pub email_problem: Option<&'a str>,
    /// Why the password was refused.
    pub password_problem: Option<&'a str>,
    /// Why the whole form was refused.
    pub form_problem: Option<&'a str>,
    /// The name of the signed-in user.
    pub viewer: Option<&'a str>,
}

/// Whether the visitor may create an account, and of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Everyone may create an account.
    Open,
    /// The visitor has an invitation.
    Invited,
    /// The visitor creates the first account, which is an administrator.
    FirstAdministrator,
    /// The visitor needs an invitation and has none.
    NotInvited,
    /// Visitors cannot create accounts.
    Closed,
}

/// Renders the sign-up page.
///
/// The form has a hidden field `form` with the value `page`, by which the handler knows that a page sent it.
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
            (already_signed_in(view.viewer))
            (form_problem(view.form_problem))
            @match view.admission {
                Admission::NotInvited => p {
                    "You need an invitation to create an account. Open your invitation link in this browser, "
                    "or ask the operator of this site for one."
                }
                Admission::Closed => p {
                    "You cannot create an account here. Ask the operator of this site for one."
                }
                Admission::Open => (form(view)),
                Admission::Invited => {
                    p.notice { "You have been invited to create an account." }
                    (form(view))
                }
                Admission::FirstAdministrator => {
                    p.notice { "This is the first account. It becomes the administrator of this site." }
                    (form(view))
                }
            }
            p.aside { "Already have an account? " a href=(view.sign_in_href) { "Sign in" } }
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
            (form_id())
            input type="hidden" name="form" value="page";
            (next_field(view.next))
            @if let Some(invitation) = view.invitation { (token_field("invitation", invitation)) }
            @for one in fields(view) { (field(&one)) }
            button type="submit" { "Create account" }
        }
    }
}

/// Returns the three inputs. The first one with a problem has the focus.
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
        label: "Email",
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
