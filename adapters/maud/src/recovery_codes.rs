//! The page that shows recovery codes, in the answer that made them and never again.

use maud::{Markup, html};

use crate::layout::layout;
use crate::secret::{Secret, secret};

/// What the page of recovery codes shows.
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
                    "Each of these codes lets you sign in once, with your password, when your "
                    "authenticator is lost. Print this page or put them into your password manager: "
                    b { "they are shown only now." }
                }
                p { "For " b { (view.name) } ":" }
                ol.codes {
                    @for code in view.codes { li { (secret(code.0)) } }
                }
                p.hint { "Codes of before do not work any more. Cross out what you have used." }
                div.actions { a.button href="/account/second-factor" { "I have kept them" } }
            }
        }
    };
    layout("Recovery codes", Some(view.name), main)
}
