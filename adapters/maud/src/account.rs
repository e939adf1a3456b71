//! The page at `/account`: what the account holds, and where to change it.

use maud::{Markup, html};

use crate::layout::layout;
use crate::parts::{Emphasis, notices, sign_out_everywhere_button};

/// What the account page shows.
#[derive(Debug, Clone, Copy)]
pub struct AccountPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// The account's e-mail address.
    pub email: Option<&'a str>,
    /// When the password was last changed, as a finished text that completes "Changed ...".
    pub password_changed: &'a str,
    /// What the previous request has to say.
    pub notices: &'a [String],
}

/// Renders the account page.
#[must_use]
pub fn account_page(view: &AccountPage<'_>) -> Markup {
    let main = html! {
        div.wide {
            (notices(view.notices))
            h1 { "Account" }
            section.card {
                h2 { "Details" }
                dl {
                    div { dt { "Username" } dd { (view.name) } }
                    div { dt { "E-mail" } dd { (view.email.unwrap_or("Not given")) } }
                }
            }
            (security(view))
        }
    };
    layout("Account", Some(view.name), main)
}

fn security(view: &AccountPage<'_>) -> Markup {
    html! {
        section.card {
            h2 { "Security" }
            div.setting {
                div {
                    h3 { "Password" }
                    p.hint { "Changed " (view.password_changed) }
                }
                a.button.quiet href="/account/password" { "Change password" }
            }
            div.setting {
                div {
                    h3 { "All devices" }
                    p.hint { "Ends every session of this account, here too." }
                }
                (sign_out_everywhere_button(Emphasis::Quiet))
            }
        }
    }
}
