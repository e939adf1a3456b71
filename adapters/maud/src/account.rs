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
    /// Whether mail is known to arrive there.
    pub email_confirmed: bool,
    /// When the password was last changed, as a finished text that completes "Changed ...".
    pub password_changed: &'a str,
    /// Since when the account has a second factor, as a finished text that completes "On since ...".
    pub second_factor_since: Option<&'a str>,
    /// Whether the account administers this site.
    pub administrator: bool,
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
                div.setting {
                    div {
                        h3 { "Username" }
                        p.hint { (view.name) }
                    }
                }
                (setting("E-mail", &address(view), "/account/email", "Change e-mail"))
            }
            (security(view))
            (activity())
            @if view.administrator { (administration()) }
            (ending())
        }
    };
    layout("Account", Some(view.name), main)
}

fn address(view: &AccountPage<'_>) -> String {
    match view.email {
        None => "Not given".to_owned(),
        Some(email) if view.email_confirmed => format!("{email}, confirmed"),
        Some(email) => format!("{email}, not confirmed yet"),
    }
}

fn security(view: &AccountPage<'_>) -> Markup {
    let password = format!("Changed {}", view.password_changed);
    let (second_factor, label) = match view.second_factor_since {
        Some(since) => (format!("On since {since}"), "See second factor"),
        None => (
            "Off: your password alone lets you in.".to_owned(),
            "Set up second factor",
        ),
    };
    html! {
        section.card {
            h2 { "Security" }
            (setting("Password", &password, "/account/password", "Change password"))
            (setting("Second factor", &second_factor, "/account/second-factor", label))
        }
    }
}

fn activity() -> Markup {
    html! {
        section.card {
            h2 { "Activity" }
            (setting("Devices", "Where this account is signed in.", "/account/sessions", "See devices"))
            (setting("History", "What happened to this account.", "/account/history", "See history"))
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

fn administration() -> Markup {
    html! {
        section.card {
            h2 { "Administration" }
            (setting("Invitations", "Others make accounts by them.", "/admin/invitations", "See invitations"))
        }
    }
}

fn ending() -> Markup {
    html! {
        section.card {
            h2 { "Leaving" }
            (setting("This account", "With all that belongs to it.", "/account/delete", "Delete account"))
        }
    }
}

/// One thing that can be changed: its name, how it stands, and the way to its page.
fn setting(name: &str, state: &str, href: &str, label: &str) -> Markup {
    html! {
        div.setting {
            div {
                h3 { (name) }
                p.hint { (state) }
            }
            a.button.quiet href=(href) { (label) }
        }
    }
}
