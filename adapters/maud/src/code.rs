//! The page at `/login/code`: the second step of signing in.
//!
//! The user is not signed in yet, so the page shows no name.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{form_id, form_problem, form_problem_id, next_field, title_with_problem};

/// Hint for fields that accept an authenticator code or a recovery code.
pub(crate) const CODE_HINT: &str = "The six digits that your authenticator shows now, or a recovery code.";

/// Content of the page for the second step.
#[derive(Debug, Clone, Copy)]
pub struct CodePage<'a> {
    /// Target after the form was sent.
    pub next: Option<&'a str>,
    /// Why the last code was refused.
    pub code_problem: Option<&'a str>,
    /// Why the whole form was refused, for example after too many attempts.
    pub form_problem: Option<&'a str>,
    /// Path of the sign-in page with `next`. The caller validates and percent-encodes it.
    pub sign_in_href: &'a str,
}

/// Renders the page for the second step.
///
/// Like the form of the first step, the form has a hidden field `form` with the value `page`.
#[must_use]
pub fn code_page(view: &CodePage<'_>) -> Markup {
    let main = html! {
        div.card {
            h1 { "Enter a code" }
            (form_problem(view.form_problem))
            p { "Your account has a second factor. Enter a code to finish signing in." }
            form method="post" action="/login/code" {
                (form_id())
                input type="hidden" name="form" value="page";
                (next_field(view.next))
                (field(&code(view)))
                button type="submit" { "Sign in" }
            }
            p.aside { "Not your account? " a href=(view.sign_in_href) { "Start again" } }
        }
    };
    let problems = [view.form_problem, view.code_problem];
    layout(&title_with_problem("Enter a code", &problems), None, main)
}

fn code<'a>(view: &CodePage<'a>) -> Field<'a> {
    Field {
        name: "code",
        label: "Code",
        kind: Kind::Code,
        hint: Some(CODE_HINT),
        problem: view.code_problem,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        autofocus: true,
    }
}
