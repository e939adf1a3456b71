//! The page at `/account/delete`: confirmation before the account is deleted.

use maud::{Markup, html};

use crate::layout::layout;
use crate::parts::{Emphasis, form_problem, post_button, title_with_problem};

/// Content of the page for deleting the account.
#[derive(Debug, Clone, Copy)]
pub struct DeletePage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// Why the account was not deleted.
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
                "This deletes " b { (view.name) } " with its email address, history and second factor, "
                "and signs you out on every device. This cannot be undone."
            }
            div.actions {
                (post_button("/account/delete", "Delete account", Emphasis::Final))
                a.button.quiet href="/account" { "Keep account" }
            }
        }
    };
    layout(
        &title_with_problem("Delete account", &[view.form_problem]),
        Some(view.name),
        main,
    )
}
