//! The page at `/account/second-factor`: setting up, managing and turning off the second factor.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::{Viewer, frame};
use crate::parts::{
    Emphasis, form_id, form_problem, form_problem_id, notices, post_button, sign_out_button,
    title_with_problem,
};
use crate::secret::{Secret, secret};

/// Path of the QR code that the page shows during the set-up.
const QR_PATH: &str = "/account/second-factor/qr.svg";

/// Content of the page of the second factor.
#[derive(Debug, Clone, Copy)]
pub struct SecondFactorPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// State of the second factor.
    pub state: SecondFactorState<'a>,
    /// Whether the operator requires a second factor, so it cannot be turned off.
    pub required: bool,
    /// Whether the user must set up a second factor before using other pages.
    pub restricted: bool,
    /// Why the last request was refused, for example after too many attempts.
    pub form_problem: Option<&'a str>,
    /// Notices from the previous request.
    pub notices: &'a [String],
}

/// State of the second factor.
#[derive(Debug, Clone, Copy)]
pub enum SecondFactorState<'a> {
    /// The account has no second factor.
    Off,
    /// The set-up is waiting for the first code from the authenticator.
    Waiting {
        /// The secret in base 32 without spaces.
        secret: Secret<'a>,
        /// URI that opens an authenticator on this device. It must start with `otpauth://` and be
        /// percent-encoded.
        uri: Secret<'a>,
        /// Why the last code was refused.
        code_problem: Option<&'a str>,
    },
    /// Every sign-in requires a code.
    On {
        /// Formatted time of the set-up, shown after "Since".
        since: &'a str,
        /// Number of unused recovery codes.
        recovery_codes_left: usize,
    },
}

/// Renders the page of the second factor.
#[must_use]
pub fn second_factor_page(view: &SecondFactorPage<'_>) -> Markup {
    let (content, code_problem) = match view.state {
        SecondFactorState::Off => (off(), None),
        SecondFactorState::Waiting {
            secret,
            uri,
            code_problem,
        } => (waiting(view, secret, uri, code_problem), code_problem),
        SecondFactorState::On {
            since,
            recovery_codes_left,
        } => (on(view, since, recovery_codes_left), None),
    };
    let main = html! {
        div.wide {
            (notices(view.notices))
            h1 { "Second factor" }
            (form_problem(view.form_problem))
            (requirement(view))
            (content)
            (exit(view))
        }
    };
    let title = title_with_problem("Second factor", &[view.form_problem, code_problem]);
    frame(&title, Viewer::user(view.name, view.restricted), main)
}

/// Renders the notice that this site requires a second factor.
fn requirement(view: &SecondFactorPage<'_>) -> Markup {
    html! {
        @if view.restricted {
            p.notice { "This site requires a second factor. Set it up to continue." }
        } @else if view.required {
            p.notice { "This site requires a second factor." }
        }
    }
}

fn exit(view: &SecondFactorPage<'_>) -> Markup {
    html! {
        @if view.restricted {
            div.actions { (sign_out_button(Emphasis::Quiet)) }
        } @else {
            p.aside { a href="/account" { "Back to account" } }
        }
    }
}

fn off() -> Markup {
    html! {
        section.card {
            h2 { "Off" }
            p {
                "With a second factor, nobody can sign in with your password alone. Each sign-in also "
                "requires a code from an authenticator app, which shows a new code every 30 seconds."
            }
            p {
                "You need an authenticator app on your phone or computer first. Any app that supports TOTP "
                "works, even offline."
            }
            (post_button("/account/second-factor/begin", "Set up second factor", Emphasis::Main))
        }
    }
}

fn waiting(
    view: &SecondFactorPage<'_>,
    seed: Secret<'_>,
    uri: Secret<'_>,
    code_problem: Option<&str>,
) -> Markup {
    html! {
        section.card {
            h2 { "1. Add the secret to your authenticator" }
            p {
                "Scan this code with your authenticator, or "
                a href=(uri.0) { "open it on this device" } "."
            }
            img.qr src=(QR_PATH) width="240" height="240" alt="QR code with the secret shown below";
            p { "Or enter this secret:" br; (secret(&in_groups(seed.0))) }
        }
        section.card {
            h2 { "2. Enter the code that it shows" }
            form method="post" action="/account/second-factor/confirm" {
                (form_id())
                (field(&first_code(view, code_problem)))
                button type="submit" { "Turn on" }
            }
        }
    }
}

fn first_code<'a>(view: &SecondFactorPage<'_>, problem: Option<&'a str>) -> Field<'a> {
    Field {
        name: "code",
        label: "Code",
        kind: Kind::Code,
        hint: Some("Six digits. If the code is refused, check the clock of your device."),
        problem,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        // Users read the secret above first, except after a wrong code.
        autofocus: problem.is_some(),
    }
}

/// Splits a secret into groups of four characters, so users do not lose their place while typing.
fn in_groups(secret: &str) -> String {
    let mut groups = String::with_capacity(secret.len() * 5 / 4);
    for (at, letter) in secret.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            groups.push(' ');
        }
        groups.push(letter);
    }
    groups
}

fn on(view: &SecondFactorPage<'_>, since: &str, left: usize) -> Markup {
    html! {
        section.card {
            h2 { "On" }
            div.setting {
                div {
                    h3 { "Authenticator" }
                    p.hint {
                        "Since " (since)
                        @if !view.required { br; "Turning it off signs out your other devices." }
                    }
                }
                @if !view.required {
                    (post_button("/account/second-factor/disable", "Turn off", Emphasis::Quiet))
                }
            }
            div.setting {
                div {
                    h3 { "Recovery codes" }
                    p.hint {
                        (codes_left(left)) br;
                        "New codes replace the old ones and sign out your other devices."
                    }
                }
                (post_button("/account/recovery-codes", "Create new codes", Emphasis::Quiet))
            }
        }
    }
}

fn codes_left(left: usize) -> String {
    match left {
        0 => "You have none left. Without your authenticator, you cannot sign in.".to_owned(),
        1 => "You have one left.".to_owned(),
        more => format!("You have {more} left."),
    }
}
