//! Passwords: as presented, as newly chosen, and as stored.
//!
//! The rules follow NIST SP 800-63B and OWASP ASVS 5.0, 6.2. Length counts, composition does not. Common
//! passwords are refused. Nothing is trimmed, folded or truncated before hashing.

use thiserror::Error;
use zeroize::Zeroizing;

use crate::byte_types::redact;
use crate::common_passwords;
use crate::email::EmailAddress;
use crate::username::{Username, fold};

/// A password as presented by a client, of any length and content.
///
/// `Debug` is redacted, there is no `Display` and no comparison, and the password is wiped when dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes the text exactly as received.
    #[must_use]
    pub fn presented(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Returns the bytes to hash, exactly as received.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

redact!(Password);

/// A new password that satisfies all rules.
///
/// - 8 to 256 Unicode scalar values
/// - not a common password, in any case
/// - does not contain the username, in any case, if that has at least three characters
/// - is not a site word or a part of the owner's email address, even with digits and signs around it
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

/// Why a password is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordProblem {
    /// The password has fewer than [`NewPassword::MIN_CHARS`] characters.
    #[error("a password has at least 8 characters")]
    TooShort,
    /// The password has more than [`NewPassword::MAX_CHARS`] characters.
    #[error("a password has at most 256 characters")]
    TooLong,
    /// The password is on the list of common passwords.
    #[error("this password is too common; choose another")]
    Common,
    /// The password contains the username.
    #[error("a password must not contain the username")]
    ContainsUsername,
    /// The password is little more than a site word or a part of the owner's email address.
    #[error("this password is easy to guess on this site; choose another")]
    SiteWord,
}

/// What a password must not consist of (OWASP ASVS 5.0, 6.1.2 and 6.2.11).
#[derive(Debug, Clone, Copy, Default)]
pub struct PasswordContext<'a> {
    /// The owner's username, if known.
    pub username: Option<&'a Username>,
    /// The owner's email address, if any.
    pub address: Option<&'a EmailAddress>,
    /// The site words, in lower case.
    pub words: &'a [String],
}

impl PasswordContext<'_> {
    /// Returns whether a folded password contains the username.
    fn contains_username(&self, folded: &str) -> bool {
        let name = self.username.map_or("", Username::folded);
        name.chars().count() >= NewPassword::MIN_NAME_CHARS && folded.contains(name)
    }

    /// Returns whether a folded password is a site word or a part of the address, surrounded by digits and
    /// signs at most.
    fn is_guessable_word(&self, folded: &str) -> bool {
        let word = folded.trim_matches(|c: char| !c.is_alphabetic());
        let of_address = self.address.is_some_and(|address| {
            let mut parts = address.as_str().split(['@', '.']);
            parts.any(|part| fold(part) == word)
        });
        !word.is_empty() && (of_address || self.words.iter().any(|known| known == word))
    }
}

impl NewPassword {
    /// Minimum length in Unicode scalar values.
    pub const MIN_CHARS: usize = 8;
    /// Maximum length in Unicode scalar values.
    pub const MAX_CHARS: usize = 256;
    /// Shorter usernames are ignored, because they occur in many good passwords by chance.
    const MIN_NAME_CHARS: usize = 3;

    /// Checks a new password.
    ///
    /// # Errors
    /// The first rule that the password breaks.
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
        } else if context.contains_username(&folded) {
            Err(PasswordProblem::ContainsUsername)
        } else if context.is_guessable_word(&folded) {
            Err(PasswordProblem::SiteWord)
        } else {
            Ok(Self(password))
        }
    }

    /// Returns the password, for the hasher.
    #[must_use]
    pub const fn as_password(&self) -> &Password {
        &self.0
    }
}

/// A password hash as stored: a string in PHC format that only a `PasswordHasher` creates and reads.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes the text from a hasher or store.
    #[must_use]
    pub const fn from_stored(phc: String) -> Self {
        Self(phc)
    }

    /// Returns the text for a store.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

redact!(PasswordHash);
