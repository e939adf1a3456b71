//! A text that may be shown on a page and nowhere else.

use std::fmt;

use maud::{Markup, html};

/// A secret that a view hands over for this one answer: it has a redacted `Debug` and no `Display`.
#[derive(Clone, Copy)]
pub struct Secret<'a>(pub &'a str);

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Shows a secret so that one press selects it as a whole.
pub(crate) fn secret(text: &str) -> Markup {
    html! { code.secret { (text) } }
}
