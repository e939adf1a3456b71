//! The page at `/account`: the overview of the account, with links to its settings.

use maud::{Markup, html};

use crate::layout::layout;
use crate::parts::{Emphasis, notices, sign_out_everywhere_button};

/// Content of the account page.
#[derive(Debug, Clone, Copy)]
pub struct AccountPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// The account's email address.
    pub email: Option<&'a str>,
    /// Whether the address is confirmed.
    pub email_confirmed: bool,
    /// Formatted time of the last password change, shown after "Changed".
    pub password_changed: &'a str,
    /// Formatted time since when the account has a second factor, shown after "On since".
    pub second_factor_since: Option<&'a str>,
    /// Whether the user is an administrator.
    pub administrator: bool,
    /// Notices from the previous request.
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
                (setting("Email", &address(view), "/account/email", "Change email"))
            }
            (security(view))
            (activity())
            @if view.administrator { (administration()) }
            (deletion())
        }
    };
    layout("Account", Some(view.name), main)
}

fn address(view: &AccountPage<'_>) -> String {
    match view.email {
        None => "None".to_owned(),
        Some(email) if view.email_confirmed => format!("{email}, confirmed"),
        Some(email) => format!("{email}, not confirmed yet"),
    }
}

fn security(view: &AccountPage<'_>) -> Markup {
    let password = format!("Changed {}", view.password_changed);
    let (second_factor, label) = match view.second_factor_since {
        Some(since) => (format!("On since {since}"), "Manage second factor"),
        None => (
            "Off. You sign in with your password alone.".to_owned(),
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
            (setting("Devices", "Devices signed in to your account.", "/account/sessions", "Manage devices"))
            (setting("History", "Recent events of your account.", "/account/history", "View history"))
            div.setting {
                div {
                    h3 { "All devices" }
                    p.hint { "Sign out of your account on every device, including this one." }
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
            (setting("Invitations", "Links to create an account.", "/admin/invitations", "Manage invitations"))
        }
    }
}

fn deletion() -> Markup {
    html! {
        section.card {
            h2 { "Delete account" }
            (setting("Account", "Removes the account and all its data.", "/account/delete", "Delete account"))
        }
    }
}

/// Renders a setting with its name, its state and the link to its page.
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
