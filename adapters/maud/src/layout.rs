//! The layout of every page: head, header with navigation, main part and footer.

use maud::{DOCTYPE, Markup, html};

use crate::assets;
use crate::parts::{Emphasis, sign_out_button};

/// Product name in titles, header and footer.
const PRODUCT: &str = "Kunci";

/// Renders a page with `main` in the layout of all pages.
///
/// `viewer` is the name of the signed-in user. With a viewer, the header links to profile and account and has
/// the button to sign out. Without one, it links to sign-in and sign-up.
///
/// ```
/// use kunci_maud::{Markup, layout};
///
/// let page = layout("Empty", Some("ada"), Markup::default()).into_string();
/// assert!(page.contains(r#"action="/logout""#));
/// ```
#[must_use]
pub fn layout(title: &str, viewer: Option<&str>, main: Markup) -> Markup {
    let viewer = viewer.map_or(Viewer::Visitor, Viewer::SignedIn);
    frame(title, viewer, main)
}

/// Who sees a page.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Viewer<'a> {
    /// A visitor who is not signed in.
    Visitor,
    /// The signed-in user with this name.
    SignedIn(&'a str),
    /// The user with this name, who must set up a second factor before using other pages.
    Restricted(&'a str),
}

impl<'a> Viewer<'a> {
    /// Returns the viewer for a user. `restricted` users must set up a second factor first.
    pub(crate) const fn user(name: &'a str, restricted: bool) -> Self {
        if restricted {
            Self::Restricted(name)
        } else {
            Self::SignedIn(name)
        }
    }

    const fn name(self) -> Option<&'a str> {
        match self {
            Self::Visitor => None,
            Self::SignedIn(name) | Self::Restricted(name) => Some(name),
        }
    }
}

/// Renders a page like [`layout`], for every kind of viewer.
pub(crate) fn frame(title: &str, viewer: Viewer<'_>, main: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(title))
            body {
                a.skip href="#main" { "Skip to content" }
                (header(viewer))
                main #main { (main) }
                (footer(viewer.name()))
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
            // Also declared here, so a dark page does not flash white before the style sheet is loaded.
            meta name="color-scheme" content="light dark";
            link rel="stylesheet" href=(assets::style().path());
            link rel="icon" type=(assets::mark().content_type) href=(assets::mark().path());
        }
    }
}

fn header(viewer: Viewer<'_>) -> Markup {
    html! {
        header.top {
            a.brand href="/" {
                // The product name follows, so the image needs no alternative text.
                img src=(assets::mark().path()) alt="" width="32" height="32";
                (PRODUCT)
            }
            nav aria-label="Main" {
                @match viewer {
                    Viewer::Visitor => {
                        a href="/login" { "Sign in" }
                        a href="/register" { "Create account" }
                    }
                    Viewer::SignedIn(_) => {
                        a href="/profile" { "Profile" }
                        a href="/account" { "Account" }
                        (sign_out_button(Emphasis::Quiet))
                    }
                    Viewer::Restricted(_) => (sign_out_button(Emphasis::Quiet))
                }
            }
        }
    }
}

fn footer(viewer: Option<&str>) -> Markup {
    html! {
        footer.bottom {
            p { "Accounts by " (PRODUCT) }
            @if let Some(name) = viewer {
                p { "Signed in as " b { (name) } }
            }
        }
    }
}
