//! The page with new recovery codes, which is shown only in the response that creates them.

use maud::{Markup, html};

use crate::layout::layout;
use crate::secret::{Secret, secret};

/// Content of the page of recovery codes.
#[derive(Debug, Clone, Copy)]
pub struct RecoveryCodesPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// The codes.
    pub codes: &'a [Secret<'a>],
}

/// Renders the page of recovery codes.
#[must_use]
pub fn recovery_codes_page(view: &RecoveryCodesPage<'_>) -> Markup {
    let main = html! {
        div.wide {
            h1 { "Recovery codes" }
            div.card {
                p {
                    "If you lose your authenticator, sign in with your password and one of these codes. "
                    "Each code works once. Print this page or save the codes in your password manager: "
                    b { "they are shown only once." }
                }
                p { "For " b { (view.name) } ":" }
                ol.codes {
                    @for code in view.codes { li { (secret(code.0)) } }
                }
                p.hint { "Older codes no longer work. Cross out each code after you use it." }
                div.actions { a.button href="/account/second-factor" { "I have saved the codes" } }
            }
        }
    };
    layout("Recovery codes", Some(view.name), main)
}
