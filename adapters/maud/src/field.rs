//! A labelled input with its hint and its problem.
//!
//! What an input is for decides its type and its `autocomplete` token, so the two cannot contradict each
//! other, and only kinds that may be filled in again carry a value: a password never comes back.

use maud::{Markup, html};

/// The shortest password that sign-up accepts; the browser says so early, the server decides.
const SHORTEST_PASSWORD: &str = "8";

/// What an input is for, and what it is filled with where that is allowed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind<'a> {
    /// The account's name.
    Username(&'a str),
    /// An e-mail address.
    Email(&'a str),
    /// A password that exists already.
    CurrentPassword,
    /// A password to be set.
    NewPassword,
    /// A code that works once, of an authenticator or from the list of recovery codes. The latter have
    /// letters, so that no keyboard of digits is asked for.
    Code,
    /// A whole number from 1 up to `most`.
    Number {
        /// What the input is filled with.
        value: &'a str,
        /// The largest number that is accepted.
        most: u32,
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

    /// What a browser or a password manager may fill in; nothing that it keeps is a number of ours.
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

    /// Names, addresses and codes are no prose: a keyboard that corrects them makes a wrong sign-in.
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
            Self::Number { most, .. } => Some(("1", most)),
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

/// One input as its form describes it.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    /// The name that is sent, which is also the id.
    pub(crate) name: &'static str,
    /// What the label says.
    pub(crate) label: &'static str,
    /// What the input is for.
    pub(crate) kind: Kind<'a>,
    /// A help that is always visible.
    pub(crate) hint: Option<&'static str>,
    /// Why the last value was refused.
    pub(crate) problem: Option<&'a str>,
    /// The id of a text elsewhere on the page that also explains this input.
    pub(crate) explained_by: Option<&'static str>,
    /// Whether the browser asks for a value; the server decides.
    pub(crate) required: bool,
    /// Whether typing starts here.
    pub(crate) autofocus: bool,
}

/// Renders label, hint, problem and input, in the order in which they are read.
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
                min=[kind.range().map(|(least, _)| least)] max=[kind.range().map(|(_, most)| most)]
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

/// The ids of all texts that explain the input, the most urgent first.
fn described_by(field: &Field<'_>) -> Option<String> {
    let problem = field.problem.map(|_| problem_id(field));
    let elsewhere = field.explained_by.map(str::to_owned);
    let hint = field.hint.map(|_| hint_id(field));
    let ids: Vec<String> = [problem, elsewhere, hint].into_iter().flatten().collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}
