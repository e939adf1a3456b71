//! Passwords: as presented, as newly chosen, and as stored.
//!
//! The rules follow NIST SP 800-63B and OWASP ASVS 5.0, 6.2: length counts, composition does not,
//! known passwords are refused, and nothing is trimmed, folded or cut before hashing.

use std::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::common_passwords;
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
///
/// ```
/// use kunci_domain::{NewPassword, PasswordProblem, Username};
///
/// let ada = Username::parse("ada")?;
/// let choose = |text: &str| NewPassword::choose(text.to_owned(), &ada).map(|_| ());
/// assert_eq!(choose("correct horse"), Ok(()));
/// assert_eq!(choose("7 chars"), Err(PasswordProblem::TooShort));
/// assert_eq!(choose("Password1"), Err(PasswordProblem::Common));
/// assert_eq!(choose("my name is ADA"), Err(PasswordProblem::ContainsUsername));
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
}

impl NewPassword {
    /// The shortest password, in Unicode scalar values.
    pub const MIN_CHARS: usize = 8;
    /// The longest password, in Unicode scalar values.
    pub const MAX_CHARS: usize = 256;
    /// Names shorter than this occur in many a good password by chance.
    const SHORTEST_TELLING_NAME: usize = 3;

    /// Checks a password that `username` wants to use.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn choose(text: String, username: &Username) -> Result<Self, PasswordProblem> {
        let chosen = Self::choose_without_name(text)?;
        if names(&Zeroizing::new(fold(&chosen.0.0)), username) {
            return Err(PasswordProblem::ContainsUsername);
        }
        Ok(chosen)
    }

    /// Checks a password as far as that can be done before the user name is known.
    pub(crate) fn choose_without_name(text: String) -> Result<Self, PasswordProblem> {
        let password = Password::presented(text);
        match password.0.chars().count() {
            n if n < Self::MIN_CHARS => Err(PasswordProblem::TooShort),
            n if n > Self::MAX_CHARS => Err(PasswordProblem::TooLong),
            _ if common_passwords::contains(&Zeroizing::new(fold(&password.0))) => {
                Err(PasswordProblem::Common)
            }
            _ => Ok(Self(password)),
        }
    }

    /// The password itself, for the hasher.
    #[must_use]
    pub const fn as_password(&self) -> &Password {
        &self.0
    }
}

fn names(folded: &str, username: &Username) -> bool {
    let name = username.folded();
    name.chars().count() >= NewPassword::SHORTEST_TELLING_NAME && folded.contains(name)
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
