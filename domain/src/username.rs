//! Names by which users sign in.

use std::fmt;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// A user name as its owner wrote it, in Unicode normalisation form KC.
///
/// - 1 to 64 Unicode scalar values after normalisation
/// - letters and digits of any script, combining marks that normalisation leaves, and `. _ - + @`
/// - hence no spaces, no control and no formatting characters
/// - none of the letters and marks that are drawn as nothing, so that no name has an invisible twin
/// - two names that differ in case only are the same name: see [`Username::folded`]
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

/// Why a text is no user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UsernameError {
    /// Nothing was given.
    #[error("a user name is needed")]
    Empty,
    /// More than [`Username::MAX_CHARS`] characters.
    #[error("a user name has at most 64 characters")]
    TooLong,
    /// A character outside the allowed ones.
    #[error("a user name has letters, digits and . _ - + @ only")]
    BadCharacter,
}

impl Username {
    /// The longest name, in Unicode scalar values.
    pub const MAX_CHARS: usize = 64;

    /// Reads a name that a person or program gave.
    ///
    /// # Errors
    /// When the text breaks one of the rules listed on the type.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        // Normalisation may lengthen a text eighteen-fold; what is far too long is refused before.
        if text.len() > Self::MAX_CHARS * 4 {
            return Err(UsernameError::TooLong);
        }
        // Names are read with every request; ASCII is normal as it is.
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

    /// The name as its owner wrote it, for people to read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The form that stores keep unique: lower case, normalised again afterwards.
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

fn is_allowed(c: char) -> bool {
    let is_letter = c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
    (is_letter && !is_invisible(c)) || matches!(c, '.' | '_' | '-' | '+' | '@')
}

/// The letters and marks among Unicode's `Default_Ignorable_Code_Point`: joiners, fillers of Hangul,
/// inherent vowels of Khmer, and selectors of variants.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{34f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

/// Lower case by way of upper case, which brings letters together that have two lower-case forms, and
/// form KC, so that names which look alike to their owner are equal to a store.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.to_lowercase().to_uppercase().to_lowercase().nfkc().collect()
}
