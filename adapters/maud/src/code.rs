//! The page at `/login/code`: the second step of signing in.
//!
//! Nobody is signed in here yet, so that it shows no name. Codes are counted and checked by the receiver.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{form_problem, form_problem_id, next_field, title_with_problem};

/// What stands beside every field for a code where a recovery code does as well.
pub(crate) const CODE_HINT: &str = "The six digits that your authenticator shows now, or a recovery code.";

/// What the page for the second step shows.
#[derive(Debug, Clone, Copy)]
pub struct CodePage<'a> {
    /// Where to go afterwards.
    pub next: Option<&'a str>,
    /// Why the last code was refused.
    pub code_problem: Option<&'a str>,
    /// Why the whole form was refused, as when it was tried too often.
    pub form_problem: Option<&'a str>,
    /// The path of the sign-in page, `next` included; checked and percent-encoded by the caller.
    pub sign_in_href: &'a str,
}

/// Renders the page for the second step.
///
/// The form has a hidden field `form` with the value `page`, as the first step has.
#[must_use]
pub fn code_page(view: &CodePage<'_>) -> Markup {
    let main = html! {
        div.card {
            h1 { "Enter a code" }
            (form_problem(view.form_problem))
            p { "The first step is done. This account asks for a code, too." }
            form method="post" action="/login/code" {
                input type="hidden" name="form" value="page";
                (next_field(view.next))
                (field(&code(view)))
                button type="submit" { "Sign in" }
            }
            p.aside { "Not your account? " a href=(view.sign_in_href) { "Begin anew" } }
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
