//! The page at `/account/history`: the events of the account, the latest first.
//!
//! The caller formats events, dates and devices.

use maud::{Markup, html};

use crate::layout::layout;

/// Content of the history page.
#[derive(Debug, Clone, Copy)]
pub struct HistoryPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// Events of this page.
    pub events: &'a [HistoryRow<'a>],
    /// Number of the page with newer events.
    pub newer: Option<u32>,
    /// Number of the page with older events.
    pub older: Option<u32>,
}

/// One event.
#[derive(Debug, Clone, Copy)]
pub struct HistoryRow<'a> {
    /// Time of the event.
    pub when: &'a str,
    /// Description of the event.
    pub what: &'a str,
    /// Name of the device. It is absent for actions of an operator.
    pub device: Option<&'a str>,
    /// Network address of the device.
    pub address: Option<&'a str>,
}

/// Renders the history page.
#[must_use]
pub fn history_page(view: &HistoryPage<'_>) -> Markup {
    let main = html! {
        div.wide {
            h1 { "History" }
            p {
                "If you do not recognise something, "
                a href="/account/password" { "change your password" } " and "
                a href="/account/sessions" { "check your devices" } "."
            }
            @if view.events.is_empty() {
                p.card { "There are no events yet." }
            } @else {
                ol.card.rows {
                    @for event in view.events { (row(event)) }
                }
            }
            (page_links(view))
            p.aside { a href="/account" { "Back to account" } }
        }
    };
    layout("History", Some(view.name), main)
}

fn row(event: &HistoryRow<'_>) -> Markup {
    html! {
        li.setting {
            div {
                p { (event.what) }
                p.hint {
                    (event.when)
                    @if let Some(device) = event.device { br; (device) }
                    @if let Some(address) = event.address { " from " (address) }
                }
            }
        }
    }
}

/// Renders the links to the newer and the older page.
fn page_links(view: &HistoryPage<'_>) -> Markup {
    html! {
        @if view.newer.is_some() || view.older.is_some() {
            div.actions {
                @if let Some(page) = view.newer {
                    a.button.quiet rel="prev" href={ "/account/history?page=" (page) } { "Newer" }
                }
                @if let Some(page) = view.older {
                    a.button.quiet rel="next" href={ "/account/history?page=" (page) } { "Older" }
                }
            }
        }
    }
}
