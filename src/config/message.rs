//! Messages about settings. Each is one line and shows no secret.

use std::fmt::Display;

use super::schema::Key;

/// The longest value that a message shows, in characters.
const LONGEST: usize = 80;

/// What replaces a value that must not be shown.
pub(crate) const HIDDEN: &str = "(hidden)";

/// Settings that cannot be used. The text is one line that says where, what and what is accepted.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConfigError(String);

impl ConfigError {
    /// An error at a flag, a variable or a line of a file.
    pub(crate) fn new(source: impl Display, text: impl Display) -> Self {
        Self(escape(&format!("{source}: {text}")))
    }

    /// A value that is refused. `shown` is the value as it may be shown, `text` says what is wrong.
    pub(crate) fn invalid(source: &str, key: &Key, shown: &str, text: &str) -> Self {
        Self::new(
            source,
            format_args!("invalid value {shown} for {}: {text}", key.path),
        )
    }
}

/// Returns the candidate that was probably meant, if there is one: the text is one of its endings, such as
/// `tls_cert` for `server.tls.cert`, apart from two typing errors at most, and one in three characters.
pub(crate) fn nearest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let text = text.to_ascii_lowercase().replace(['.', '-'], "_");
    let distance = |path: &str| {
        let ends = path.match_indices('.').map(|(dot, _)| dot + 1).chain([0]);
        let distances = ends.map(|end| strsim::damerau_levenshtein(&text, &path[end..].replace('.', "_")));
        distances.min().unwrap_or(usize::MAX)
    };
    let candidates = candidates.map(|path| (distance(path), path));
    let (errors, path) = candidates.min_by_key(|(errors, _)| *errors)?;
    (errors <= 2 && 3 * errors <= text.len()).then_some(path)
}

/// Returns a value as messages show it: cut, and hidden if it is a secret or a URL that may contain one.
pub(crate) fn shown(value: &str, is_secret: bool) -> String {
    if is_secret || (value.contains(':') && value.contains(['@', '?'])) {
        return HIDDEN.to_owned();
    }
    match value.char_indices().nth(LONGEST) {
        None => value.to_owned(),
        Some((end, _)) => format!("{}... ({} bytes)", &value[..end], value.len()),
    }
}

/// Escapes everything that could end the line or control a terminal. Quotes and backslashes stay, so that a
/// piece of a file looks as it does there.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '"' | '\'' | '\\' => escaped.push(char),
            _ => escaped.extend(char.escape_debug()),
        }
    }
    escaped
}
