//! Secrets that only a page may show.

use std::fmt;

use maud::{Markup, html};

/// Secret for one response. Its `Debug` is redacted, and it has no `Display`.
#[derive(Clone, Copy)]
pub struct Secret<'a>(pub &'a str);

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Renders a secret. A single click selects all of it.
pub(crate) fn secret(text: &str) -> Markup {
    html! { code.secret { (text) } }
}
