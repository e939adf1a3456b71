//! The page at `/account/password`: changing the password.

use maud::{Markup, html};

use crate::field::{Field, Kind, field};
use crate::layout::layout;
use crate::parts::{
    form_id, form_problem, form_problem_id, title_with_problem, username_for_password_managers,
};
use crate::sign_up::NEW_PASSWORD_HINT;

/// Content of the page for changing the password.
#[derive(Debug, Clone, Copy)]
pub struct PasswordPage<'a> {
    /// The account's name.
    pub name: &'a str,
    /// Why the current password was refused.
    pub current_problem: Option<&'a str>,
    /// Why the new password was refused, for example because the repetition differs.
    pub new_problem: Option<&'a str>,
    /// Why the whole form was refused.
    pub form_problem: Option<&'a str>,
}

/// Renders the page for changing the password.
#[must_use]
pub fn password_page(view: &PasswordPage<'_>) -> Markup {
    let problems = [view.form_problem, view.current_problem, view.new_problem];
    let main = html! {
        div.card {
            h1 { "Change password" }
            (form_problem(view.form_problem))
            form method="post" action="/account/password" {
                (form_id())
                (username_for_password_managers(view.name))
                @for one in fields(view) { (field(&one)) }
                button type="submit" { "Change password" }
            }
            p.aside { a href="/account" { "Back to account" } }
        }
    };
    layout(
        &title_with_problem("Change password", &problems),
        Some(view.name),
        main,
    )
}

/// Returns the three inputs. The first one with a problem has the focus.
fn fields<'a>(view: &PasswordPage<'a>) -> [Field<'a>; 3] {
    let to_new = view.current_problem.is_none() && view.new_problem.is_some();
    let current = Field {
        name: "current_password",
        label: "Current password",
        kind: Kind::CurrentPassword,
        hint: None,
        problem: view.current_problem,
        explained_by: form_problem_id(view.form_problem),
        required: true,
        autofocus: !to_new,
    };
    let new = Field {
        name: "new_password",
        label: "New password",
        kind: Kind::NewPassword,
        hint: Some(NEW_PASSWORD_HINT),
        problem: view.new_problem,
        explained_by: None,
        required: true,
        autofocus: to_new,
    };
    let repeat = Field {
        name: "repeat_password",
        label: "Repeat new password",
        kind: Kind::NewPassword,
        hint: None,
        problem: None,
        explained_by: None,
        required: true,
        autofocus: false,
    };
    [current, new, repeat]
}
