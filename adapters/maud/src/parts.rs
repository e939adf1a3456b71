//! Parts that several pages share: notices, form problems, hidden fields and one-button forms.

use maud::{Markup, html};

use crate::secret::Secret;

/// Id of the problem of a whole form, to which inputs refer.
pub(crate) const FORM_PROBLEM_ID: &str = "form-problem";

/// Name of the hidden field with the id of a form.
///
/// The pages render it without a value. The server gives the forms of each response a new id, by which it knows
/// the form when it is sent twice.
pub const FORM_ID: &str = "form_id";

/// Renders the hidden field with the id of a form.
pub(crate) fn form_id() -> Markup {
    html! {
        input type="hidden" name=(FORM_ID) value="";
    }
}

/// Renders notices from the previous request. Screen readers announce them politely.
pub(crate) fn notices(notices: &[String]) -> Markup {
    html! {
        @for notice in notices {
            p.notice role="status" { (notice) }
        }
    }
}

/// Renders a problem of the whole form. Screen readers announce it at once.
pub(crate) fn form_problem(problem: Option<&str>) -> Markup {
    html! {
        @if let Some(problem) = problem {
            p.alert #(FORM_PROBLEM_ID) role="alert" { (problem) }
        }
    }
}

/// Returns the id of the form's problem, if there is one.
pub(crate) fn form_problem_id(problem: Option<&str>) -> Option<&'static str> {
    problem.map(|_| FORM_PROBLEM_ID)
}

/// Renders the notice for signed-in users on the pages to sign in or sign up.
pub(crate) fn already_signed_in(viewer: Option<&str>) -> Markup {
    html! {
        @if let Some(name) = viewer {
            p.notice {
                "You are signed in as " b { (name) } ". "
                "If you continue, this device switches to another account."
            }
        }
    }
}

/// Renders the hidden field with the target after the form. The handler validates it again.
pub(crate) fn next_field(next: Option<&str>) -> Markup {
    html! {
        @if let Some(next) = next {
            input type="hidden" name="next" value=(next);
        }
    }
}

/// Renders the hidden field with the token of a link, so the form acts on the link that its page shows.
pub(crate) fn token_field(name: &str, token: Secret<'_>) -> Markup {
    html! { input type="hidden" name=(name) value=(token.0); }
}

/// Emphasis of a button. A group has one main button.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Emphasis {
    /// The main action of a page.
    Main,
    /// Another action.
    Quiet,
    /// An action that cannot be undone.
    Final,
}

impl Emphasis {
    pub(crate) fn class(self) -> Option<&'static str> {
        match self {
            Self::Main => None,
            Self::Quiet => Some("quiet"),
            Self::Final => Some("final"),
        }
    }
}

/// Renders the button that ends this session.
pub(crate) fn sign_out_button(emphasis: Emphasis) -> Markup {
    post_button("/logout", "Sign out", emphasis)
}

/// Renders the button that ends every session of the account.
pub(crate) fn sign_out_everywhere_button(emphasis: Emphasis) -> Markup {
    post_button("/logout_all", "Sign out everywhere", emphasis)
}

/// Renders a form that consists of a button. Actions that change something are never links.
pub(crate) fn post_button(action: &str, label: &str, emphasis: Emphasis) -> Markup {
    html! {
        form method="post" action=(action) {
            (form_id())
            button class=[emphasis.class()] type="submit" { (label) }
        }
    }
}

/// Renders a button for one row of a list. A hidden text names the row for screen readers.
pub(crate) fn row_button(action: &str, id: &str, label: &str, row: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            (form_id())
            input type="hidden" name="id" value=(id);
            button.quiet type="submit" { (label) span.hidden { " " (row) } }
        }
    }
}

/// Renders a hidden input that tells password managers the account of this form. It has no name, so it is
/// not sent.
pub(crate) fn username_for_password_managers(name: &str) -> Markup {
    html! {
        div.hidden {
            label for="account-name" { "Username" }
            input #account-name type="text" value=(name) autocomplete="username"
                autocapitalize="none" spellcheck="false" readonly tabindex="-1";
        }
    }
}

/// Returns the page title. It starts with "Error" after a problem, so screen readers announce it first.
pub(crate) fn title_with_problem(title: &str, problems: &[Option<&str>]) -> String {
    match problems.iter().flatten().next() {
        Some(_) => format!("Error: {title}"),
        None => title.to_owned(),
    }
}
