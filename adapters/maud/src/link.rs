//! The page at `/link`: a button that performs the action of a link from an email or an operator.
//!
//! Programs that scan emails follow every link, so opening this page changes nothing. The token is in a hidden
//! field of the form, not in the address.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{
    already_signed_in, form_id, form_problem, form_problem_id, title_with_problem, token_field,
    username_for_password_managers,
};
use crate::secret::Secret;
use crate::sign_up::NEW_PASSWORD_HINT;

/// Content of the page of a link.
#[derive(Debug, Clone, Copy)]
pub struct LinkPage<'a> {
    /// Purpose of the link.
    pub link: Link<'a>,
    /// Token of the link, which the form sends. It is empty for a dead link.
    pub token: Secret<'a>,
    /// The name of the user who is signed in, if the link is for another account.
    pub other_user: Option<&'a str>,
    /// Why the action was refused, for example after too many attempts.
    pub form_problem: Option<&'a str>,
    /// The name of the signed-in user.
    pub viewer: Option<&'a str>,
}

/// Purpose of a link.
#[derive(Debug, Clone, Copy)]
pub enum Link<'a> {
    /// Confirms an email address.
    ConfirmAddress {
        /// The address, if the page may show it.
        address: Option<&'a str>,
    },
    /// Replaces a forgotten password.
    ChoosePassword {
        /// The account's name, if the page may show it.
        name: Option<&'a str>,
        /// Why the new password was refused, for example because the repetition differs.
        new_problem: Option<&'a str>,
    },
    /// Signs in once without the password.
    SignIn {
        /// The account's name, if the page may show it.
        name: Option<&'a str>,
    },
    /// The link was used, replaced or withdrawn, or has expired.
    Dead,
}

/// Renders the page of a link.
#[must_use]
pub fn link_page(view: &LinkPage<'_>) -> Markup {
    let (title, main) = match view.link {
        Link::ConfirmAddress { address } => ("Confirm address", confirm_address(view, address)),
        Link::ChoosePassword { name, new_problem } => {
            ("Choose a new password", choose_password(view, name, new_problem))
        }
        Link::SignIn { name } => ("Sign in with a link", sign_in(view, name)),
        Link::Dead => ("This link no longer works", dead()),
    };
    let new_problem = match view.link {
        Link::ChoosePassword { new_problem, .. } => new_problem,
        _ => None,
    };
    let title = title_with_problem(title, &[view.form_problem, new_problem]);
    layout(&title, view.viewer, main)
}

fn confirm_address(view: &LinkPage<'_>, address: Option<&str>) -> Markup {
    html! {
        div.card {
            h1 { "Confirm your address?" }
            (for_another_account(view.other_user))
            (form_problem(view.form_problem))
            p {
                @match address {
                    Some(address) => { "This confirms that you receive email at " b { (address) } "." }
                    None => "This confirms that you receive email at your address."
                }
            }
            (submit_form(view, "Confirm address"))
            p.hint { "If you did not request this, close this page. Nothing has changed." }
        }
    }
}

fn choose_password(view: &LinkPage<'_>, name: Option<&str>, new_problem: Option<&str>) -> Markup {
    html! {
        div.card {
            h1 { "Choose a new password" }
            (for_another_account(view.other_user))
            (form_problem(view.form_problem))
            p {
                "This changes "
                @match name {
                    Some(name) => { "the password of " b { (name) } }
                    None => "your password"
                }
                " and signs out every device of this account. Then sign in with the new password."
            }
            form method="post" action="/link" {
                (form_id())
                (token_field("token", view.token))
                @if let Some(name) = name { (username_for_password_managers(name)) }
                @for one in passwords(view, new_problem) { (field(&one)) }
                button type="submit" { "Change password" }
            }
        }
    }
}

fn passwords<'a>(view: &LinkPage<'a>, new_problem: Option<&'a str>) -> [Field<'a>; 2] {
    let new = Field {
        name: "new_password",
        label: "New password",
        kind: Kind::NewPassword,
        hint: Some(NEW_PASSWORD_HINT),
        problem: new_problem,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        autofocus: true,
    };
    let repeat = Field {
        name: "repeat_password",
        label: "Repeat new password",
        kind: Kind::NewPassword,
        hint: None,
        problem: None,
        explained_by: None,
        required: true,
        autofocus: false,
    };
    [new, repeat]
}

fn sign_in(view: &LinkPage<'_>, name: Option<&str>) -> Markup {
    html! {
        div.card {
            h1 { "Sign in with this link?" }
            (already_signed_in(view.other_user))
            (form_problem(view.form_problem))
            p {
                "This link signs you in once, without your password."
                @if let Some(name) = name { " It signs you in as " b { (name) } "." }
                " You stay signed in until you close the browser."
            }
            (submit_form(view, "Sign in"))
        }
    }
}

/// Renders the notice for a user who is signed in and opens a link for another account.
fn for_another_account(other_user: Option<&str>) -> Markup {
    html! {
        @if let Some(name) = other_user {
            p.notice { "You are signed in as " b { (name) } ". This link is for another account." }
        }
    }
}

fn submit_form(view: &LinkPage<'_>, label: &str) -> Markup {
    html! {
        form method="post" action="/link" {
            (form_id())
            (token_field("token", view.token))
            div.actions { button type="submit" { (label) } }
        }
    }
}

fn dead() -> Markup {
    html! {
        div.card {
            h1 { "This link no longer works" }
            p {
                "It was used, replaced by a newer link, or has expired. Look for a newer email, or request "
                "another link."
            }
            div.actions {
                a.button href="/" { "Home" }
                a.button.quiet href="/reset" { "Forgot your password?" }
            }
        }
    }
}
