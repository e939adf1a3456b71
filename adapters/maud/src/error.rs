//! The page for error responses. It shows the message of the caller, never the cause of the error.

use maud::{Markup, html};

use crate::layout::layout;

/// Content of an error page.
#[derive(Debug, Clone, Copy)]
pub struct ErrorPage<'a> {
    /// HTTP status of the response.
    pub status: u16,
    /// What happened, in a few words.
    pub heading: &'a str,
    /// Message for the user.
    pub message: &'a str,
    /// The name of the signed-in user.
    pub viewer: Option<&'a str>,
    /// Link back. The caller validates and percent-encodes it.
    pub back_href: Option<&'a str>,
}

/// Renders an error page.
///
/// The page always links home, and also back if the caller provides a link.
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
