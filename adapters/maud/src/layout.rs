//! The frame of every page: head, header with navigation, main part and footer.
//!
//! What stands in the main part belongs to the pages; who may see it belongs to the caller.

use maud::{DOCTYPE, Markup, html};

use crate::assets;
use crate::parts::{Emphasis, sign_out_button};

/// The name that titles, header and footer show.
const PRODUCT: &str = "Kunci";

/// Puts `main` into the frame that all pages share.
///
/// `viewer` is the name of who is signed in. With a viewer the header links to profile and account and has
/// the button to sign out; without one it links to sign-in and sign-up.
///
/// ```
/// use kunci_maud::{Markup, layout};
///
/// let page = layout("Empty", Some("ada"), Markup::default()).into_string();
/// assert!(page.contains(r#"action="/logout""#));
/// ```
#[must_use]
pub fn layout(title: &str, viewer: Option<&str>, main: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(title))
            body {
                a.skip href="#main" { "Skip to content" }
                (header(viewer))
                main #main { (main) }
                (footer(viewer))
            }
        }
    }
}

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            title { (title) " · " (PRODUCT) }
            meta name="viewport" content="width=device-width, initial-scale=1";
            // Said here too, so that a dark page does not flash white before the style sheet has come.
            meta name="color-scheme" content="light dark";
            link rel="stylesheet" href=(assets::style().path());
            link rel="icon" type=(assets::mark().content_type) href=(assets::mark().path());
        }
    }
}

fn header(viewer: Option<&str>) -> Markup {
    html! {
        header.top {
            a.brand href="/" {
                // The name beside it says the same, so the picture has no text of its own.
                img src=(assets::mark().path()) alt="" width="32" height="32";
                (PRODUCT)
            }
            nav aria-label="Main" {
                @if viewer.is_some() {
                    a href="/profile" { "Profile" }
                    a href="/account" { "Account" }
                    (sign_out_button(Emphasis::Quiet))
                } @else {
                    a href="/login" { "Sign in" }
                    a href="/register" { "Create account" }
                }
            }
        }
    }
}

fn footer(viewer: Option<&str>) -> Markup {
    html! {
        footer.bottom {
            p { (PRODUCT) " is Indonesian for key, and for lock." }
            @if let Some(name) = viewer {
                p { "Signed in as " b { (name) } }
            }
        }
    }
}
