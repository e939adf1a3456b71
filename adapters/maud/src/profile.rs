//! The page at `/profile`: the signed-in user and this session.
//!
//! The caller formats dates.

use maud::{Markup, html};

use crate::layout::layout;
use crate::parts::{Emphasis, notices, sign_out_button, sign_out_everywhere_button};

/// Content of the profile page.
#[derive(Debug, Clone, Copy)]
pub struct ProfilePage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// The account's email address.
    pub email: Option<&'a str>,
    /// Whether the user is an administrator.
    pub administrator: bool,
    /// When the account was created.
    pub member_since: &'a str,
    /// When the user signed in to this session.
    pub signed_in_since: &'a str,
    /// When this session expires without further requests.
    pub signed_in_until: &'a str,
    /// Whether this session continues after the browser closes.
    pub permanent: bool,
    /// Notices from the previous request.
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
                p.aside { a href="/account" { "Manage your account" } }
            }
            section.card {
                h2 { "This session" }
                (session(view))
                div.actions {
                    (sign_out_button(Emphasis::Main))
                    (sign_out_everywhere_button(Emphasis::Quiet))
                }
                p.hint { "Signing out everywhere includes this device." }
            }
        }
    };
    layout("Profile", Some(view.name), main)
}

fn account(view: &ProfilePage<'_>) -> Markup {
    html! {
        dl {
            div { dt { "Username" } dd { (view.name) } }
            div { dt { "Email" } dd { (view.email.unwrap_or("None")) } }
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
