//! Small pieces that several pages share: notices, form problems, fields that nobody sees, one-button forms.
//!
//! Labelled inputs are in `field`.

use maud::{Markup, html};

/// The id of the problem that concerns a whole form, for inputs to refer to.
pub(crate) const FORM_PROBLEM_ID: &str = "form-problem";

/// What the previous request has to say, announced politely.
pub(crate) fn notices(notices: &[String]) -> Markup {
    html! {
        @for notice in notices {
            p.notice role="status" { (notice) }
        }
    }
}

/// A problem that concerns the whole form, announced at once.
pub(crate) fn form_problem(problem: Option<&str>) -> Markup {
    html! {
        @if let Some(problem) = problem {
            p.alert #(FORM_PROBLEM_ID) role="alert" { (problem) }
        }
    }
}

/// The reference from an input to the form's problem, if there is one.
pub(crate) fn form_problem_id(problem: Option<&str>) -> Option<&'static str> {
    problem.map(|_| FORM_PROBLEM_ID)
}

/// Tells who opens a way in that they are in already, and what going on would do.
pub(crate) fn signed_in_already(viewer: Option<&str>) -> Markup {
    html! {
        @if let Some(name) = viewer {
            p.notice {
                "You are signed in as " b { (name) } ". Going on switches this device to another account."
            }
        }
    }
}

/// Carries the place to go to afterwards through a form; the receiver checks it again.
pub(crate) fn next_field(next: Option<&str>) -> Markup {
    html! {
        @if let Some(next) = next {
            input type="hidden" name="next" value=(next);
        }
    }
}

/// How much a button asks to be pressed; a group has one main button.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Emphasis {
    /// What most people came for.
    Main,
    /// What is also possible.
    Quiet,
    /// What cannot be undone.
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

/// The button that ends this session.
pub(crate) fn sign_out_button(emphasis: Emphasis) -> Markup {
    post_button("/logout", "Sign out", emphasis)
}

/// The button that ends every session of the account.
pub(crate) fn sign_out_everywhere_button(emphasis: Emphasis) -> Markup {
    post_button("/logout_all", "Sign out everywhere", emphasis)
}

/// A form that is nothing but its button: what changes something is never a link.
pub(crate) fn post_button(action: &str, label: &str, emphasis: Emphasis) -> Markup {
    html! {
        form method="post" action=(action) {
            button class=[emphasis.class()] type="submit" { (label) }
        }
    }
}

/// A button that acts on one row of a list. Its name says which row to whoever hears it alone.
pub(crate) fn row_button(action: &str, id: &str, label: &str, row: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            input type="hidden" name="id" value=(id);
            button.quiet type="submit" { (label) span.hidden { " " (row) } }
        }
    }
}

/// Tells a password manager whose password this form is about. It has no name, so it is not sent.
pub(crate) fn username_for_password_managers(name: &str) -> Markup {
    html! {
        div.hidden {
            label for="account-name" { "Username" }
            input #account-name type="text" value=(name) autocomplete="username"
                autocapitalize="none" spellcheck="false" readonly tabindex="-1";
        }
    }
}

/// The page title, which names a refusal first so that a screen reader says it first.
pub(crate) fn title_with_problem(title: &str, problems: &[Option<&str>]) -> String {
    match problems.iter().flatten().next() {
        Some(_) => format!("Error: {title}"),
        None => title.to_owned(),
    }
}
