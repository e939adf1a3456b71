//! The page at `GET /logout` and `GET /logout_all`.
//!
//! Signing out requires the button on this page, because a link or an image on another site can make a
//! browser send a `GET` request.

use maud::{Markup, html};

use crate::layout::layout;
use crate::parts::{Emphasis, sign_out_button, sign_out_everywhere_button};

/// Content of the sign-out page.
#[derive(Debug, Clone, Copy)]
pub struct SignOutPage<'a> {
    /// The name of the signed-in user.
    pub name: Option<&'a str>,
    /// Whether the page ends every session of the account or only this one.
    pub everywhere: bool,
}

/// Renders the sign-out page.
#[must_use]
pub fn sign_out_page(view: &SignOutPage<'_>) -> Markup {
    match view.name {
        Some(name) if view.everywhere => layout("Sign out everywhere", view.name, everywhere(name)),
        Some(name) => layout("Sign out", view.name, here(name)),
        None => layout("Not signed in", None, not_signed_in(view.everywhere)),
    }
}

fn here(name: &str) -> Markup {
    html! {
        div.card {
            h1 { "Sign out?" }
            p {
                "You are signed in as " b { (name) } ". This signs you out on this device. "
                "Your other devices stay signed in."
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
                "You are signed in as " b { (name) } ". This signs you out on all your devices, including "
                "this one."
            }
            div.actions {
                (sign_out_everywhere_button(Emphasis::Main))
                a.button.quiet href="/profile" { "Stay signed in" }
            }
        }
    }
}

fn not_signed_in(everywhere: bool) -> Markup {
    let sign_in_href = if everywhere {
        "/login?next=/logout_all"
    } else {
        "/login"
    };
    html! {
        div.card {
            h1 { "You are not signed in" }
            p { "This browser has no session to end." }
            @if everywhere {
                p { "Your sessions on other devices have not ended. To end them, sign in first." }
            }
            div.actions { a.button href=(sign_in_href) { "Sign in" } }
        }
    }
}
