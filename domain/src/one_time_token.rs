//! The tokens of links. Each serves one purpose, such as confirming an address or resetting a password.

use std::time::Duration;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::byte_types::{key_type, secret_type};
use crate::email::EmailAddress;
use crate::time::Timestamp;
use crate::user::{Epoch, UserId};

secret_type! {
    /// The secret in a link: 256 random bits (OWASP ASVS 5.0, 6.6.3 requires 64).
    ///
    /// The text form has 64 hexadecimal digits, which survive every mail program and line break.
    LinkToken: 32 bytes
}

/// The text is not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is not the token of a link")]
pub struct LinkTokenError;

impl LinkToken {
    /// Parses a token; surrounding spaces are dropped.
    ///
    /// # Errors
    /// If the text is not 64 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, LinkTokenError> {
        let digits = text.trim().as_bytes();
        if digits.len() != Self::LEN * 2 {
            return Err(LinkTokenError);
        }
        let mut bytes = [0; Self::LEN];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = hex_value(pair[0])? << 4 | hex_value(pair[1])?;
        }
        Ok(Self(bytes))
    }

    /// Returns the secret in its text form.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // The full capacity avoids a reallocation, which would leave a copy in memory.
        let mut text = Zeroizing::new(String::with_capacity(Self::LEN * 2));
        for byte in self.0 {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        text
    }

    /// Returns the key under which stores keep the token.
    #[must_use]
    pub fn key(&self) -> LinkKey {
        LinkKey::of(&self.0)
    }
}

fn hex_value(digit: u8) -> Result<u8, LinkTokenError> {
    let value = char::from(digit).to_digit(16).ok_or(LinkTokenError)?;
    u8::try_from(value).map_err(|_| LinkTokenError)
}

key_type! {
    /// The SHA-256 digest of a [`LinkToken`], which is all that a store sees. It cannot be used in a link.
    LinkKey
}

/// The purpose of a token. It is not accepted for any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Confirms the address of an account.
    ConfirmAddress,
    /// Confirms the new address of an account and replaces the old one.
    ChangeAddress,
    /// Sets a new password.
    ResetPassword,
    /// Signs in once, without the password.
    SignIn,
    /// Creates an account.
    Invitation,
    /// Creates the first administrator.
    SetUp,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 6] = [
        Self::ConfirmAddress,
        Self::ChangeAddress,
        Self::ResetPassword,
        Self::SignIn,
        Self::Invitation,
        Self::SetUp,
    ];

    /// Returns the word that stores keep. It never changes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConfirmAddress => "confirm_address",
            Self::ChangeAddress => "change_address",
            Self::ResetPassword => "reset_password",
            Self::SignIn => "sign_in",
            Self::Invitation => "invitation",
            Self::SetUp => "set_up",
        }
    }

    /// Returns the purpose for a word, or `None` for an unknown word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }

    /// Returns whether an account has at most one link for this purpose, so that a new one replaces it.
    ///
    /// Anyone can request a link to reset a password. If such a link replaced the earlier one, a stranger could
    /// revoke the owner's. The rate limit of such mails bounds the number of links, and the first use
    /// invalidates all of them.
    #[must_use]
    pub const fn has_one_link(self) -> bool {
        !matches!(self, Self::ResetPassword)
    }

    /// Returns the default lifetime: 15 minutes for tokens that open an account, a day for confirmation and
    /// set-up, a week for invitations.
    #[must_use]
    pub const fn lifetime(self) -> Duration {
        const MINUTE: u64 = 60;
        const DAY: u64 = 24 * 60 * MINUTE;
        Duration::from_secs(match self {
            Self::ResetPassword | Self::SignIn => 15 * MINUTE,
            Self::ConfirmAddress | Self::ChangeAddress | Self::SetUp => DAY,
            Self::Invitation => 7 * DAY,
        })
    }
}

/// A token as stored.
///
/// Every combination of fields is valid, so the fields are public. Stores interpret only `uses_left` and
/// `expires_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeToken {
    /// The digest of the secret.
    pub key: LinkKey,
    /// The purpose.
    pub purpose: Purpose,
    /// The account that the token acts on, and its epoch at the time of issue; `None` for tokens that create
    /// an account.
    pub account: Option<(UserId, Epoch)>,
    /// The address that the token confirms, or that the account must still have when the token is used.
    pub address: Option<EmailAddress>,
    /// How many more times the token can be used; initially 1 except for invitations.
    pub uses_left: u32,
    /// When the token was issued.
    pub created_at: Timestamp,
    /// The token is live while `now < expires_at`.
    pub expires_at: Timestamp,
}

impl OneTimeToken {
    /// Returns whether the token can be used at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        0 < self.uses_left && now < self.expires_at
    }
}
