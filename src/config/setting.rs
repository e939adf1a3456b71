//! The form of the table's rows: what one setting is called, takes and means.
//!
//! Left out: the settings themselves, which are in `table`.

use super::base::Refusal;
use super::privacy::Privacy;

/// What the beginning of a variable's name says it is ours.
pub(super) const PREFIX: &str = "KUNCI_";

/// What a setting looks like in the file; everywhere else it is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A string.
    Text,
    /// An integer.
    Number,
    /// An integer of bytes, or a string with a unit.
    Size,
    /// An array of strings, or one string with commas.
    List,
    /// A string, or an array of several.
    OneOrMore,
}

/// What holds when nobody gives the setting.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fallback {
    /// This text, which goes through the same parser as a given one.
    Is(&'static str),
    /// What these words describe: it depends on other settings or the machine, or is absence.
    From(&'static str),
}

/// All about a setting but its type.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its name in the file; those of the flag and the variable follow from it.
    pub(crate) key: &'static str,
    /// What it is for, in one line.
    pub(crate) about: &'static str,
    /// Whether there is a flag for it.
    pub(super) has_flag: bool,
    /// What it looks like in the file.
    pub(super) shape: Shape,
    /// Whether messages may show it.
    pub(super) privacy: Privacy,
    /// What holds when nobody gives it.
    pub(super) fallback: Fallback,
    /// What its parser accepts, as an end to "accepted: ".
    pub(super) accepts: &'static str,
}

impl Row {
    /// The row of most settings: a text that anybody may read and that has no flag.
    pub(super) const fn new(
        key: &'static str,
        about: &'static str,
        fallback: Fallback,
        accepts: &'static str,
    ) -> Self {
        Row {
            key,
            about,
            has_flag: false,
            shape: Shape::Text,
            privacy: Privacy::Open,
            fallback,
            accepts,
        }
    }

    /// The same with a flag.
    pub(super) const fn with_flag(self) -> Self {
        Row {
            has_flag: true,
            ..self
        }
    }

    /// The same in another shape.
    pub(super) const fn shaped(self, shape: Shape) -> Self {
        Row { shape, ..self }
    }

    /// The same with more care about showing it.
    pub(super) const fn private(self, privacy: Privacy) -> Self {
        Row { privacy, ..self }
    }

    /// The name of its variable, such as `KUNCI_LISTEN`.
    pub(super) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.key.to_ascii_uppercase())
    }

    /// The name of its flag, such as `--session-store`, if it has one.
    pub(super) fn flag(&self) -> Option<String> {
        self.has_flag.then(|| flag_name(self.key))
    }
}

/// A row together with what turns its text into a value and back.
#[derive(Debug)]
pub(crate) struct Setting<T> {
    /// All but the type.
    pub(crate) row: Row,
    /// The only way to a value; must not put the text into the refusal.
    pub(super) parse: fn(&str) -> Result<T, Refusal>,
    /// The text of a value; `parse` takes it back, unless it is a secret.
    pub(super) show: fn(&T) -> String,
}

/// The flag for a key: `session_store` has `--session-store`.
pub(super) fn flag_name(key: &str) -> String {
    format!("--{}", key.replace('_', "-"))
}
