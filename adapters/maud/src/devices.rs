//! The page at `/account/sessions`: the devices that are signed in to the account.
//!
//! The caller formats dates and devices, and chooses their order.

use maud::{Markup, html};

use crate::layout::layout;
use crate::parts::{Emphasis, notices, post_button, row_button, sign_out_button, sign_out_everywhere_button};

/// Content of the page of devices.
#[derive(Debug, Clone, Copy)]
pub struct DevicesPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// The sessions of this page.
    pub sessions: &'a [DeviceRow<'a>],
    /// Address of the next page of sessions.
    pub next_href: Option<&'a str>,
    /// Notices from the previous request.
    pub notices: &'a [String],
}

/// One session.
#[derive(Debug, Clone, Copy)]
pub struct DeviceRow<'a> {
    /// Public id of the session, which the form to end it sends back.
    pub id: &'a str,
    /// Name of the device.
    pub device: &'a str,
    /// Network address at which the device was last seen.
    pub address: Option<&'a str>,
    /// When the user signed in.
    pub started: &'a str,
    /// When the session was last used.
    pub last_seen: &'a str,
    /// Whether the session is the one of this request.
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
            p {
                "These devices are signed in to your account. Sign out any that you do not recognise, then "
                "change your password."
            }
            ul.card.rows {
                @for session in view.sessions { (row(session)) }
            }
            @if let Some(next) = view.next_href {
                div.actions { a.button.quiet rel="next" href=(next) { "More" } }
            }
            div.actions {
                @if has_others {
                    (post_button("/account/sessions/end_others", "Sign out other devices", Emphasis::Main))
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
                (row_button("/account/sessions/end", session.id, "Sign out", session.device))
            }
        }
    }
}
