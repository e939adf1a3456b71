//! How much of a given value may appear in a message, and in what form.
//!
//! A message about a wrong value goes to logs and screens, so it must not carry a password or a key,
//! must stay on one line whatever bytes the value has, and must not fill the screen.
//! Left out: the secrets once they are parsed; their types redact themselves.

/// How many characters of a value a message shows at most.
const LONGEST: usize = 80;

/// What stands in place of a value that must not be shown.
pub(super) const HIDDEN: &str = "(hidden)";

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Privacy {
    /// Anybody may read it.
    Open,
    /// An address that may carry a user name and a password, which are hidden with all that follows the
    /// scheme.
    Credentials,
    /// Nothing of it is shown.
    Secret,
}

/// A given text as messages show it: in double quotes, or a note that it is hidden.
pub(super) fn shown_text(privacy: Privacy, text: &str) -> String {
    match privacy {
        Privacy::Secret => HIDDEN.to_owned(),
        Privacy::Credentials => shown(&without_credentials(text), quoted),
        Privacy::Open => shown(text, quoted),
    }
}

/// A piece of a file as messages show it: as it stands there, or a note that it is hidden.
pub(super) fn shown_snippet(privacy: Privacy, snippet: &str) -> String {
    match privacy {
        Privacy::Secret => HIDDEN.to_owned(),
        Privacy::Credentials => shown(&without_credentials(snippet), escape),
        Privacy::Open => shown(snippet, escape),
    }
}

/// The text with everything escaped that could leave the line or steer a terminal.
///
/// Quotes and backslashes stay as they are, so that a piece of a file is recognised.
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

fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// Cuts before escaping, so that no escape is cut in two.
fn shown(text: &str, form: fn(&str) -> String) -> String {
    match text.char_indices().nth(LONGEST) {
        None => form(text),
        Some((end, _)) => format!("{}... ({} bytes)", form(&text[..end]), text.len()),
    }
}

/// Hides all behind the scheme as soon as there can be a password in it.
///
/// Text that looks for the exact place of the password would be fooled by the malformed addresses that
/// messages are about, so this errs on the side of hiding.
fn without_credentials(text: &str) -> String {
    if !text.contains(['@', '?']) {
        return text.to_owned();
    }
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    if scheme.is_empty() || scheme.contains(['@', '?']) {
        return HIDDEN.to_owned();
    }
    format!("{scheme}:{HIDDEN}")
}
