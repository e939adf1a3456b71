//! Usernames.

use std::fmt;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection};

use crate::hidden::is_invisible;

/// A username as its owner wrote it, in Unicode normalisation form KC.
///
/// - 1 to 64 Unicode scalar values after normalisation
/// - only letters and digits of any script, combining marks that remain after normalisation, and `. _ - + @`
/// - therefore no spaces, control characters or formatting characters
/// - no letters or marks that are invisible, so that no two names look the same because of them
/// - names that differ in case only are the same name: see [`Username::folded`]
///
/// ```
/// use kunci_domain::Username;
///
/// assert_eq!(Username::parse("Ada.Lovelace")?.folded(), "ada.lovelace");
/// assert!(Username::parse("böse").is_ok());
/// assert!(Username::parse("").is_err());
/// assert!(Username::parse("two words").is_err());
/// assert!(Username::parse("nul\0").is_err());
/// assert!(Username::parse(&"x".repeat(65)).is_err());
/// # Ok::<(), kunci_domain::UsernameError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Username {
    shown: String,
    folded: String,
}

/// Why a text is not a valid username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UsernameError {
    /// The name is empty.
    #[error("a username is required")]
    Empty,
    /// The name has more than [`Username::MAX_CHARS`] characters.
    #[error("a username has at most 64 characters")]
    TooLong,
    /// The name has a character that is not allowed.
    #[error("a username may only contain letters, digits and . _ - + @")]
    BadCharacter,
    /// The name of a new account begins with a sign.
    #[error("a username begins with a letter or a digit")]
    BadStart,
    /// The name of a new account mixes letters of several scripts, or has letters that no modern language uses.
    #[error("a username may not mix scripts, such as Latin and Cyrillic letters")]
    MixedScripts,
    /// The name of a new account is reserved, or looks like a reserved name.
    #[error("this username is reserved; choose another")]
    Reserved,
}

impl Username {
    /// Maximum length in Unicode scalar values.
    pub const MAX_CHARS: usize = 64;

    /// Parses a name; surrounding white space is dropped.
    ///
    /// # Errors
    /// The first rule of the type that the text breaks.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        let text = text.trim();
        // Normalisation can make a text up to 18 times longer, so a text that is far too long is refused
        // before.
        if text.len() > Self::MAX_CHARS * 4 {
            return Err(UsernameError::TooLong);
        }
        // This runs with every request, and ASCII is already normalised.
        let shown: String = if text.is_ascii() {
            text.to_owned()
        } else {
            text.nfkc().collect()
        };
        match shown.chars().count() {
            0 => Err(UsernameError::Empty),
            n if n > Self::MAX_CHARS => Err(UsernameError::TooLong),
            _ if !shown.chars().all(is_allowed) => Err(UsernameError::BadCharacter),
            _ => Ok(Self {
                folded: fold(&shown),
                shown,
            }),
        }
    }

    /// Parses the name of a new account. Names of existing accounts are only parsed.
    ///
    /// A new name begins with a letter or a digit, because a command would take `--help` for an option.
    /// The rule for scripts is "highly restrictive" of Unicode TR 39: letters of one script, or Latin letters
    /// beside Chinese, Japanese or Korean ones.
    ///
    /// # Errors
    /// The first rule that the text breaks.
    pub fn choose(text: &str) -> Result<Self, UsernameError> {
        let name = Self::parse(text)?;
        if !name.shown.starts_with(is_letter_or_digit) {
            return Err(UsernameError::BadStart);
        }
        // Unicode does not list these two signs among the characters of identifiers.
        let letters = name.shown.replace(['+', '@'], "");
        if letters.check_restriction_level(RestrictionLevel::HighlyRestrictive) {
            Ok(name)
        } else {
            Err(UsernameError::MixedScripts)
        }
    }

    /// Returns the name in Latin letters that this name looks like, if it has other letters itself.
    #[must_use]
    pub fn latin_look_alike(&self) -> Option<Self> {
        let other = !self.folded.is_ascii();
        let skeleton: String = other.then(|| skeleton(&self.folded).collect())?;
        skeleton.is_ascii().then(|| Self::parse(&skeleton).ok())?
    }

    /// Returns the name as its owner wrote it, for display.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// Returns the form that stores keep unique: lower case, then normalised again.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Username({:?})", self.shown)
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

fn is_letter_or_digit(c: char) -> bool {
    // Unicode counts some marks among the letters.
    c.is_alphanumeric() && !unicode_normalization::char::is_combining_mark(c)
}

fn is_allowed(c: char) -> bool {
    let is_letter = c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
    (is_letter && !is_invisible(c)) || matches!(c, '.' | '_' | '-' | '+' | '@')
}

/// Returns the text in lower case and normalisation form KC, so that names which look the same to their owner
/// compare equal.
///
/// The detour through upper case unifies letters that have two lower-case forms.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.to_lowercase().to_uppercase().to_lowercase().nfkc().collect()
}

/// Returns a form of a name that is the same for names which people take for each other: without signs, with
/// the letter that a digit or a letter of another script looks like (Unicode TR 39).
pub(crate) fn look(name: &str) -> String {
    let letters: String = fold(name).chars().filter(|c| c.is_alphanumeric()).collect();
    let skeleton: String = skeleton(&letters).collect();
    // The skeleton of `0` is `O`, and that of `1` is `l`; in many typefaces `l` also looks like `I`.
    fold(&skeleton).replace('i', "l")
}
