//! The page at `/`: what this place is, and the way in or on.

use maud::{Markup, html};

use crate::assets;
use crate::layout::layout;

/// What the home page shows.
#[derive(Debug, Clone, Copy)]
pub struct HomePage<'a> {
    /// The name of who is signed in.
    pub name: Option<&'a str>,
}

/// Renders the home page.
#[must_use]
pub fn home_page(view: &HomePage<'_>) -> Markup {
    match view.name {
        Some(name) => layout("Home", view.name, welcome(name)),
        None => layout("Home", None, introduction()),
    }
}

fn introduction() -> Markup {
    html! {
        div.hero {
            img src=(assets::mark().path()) alt="" width="96" height="96";
            h1 { "One key to everything here." }
            p.lead {
                "Kunci keeps the accounts of this site: one name and one password let you in, "
                "and you can sign out on every device at once."
            }
            div.actions {
                a.button href="/login" { "Sign in" }
                a.button.quiet href="/register" { "Create account" }
            }
        }
    }
}

fn welcome(name: &str) -> Markup {
    html! {
        div.wide {
            h1 { "Welcome, " (name) }
            ul.ways {
                li {
                    a href="/profile" {
                        b { "Profile" }
                        span { "Who you are here, and how long this session lasts" }
                    }
                }
                li {
                    a href="/account" {
                        b { "Account" }
                        span { "Your password, your second factor and your devices" }
                    }
                }
            }
        }
    }
}
