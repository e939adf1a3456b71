//! Passwords: as presented, as newly chosen, and as stored.
//!
//! The rules follow NIST SP 800-63B and OWASP ASVS 5.0, 6.2: length counts, composition does not,
//! known passwords are refused, and nothing is trimmed, folded or cut before hashing.

use std::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::common_passwords;
use crate::email::EmailAddress;
use crate::username::{Username, fold};

/// A password that somebody presents, of any length and any content.
///
/// It has a redacted `Debug`, no `Display`, no comparison, and is wiped when dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes the text exactly as it came.
    #[must_use]
    pub fn presented(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The bytes that are hashed: those that were received.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// A password that its owner may use from now on.
///
/// - 8 to 256 Unicode scalar values
/// - not one of the common passwords, whatever the case
/// - does not contain the user name, whatever the case, when that has three characters or more
/// - is not a word of the site or a part of the owner's address, whatever surrounds it that is no letter
///
/// ```
/// use kunci_domain::{NewPassword, PasswordContext, PasswordProblem, Username};
///
/// let ada = Username::parse("ada")?;
/// let context = PasswordContext { username: Some(&ada), address: None, words: &["kunci".to_owned()] };
/// let choose = |text: &str| NewPassword::choose(text.to_owned(), &context).map(|_| ());
/// assert_eq!(choose("correct horse"), Ok(()));
/// assert_eq!(choose("7 chars"), Err(PasswordProblem::TooShort));
/// assert_eq!(choose("Password1"), Err(PasswordProblem::Common));
/// assert_eq!(choose("my name is ADA"), Err(PasswordProblem::ContainsUsername));
/// assert_eq!(choose("Kunci2026!"), Err(PasswordProblem::SiteWord));
/// # Ok::<(), kunci_domain::UsernameError>(())
/// ```
#[derive(Debug, Clone)]
pub struct NewPassword(Password);

/// Why a password cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordProblem {
    /// Fewer than [`NewPassword::MIN_CHARS`] characters.
    #[error("a password has at least 8 characters")]
    TooShort,
    /// More than [`NewPassword::MAX_CHARS`] characters.
    #[error("a password has at most 256 characters")]
    TooLong,
    /// One of the passwords that guessers try first.
    #[error("this password is among those that guessers try first; choose another")]
    Common,
    /// The user name is part of it.
    #[error("a password must not contain the user name")]
    ContainsUsername,
    /// Little more than a word of the site, or a part of the owner's address.
    #[error("this password is easy to guess on this site; choose another")]
    SiteWord,
}

/// What a password must not be made of (OWASP ASVS 5.0, 6.1.2 and 6.2.11).
#[derive(Debug, Clone, Copy, Default)]
pub struct PasswordContext<'a> {
    /// The owner's user name, once it is known.
    pub username: Option<&'a Username>,
    /// The owner's address, if there is one.
    pub address: Option<&'a EmailAddress>,
    /// The words of the site, in lower case.
    pub words: &'a [String],
}

impl PasswordContext<'_> {
    /// Whether a password, folded, contains the user name.
    fn names_its_owner(&self, folded: &str) -> bool {
        let name = self.username.map_or("", Username::folded);
        name.chars().count() >= NewPassword::SHORTEST_TELLING_NAME && folded.contains(name)
    }

    /// Whether a password, folded, is one of the words with digits and signs around it.
    fn is_a_word(&self, folded: &str) -> bool {
        let word = folded.trim_matches(|c: char| !c.is_alphabetic());
        let of_address = self.address.is_some_and(|address| {
            let mut parts = address.as_str().split(['@', '.']);
            parts.any(|part| fold(part) == word)
        });
        !word.is_empty() && (of_address || self.words.iter().any(|known| known == word))
    }
}

impl NewPassword {
    /// The shortest password, in Unicode scalar values.
    pub const MIN_CHARS: usize = 8;
    /// The longest password, in Unicode scalar values.
    pub const MAX_CHARS: usize = 256;
    /// Names shorter than this occur in many a good password by chance.
    const SHORTEST_TELLING_NAME: usize = 3;

    /// Checks a password that somebody wants to use.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn choose(text: String, context: &PasswordContext<'_>) -> Result<Self, PasswordProblem> {
        let password = Password::presented(text);
        match password.0.chars().count() {
            n if n < Self::MIN_CHARS => return Err(PasswordProblem::TooShort),
            n if n > Self::MAX_CHARS => return Err(PasswordProblem::TooLong),
            _ => {}
        }
        let folded = Zeroizing::new(fold(&password.0));
        if common_passwords::contains(&folded) {
            Err(PasswordProblem::Common)
        } else if context.names_its_owner(&folded) {
            Err(PasswordProblem::ContainsUsername)
        } else if context.is_a_word(&folded) {
            Err(PasswordProblem::SiteWord)
        } else {
            Ok(Self(password))
        }
    }

    /// The password itself, for the hasher.
    #[must_use]
    pub const fn as_password(&self) -> &Password {
        &self.0
    }
}

/// What a store keeps of a password: a string in PHC format, made and read by a `PasswordHasher` only.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash that a hasher made or a store kept.
    #[must_use]
    pub const fn from_stored(phc: String) -> Self {
        Self(phc)
    }

    /// The text that a store keeps.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}
