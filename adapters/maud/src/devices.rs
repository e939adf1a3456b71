//! The page at `/account/sessions`: where the account is signed in, and the way to end each session.
//!
//! Dates and devices arrive as finished texts, in the order in which they are to be shown.

use maud::{Markup, html};

use crate::layout::layout;
use crate::parts::{Emphasis, notices, post_button, row_button, sign_out_button, sign_out_everywhere_button};

/// What the page of devices shows.
#[derive(Debug, Clone, Copy)]
pub struct DevicesPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// The account's sessions.
    pub sessions: &'a [DeviceRow<'a>],
    /// What the previous request has to say.
    pub notices: &'a [String],
}

/// One session.
#[derive(Debug, Clone, Copy)]
pub struct DeviceRow<'a> {
    /// What ends the session when it is sent back.
    pub id: &'a str,
    /// The device in words.
    pub device: &'a str,
    /// The network address that it was last seen at.
    pub address: Option<&'a str>,
    /// When the session was signed in.
    pub started: &'a str,
    /// When it was last used.
    pub last_seen: &'a str,
    /// Whether it is the session that looks at the page.
    pub current: bool,
}

/// Renders the page of devices.
#[must_use]
pub fn devices_page(view: &DevicesPage<'_>) -> Markup {
    let has_others = view.sessions.iter().any(|session| !session.current);
    let main = html! {
        div.wide {
            (notices(view.notices))
            h1 { "Devices" }
            p { "Here this account is signed in. End what you do not recognise, then change your password." }
            ul.card.rows {
                @for session in view.sessions { (row(session)) }
            }
            div.actions {
                @if has_others {
                    (post_button("/account/sessions/end_others", "End all other sessions", Emphasis::Main))
                }
                (sign_out_everywhere_button(Emphasis::Quiet))
            }
            p.aside { a href="/account" { "Back to account" } }
        }
    };
    layout("Devices", Some(view.name), main)
}

fn row(session: &DeviceRow<'_>) -> Markup {
    html! {
        li.setting {
            div {
                h2 { (session.device) }
                @if session.current { p.here { "This device" } }
                p.hint {
                    "Signed in " (session.started) br;
                    "Last seen " (session.last_seen)
                    @if let Some(address) = session.address { br; "From " (address) }
                }
            }
            @if session.current {
                (sign_out_button(Emphasis::Quiet))
            } @else {
                (row_button("/account/sessions/end", session.id, "End session", session.device))
            }
        }
    }
}
