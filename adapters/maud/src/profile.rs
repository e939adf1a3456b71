//! The page at `/profile`: who one is, and what this session is.
//!
//! Dates arrive as finished texts, since only the caller knows the clock and the way to write a date.

use maud::{Markup, html};

use crate::layout::layout;
use crate::parts::{Emphasis, notices, sign_out_button, sign_out_everywhere_button};

/// What the profile page shows.
#[derive(Debug, Clone, Copy)]
pub struct ProfilePage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// The account's e-mail address.
    pub email: Option<&'a str>,
    /// Whether the account administers this site.
    pub administrator: bool,
    /// When the account was made.
    pub member_since: &'a str,
    /// When this session was signed in.
    pub signed_in_since: &'a str,
    /// When this session ends if nothing more happens.
    pub signed_in_until: &'a str,
    /// Whether this session outlives the browser window.
    pub permanent: bool,
    /// What the previous request has to say.
    pub notices: &'a [String],
}

/// Renders the profile page.
#[must_use]
pub fn profile_page(view: &ProfilePage<'_>) -> Markup {
    let main = html! {
        div.wide {
            (notices(view.notices))
            h1 { "Welcome, " (view.name) }
            section.card {
                h2 { "You" }
                (account(view))
                p.aside { a href="/account" { "Change your account" } }
            }
            section.card {
                h2 { "This session" }
                (session(view))
                div.actions {
                    (sign_out_button(Emphasis::Main))
                    (sign_out_everywhere_button(Emphasis::Quiet))
                }
                p.hint { "Everywhere means every device that is signed in to this account, this one too." }
            }
        }
    };
    layout("Profile", Some(view.name), main)
}

fn account(view: &ProfilePage<'_>) -> Markup {
    html! {
        dl {
            div { dt { "Username" } dd { (view.name) } }
            div { dt { "E-mail" } dd { (view.email.unwrap_or("Not given")) } }
            @if view.administrator {
                div { dt { "Role" } dd { "Administrator" } }
            }
            div { dt { "Member since" } dd { (view.member_since) } }
        }
    }
}

fn session(view: &ProfilePage<'_>) -> Markup {
    let on_close = if view.permanent {
        "You stay signed in"
    } else {
        "You are signed out"
    };
    html! {
        dl {
            div { dt { "Signed in since" } dd { (view.signed_in_since) } }
            div { dt { "Signed in until" } dd { (view.signed_in_until) } }
            div { dt { "When the browser closes" } dd { (on_close) } }
        }
    }
}
