//! The page for every answer that is an error.
//!
//! It shows the fixed sentences that the caller chose; the cause of an error belongs in the log, not here.

use maud::{Markup, html};

use crate::layout::layout;

/// What an error page shows.
#[derive(Debug, Clone, Copy)]
pub struct ErrorPage<'a> {
    /// The HTTP status of the answer.
    pub status: u16,
    /// What happened, in a few words.
    pub heading: &'a str,
    /// What to do about it.
    pub message: &'a str,
    /// The name of who is signed in.
    pub viewer: Option<&'a str>,
    /// Where one may go back to; checked and percent-encoded by the caller.
    pub back_href: Option<&'a str>,
}

/// Renders an error page.
///
/// There is always a way on: back where the caller knows one, else home.
#[must_use]
pub fn error_page(view: &ErrorPage<'_>) -> Markup {
    let main = html! {
        div.card {
            p.status { "Error " (view.status) }
            h1 { (view.heading) }
            p { (view.message) }
            div.actions {
                @if let Some(back_href) = view.back_href {
                    a.button href=(back_href) { "Go back" }
                    a.button.quiet href="/" { "Home" }
                } @else {
                    a.button href="/" { "Home" }
                }
            }
        }
    };
    layout(view.heading, view.viewer, main)
}
