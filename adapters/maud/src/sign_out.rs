//! The page that `GET /logout` and `GET /logout_all` show.
//!
//! A link or an image elsewhere can make a browser send a `GET`, so signing out takes the button here.

use maud::{Markup, html};

use crate::layout::layout;
use crate::parts::{Emphasis, sign_out_button, sign_out_everywhere_button};

/// What the sign-out page shows.
#[derive(Debug, Clone, Copy)]
pub struct SignOutPage<'a> {
    /// The name of who is signed in.
    pub name: Option<&'a str>,
    /// Whether the page is about every session of the account or about this one.
    pub everywhere: bool,
}

/// Renders the sign-out page.
#[must_use]
pub fn sign_out_page(view: &SignOutPage<'_>) -> Markup {
    match view.name {
        Some(name) if view.everywhere => layout("Sign out everywhere", view.name, everywhere(name)),
        Some(name) => layout("Sign out", view.name, here(name)),
        None => layout("Not signed in", None, nobody()),
    }
}

fn here(name: &str) -> Markup {
    html! {
        div.card {
            h1 { "Sign out?" }
            p {
                "You are signed in as " b { (name) } ". Signing out ends the session on this device; "
                "your other devices stay signed in."
            }
            div.actions {
                (sign_out_button(Emphasis::Main))
                a.button.quiet href="/profile" { "Stay signed in" }
            }
        }
    }
}

fn everywhere(name: &str) -> Markup {
    html! {
        div.card {
            h1 { "Sign out everywhere?" }
            p {
                "You are signed in as " b { (name) } ". This ends every session of your account: "
                "on this device and on all others."
            }
            div.actions {
                (sign_out_everywhere_button(Emphasis::Main))
                a.button.quiet href="/profile" { "Stay signed in" }
            }
        }
    }
}

fn nobody() -> Markup {
    html! {
        div.card {
            h1 { "You are not signed in" }
            p { "There is no session to end in this browser." }
            div.actions { a.button href="/login" { "Sign in" } }
        }
    }
}
