//! The page at `/`: an introduction for visitors, and links for signed-in users.

use maud::{Markup, html};

use crate::assets;
use crate::layout::layout;

/// Content of the home page.
#[derive(Debug, Clone, Copy)]
pub struct HomePage<'a> {
    /// The name of the signed-in user.
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
            h1 { "One account for this site" }
            p.lead {
                "Sign in with one username and one password. You can see your devices and sign out on all of "
                "them at once."
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
                        span { "Your details, and how long you stay signed in" }
                    }
                }
                li {
                    a href="/account" {
                        b { "Account" }
                        span { "Your password, second factor and devices" }
                    }
                }
            }
        }
    }
}
