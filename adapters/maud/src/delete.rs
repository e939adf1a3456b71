//! The page at `/account/delete`: what deleting the account means, and the button that does it.

use maud::{Markup, html};

use crate::layout::layout;
use crate::parts::{Emphasis, form_problem, post_button, title_with_problem};

/// What the page for deleting the account shows.
#[derive(Debug, Clone, Copy)]
pub struct DeletePage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// Why it was not deleted.
    pub form_problem: Option<&'a str>,
}

/// Renders the page for deleting the account.
#[must_use]
pub fn delete_page(view: &DeletePage<'_>) -> Markup {
    let main = html! {
        div.card {
            h1 { "Delete your account?" }
            (form_problem(view.form_problem))
            p {
                "This removes " b { (view.name) } " with its address, its history and its second factor, "
                "and ends every session, here too. It cannot be undone."
            }
            div.actions {
                (post_button("/account/delete", "Delete account", Emphasis::Final))
                a.button.quiet href="/account" { "Keep it" }
            }
        }
    };
    layout(
        &title_with_problem("Delete account", &[view.form_problem]),
        Some(view.name),
        main,
    )
}
