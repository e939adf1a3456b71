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
    let viewer = viewer.map_or(Viewer::Nobody, Viewer::SignedIn);
    frame(title, viewer, main)
}

/// Who looks at a page.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Viewer<'a> {
    /// Somebody who is not signed in.
    Nobody,
    /// Whoever has this name.
    SignedIn(&'a str),
    /// Whoever has this name and must set up a second factor first: nothing but the way out opens.
    HeldBack(&'a str),
}

impl<'a> Viewer<'a> {
    /// Whoever has proved their name, and may still be held back.
    pub(crate) const fn member(name: &'a str, held_back: bool) -> Self {
        if held_back {
            Self::HeldBack(name)
        } else {
            Self::SignedIn(name)
        }
    }

    const fn name(self) -> Option<&'a str> {
        match self {
            Self::Nobody => None,
            Self::SignedIn(name) | Self::HeldBack(name) => Some(name),
        }
    }
}

/// Does what [`layout`] does, for whoever is held back, too.
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
            // Said here too, so that a dark page does not flash white before the style sheet has come.
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
                // The name beside it says the same, so the picture has no text of its own.
                img src=(assets::mark().path()) alt="" width="32" height="32";
                (PRODUCT)
            }
            nav aria-label="Main" {
                @match viewer {
                    Viewer::Nobody => {
                        a href="/login" { "Sign in" }
                        a href="/register" { "Create account" }
                    }
                    Viewer::SignedIn(_) => {
                        a href="/profile" { "Profile" }
                        a href="/account" { "Account" }
                        (sign_out_button(Emphasis::Quiet))
                    }
                    Viewer::HeldBack(_) => (sign_out_button(Emphasis::Quiet))
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
