//! The page at `/account/second-factor`: what it is, setting it up, and what there is to do with it later.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::{Viewer, frame};
use crate::parts::{
    Emphasis, form_problem, form_problem_id, notices, post_button, sign_out_button, title_with_problem,
};
use crate::secret::{Secret, secret};

/// The path of the QR code that the page shows while a first code is awaited.
const QR_PATH: &str = "/account/second-factor/qr.svg";

/// What the page of the second factor shows.
#[derive(Debug, Clone, Copy)]
pub struct SecondFactorPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// How far it has come.
    pub state: SecondFactorState<'a>,
    /// Whether the operator asks for one, so that it cannot be switched off.
    pub required: bool,
    /// Whether nothing else opens before it is set up.
    pub held_back: bool,
    /// Why the last request was refused, as when it was tried too often.
    pub form_problem: Option<&'a str>,
    /// What the previous request has to say.
    pub notices: &'a [String],
}

/// How far the second factor has come.
#[derive(Debug, Clone, Copy)]
pub enum SecondFactorState<'a> {
    /// There is none.
    Off,
    /// The authenticator has yet to show that it has the secret.
    Waiting {
        /// The secret in base 32, without spaces.
        secret: Secret<'a>,
        /// The address that opens an authenticator on this device. It must begin with `otpauth://` and be
        /// percent-encoded.
        uri: Secret<'a>,
        /// Why the last code was refused.
        code_problem: Option<&'a str>,
    },
    /// It is asked for at every sign-in.
    On {
        /// Since when, as a finished text that completes "Since ...".
        since: &'a str,
        /// How many recovery codes were not used yet.
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
            (demand(view))
            (content)
            (way_out(view))
        }
    };
    let title = title_with_problem("Second factor", &[view.form_problem, code_problem]);
    frame(&title, Viewer::member(view.name, view.held_back), main)
}

/// Says that the operator asks for a second factor, to whom it concerns.
fn demand(view: &SecondFactorPage<'_>) -> Markup {
    html! {
        @if view.held_back {
            p.notice { "This site asks for a second factor. Set one up to go on; nothing else opens before." }
        } @else if view.required {
            p.notice { "This site asks for a second factor." }
        }
    }
}

fn way_out(view: &SecondFactorPage<'_>) -> Markup {
    html! {
        @if view.held_back {
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
                "With it, your password alone lets nobody in: each sign-in also takes a code that an "
                "authenticator on your phone or computer makes anew every 30 seconds."
            }
            p { "You need such an app first. Any that can do TOTP will do, and it needs no network." }
            (post_button("/account/second-factor/begin", "Set it up", Emphasis::Main))
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
            h2 { "1. Tell your authenticator" }
            p { "Scan this with it, or " a href=(uri.0) { "open it on this device" } "." }
            img.qr src=(QR_PATH) width="240" height="240" alt="QR code with the secret that stands below";
            p { "Or type this in:" br; (secret(&in_groups(seed.0))) }
        }
        section.card {
            h2 { "2. Enter the code that it shows" }
            form method="post" action="/account/second-factor/confirm" {
                (field(&first_code(view, code_problem)))
                button type="submit" { "Switch on" }
            }
        }
    }
}

fn first_code<'a>(view: &SecondFactorPage<'_>, problem: Option<&'a str>) -> Field<'a> {
    Field {
        name: "code",
        label: "Code",
        kind: Kind::Code,
        hint: Some("Six digits. If they are refused, see whether the clock of your device is right."),
        problem,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        // The secret above comes first, unless it is known already.
        autofocus: problem.is_some(),
    }
}

/// A long secret in groups of four, so that one finds one's place again while typing it.
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
                        @if !view.required { br; "Switching it off ends all your other sessions." }
                    }
                }
                @if !view.required {
                    (post_button("/account/second-factor/disable", "Switch off", Emphasis::Quiet))
                }
            }
            div.setting {
                div {
                    h3 { "Recovery codes" }
                    p.hint {
                        (codes_left(left)) br;
                        "New ones make the old ones void and end all your other sessions."
                    }
                }
                (post_button("/account/recovery-codes", "Make new codes", Emphasis::Quiet))
            }
        }
    }
}

fn codes_left(left: usize) -> String {
    match left {
        0 => "None is left: without your authenticator you could not sign in.".to_owned(),
        1 => "One is left.".to_owned(),
        more => format!("{more} are left."),
    }
}
