//! Labelled inputs with a hint and a problem.
//!
//! The kind of an input determines its type and its `autocomplete` token, so they always match. Kinds
//! for passwords and codes hold no value, so these are never filled in again.

use maud::{Markup, html};

/// Minimum length of a password. The browser checks it early; the server decides.
const SHORTEST_PASSWORD: &str = "8";

/// Purpose of an input, with its value if the page may show it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind<'a> {
    /// The account's name.
    Username(&'a str),
    /// An email address.
    Email(&'a str),
    /// An existing password.
    CurrentPassword,
    /// A new password.
    NewPassword,
    /// One-time code from an authenticator, or a recovery code. Recovery codes contain letters, so the input
    /// does not request a numeric keyboard.
    Code,
    /// A whole number from 1 to `max`.
    Number {
        /// Value of the input.
        value: &'a str,
        /// Largest accepted number.
        max: u32,
    },
}

impl<'a> Kind<'a> {
    fn input_type(self) -> &'static str {
        match self {
            Self::Username(_) | Self::Code => "text",
            Self::Email(_) => "email",
            Self::CurrentPassword | Self::NewPassword => "password",
            Self::Number { .. } => "number",
        }
    }

    /// Returns the `autocomplete` token. Numbers have none, because browsers store nothing that fits.
    fn autocomplete(self) -> Option<&'static str> {
        match self {
            Self::Username(_) => Some("username"),
            Self::Email(_) => Some("email"),
            Self::CurrentPassword => Some("current-password"),
            Self::NewPassword => Some("new-password"),
            Self::Code => Some("one-time-code"),
            Self::Number { .. } => None,
        }
    }

    fn value(self) -> Option<&'a str> {
        match self {
            Self::Username(value) | Self::Email(value) | Self::Number { value, .. } => Some(value),
            Self::CurrentPassword | Self::NewPassword | Self::Code => None,
        }
    }

    /// Returns whether keyboards must not correct or capitalise the value: names, addresses and codes.
    const fn must_not_be_corrected(self) -> bool {
        matches!(self, Self::Username(_) | Self::Email(_) | Self::Code)
    }

    fn autocapitalize(self) -> Option<&'static str> {
        self.must_not_be_corrected().then_some("none")
    }

    fn spellcheck(self) -> Option<&'static str> {
        self.must_not_be_corrected().then_some("false")
    }

    fn range(self) -> Option<(&'static str, u32)> {
        match self {
            Self::Number { max, .. } => Some(("1", max)),
            _ => None,
        }
    }

    fn minlength(self) -> Option<&'static str> {
        match self {
            Self::NewPassword => Some(SHORTEST_PASSWORD),
            _ => None,
        }
    }
}

/// Description of one input.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    /// Name in the form, which is also the id.
    pub(crate) name: &'static str,
    /// Text of the label.
    pub(crate) label: &'static str,
    /// Purpose of the input.
    pub(crate) kind: Kind<'a>,
    /// Hint that is always visible.
    pub(crate) hint: Option<&'static str>,
    /// Why the last value was refused.
    pub(crate) problem: Option<&'a str>,
    /// Id of another text on the page that also describes this input.
    pub(crate) explained_by: Option<&'static str>,
    /// Whether the browser requires a value. The server checks it again.
    pub(crate) required: bool,
    /// Whether the input has the focus when the page opens.
    pub(crate) autofocus: bool,
}

/// Renders label, hint, problem and input in reading order.
pub(crate) fn field(field: &Field<'_>) -> Markup {
    let kind = field.kind;
    html! {
        div.field {
            label for=(field.name) {
                (field.label)
                @if !field.required { " " span.optional { "(optional)" } }
            }
            @if let Some(hint) = field.hint {
                p.hint id=(hint_id(field)) { (hint) }
            }
            @if let Some(problem) = field.problem {
                p.problem id=(problem_id(field)) { (problem) }
            }
            input id=(field.name) name=(field.name) type=(kind.input_type()) value=[kind.value()]
                autocomplete=[kind.autocomplete()] autocapitalize=[kind.autocapitalize()]
                spellcheck=[kind.spellcheck()] minlength=[kind.minlength()]
                min=[kind.range().map(|(least, _)| least)] max=[kind.range().map(|(_, max)| max)]
                aria-invalid=[field.problem.map(|_| "true")] aria-describedby=[described_by(field)]
                required[field.required] autofocus[field.autofocus];
        }
    }
}

fn hint_id(field: &Field<'_>) -> String {
    format!("{}-hint", field.name)
}

fn problem_id(field: &Field<'_>) -> String {
    format!("{}-problem", field.name)
}

/// Returns the ids of all texts that describe the input, the most important first.
fn described_by(field: &Field<'_>) -> Option<String> {
    let problem = field.problem.map(|_| problem_id(field));
    let elsewhere = field.explained_by.map(str::to_owned);
    let hint = field.hint.map(|_| hint_id(field));
    let ids: Vec<String> = [problem, elsewhere, hint].into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}
