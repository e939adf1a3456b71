//! The page at `/account/history`: what happened to the account, the latest first.
//!
//! Sentences, dates and devices arrive as finished texts.

use maud::{Markup, html};

use crate::layout::layout;

/// What the page of the history shows.
#[derive(Debug, Clone, Copy)]
pub struct HistoryPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// What happened.
    pub events: &'a [HistoryRow<'a>],
    /// The number of the page with what happened after these.
    pub newer: Option<u32>,
    /// The number of the page with what happened before these.
    pub older: Option<u32>,
}

/// One thing that happened.
#[derive(Debug, Clone, Copy)]
pub struct HistoryRow<'a> {
    /// When.
    pub when: &'a str,
    /// What, as a sentence.
    pub what: &'a str,
    /// The device in words; none when an operator did it.
    pub device: Option<&'a str>,
    /// The network address of the device.
    pub address: Option<&'a str>,
}

/// Renders the page of the history.
#[must_use]
pub fn history_page(view: &HistoryPage<'_>) -> Markup {
    let main = html! {
        div.wide {
            h1 { "History" }
            p {
                "If something here was not you, "
                a href="/account/password" { "change your password" } " and "
                a href="/account/sessions" { "look through your devices" } "."
            }
            @if view.events.is_empty() {
                p.card { "Nothing is noted here." }
            } @else {
                ol.card.rows {
                    @for event in view.events { (row(event)) }
                }
            }
            (turning(view))
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

/// The links to the pages beside this one.
fn turning(view: &HistoryPage<'_>) -> Markup {
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
