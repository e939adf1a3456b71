//! The page at `/link`: what a link from a mail or an operator is good for, behind a button.
//!
//! Programs that scan mails follow every link in them, so looking at this page changes nothing. The token
//! itself is in a cookie; it stands neither in the page nor in its address.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{form_problem, form_problem_id, title_with_problem, username_for_password_managers};
use crate::sign_up::NEW_PASSWORD_HINT;

/// What the page of a link shows.
#[derive(Debug, Clone, Copy)]
pub struct LinkPage<'a> {
    /// What the link is good for.
    pub link: Link<'a>,
    /// Why it was not done, as when it was tried too often.
    pub form_problem: Option<&'a str>,
    /// The name of who is signed in.
    pub viewer: Option<&'a str>,
}

/// What a link is good for.
#[derive(Debug, Clone, Copy)]
pub enum Link<'a> {
    /// Mail to the address arrives.
    ConfirmAddress {
        /// The address, where it may be shown.
        address: Option<&'a str>,
    },
    /// The password was forgotten.
    ChoosePassword {
        /// The account's name, for password managers, where it may be shown.
        name: Option<&'a str>,
        /// Why the new password was refused, also when it was not repeated exactly.
        new_problem: Option<&'a str>,
    },
    /// The link stands for the password, once.
    SignIn {
        /// The account's name, where it may be shown.
        name: Option<&'a str>,
    },
    /// It was used, replaced or withdrawn, or has expired.
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
        Link::SignIn { name } => ("Sign in by link", sign_in(view, name)),
        Link::Dead => ("This link does not work any more", dead()),
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
            (form_problem(view.form_problem))
            p {
                @match address {
                    Some(address) => { "This shows that mail to " b { (address) } " reaches you." }
                    None => "This shows that mail to your address reaches you."
                }
            }
            (act("Confirm address"))
            p.hint { "You asked for nothing? Then close this page: nothing has happened." }
        }
    }
}

fn choose_password(view: &LinkPage<'_>, name: Option<&str>, new_problem: Option<&str>) -> Markup {
    html! {
        div.card {
            h1 { "Choose a new password" }
            (form_problem(view.form_problem))
            p { "It ends every session of the account; then you sign in with the new password." }
            form method="post" action="/link" {
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
        label: "New password again",
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
            h1 { "Sign in by link?" }
            (form_problem(view.form_problem))
            p {
                "This link stands for your password, once."
                @if let Some(name) = name { " It signs you in as " b { (name) } "." }
                " You stay signed in until the browser closes."
            }
            (act("Sign in"))
        }
    }
}

fn act(label: &str) -> Markup {
    html! {
        form method="post" action="/link" {
            div.actions { button type="submit" { (label) } }
        }
    }
}

fn dead() -> Markup {
    html! {
        div.card {
            h1 { "This link does not work any more" }
            p {
                "It was used before, a newer one took its place, or it is too old. Look for a newer mail, "
                "or ask for another link where you got this one."
            }
            div.actions {
                a.button href="/" { "Home" }
                a.button.quiet href="/reset" { "Forgotten your password?" }
            }
        }
    }
}
