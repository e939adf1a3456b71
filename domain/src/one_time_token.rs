//! Tokens that are handed over in a link, for one purpose: to confirm an address, reset a password, sign up.
//!
//! Left out: the address that a link leads to, which mails and the command line know.

use std::fmt;
use std::time::Duration;

use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::email::EmailAddress;
use crate::ports::{Entropy, EntropyError};
use crate::time::Timestamp;
use crate::user::{Epoch, UserId};

/// The secret in a link: 256 random bits (OWASP ASVS 5.0, 6.6.3 asks for 64).
///
/// It has a redacted `Debug`, no `Display`, no serialisation, and is wiped when dropped.
/// As text it has 64 hexadecimal digits, which survive every mail program and every line break.
#[derive(Clone, ZeroizeOnDrop)]
pub struct LinkToken([u8; Self::LEN]);

/// The text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is not a token from a link")]
pub struct LinkTokenError;

impl LinkToken {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// A new token.
    ///
    /// # Errors
    /// When the source of randomness fails; there is no fallback.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = [0; Self::LEN];
        entropy.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads a token as somebody hands it in; spaces around it are dropped.
    ///
    /// # Errors
    /// When it is not 64 hexadecimal digits.
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

    /// The secret as it stands in a link.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // Reserved at once, so that no copy stays behind in memory when it grows.
        let mut text = Zeroizing::new(String::with_capacity(Self::LEN * 2));
        for byte in self.0 {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        text
    }

    /// The name under which stores keep it.
    #[must_use]
    pub fn key(&self) -> LinkKey {
        LinkKey(Sha256::digest(self.0).into())
    }
}

fn hex_value(digit: u8) -> Result<u8, LinkTokenError> {
    let value = char::from(digit).to_digit(16).ok_or(LinkTokenError)?;
    u8::try_from(value).map_err(|_| LinkTokenError)
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(..)")
    }
}

/// The SHA-256 digest of a [`LinkToken`]: what a store sees, and useless for whoever reads it there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkKey([u8; Self::LEN]);

impl LinkKey {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// A key that a store kept.
    #[must_use]
    pub const fn from_stored(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes that a store keeps.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// The first six bytes in hexadecimal: enough to tell invitations apart in a list.
    #[must_use]
    pub fn public_id(&self) -> String {
        self.0[..6].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkKey({}..)", self.public_id())
    }
}

/// What a token is good for; for anything else it is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Showing that mail to the account's address arrives.
    ConfirmAddress,
    /// Showing the same of the address that is to take its place.
    ChangeAddress,
    /// Choosing a new password.
    ResetPassword,
    /// Signing in once, without the password.
    SignIn,
    /// Making an account.
    Invitation,
    /// Making the first administrator.
    SetUp,
}

impl Purpose {
    /// Every purpose there is.
    pub const ALL: [Self; 6] = [
        Self::ConfirmAddress,
        Self::ChangeAddress,
        Self::ResetPassword,
        Self::SignIn,
        Self::Invitation,
        Self::SetUp,
    ];

    /// The word under which stores keep it; it never changes.
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

    /// The purpose that a word stands for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }

    /// How long such a token is good for, unless somebody says otherwise: what opens an account, a
    /// quarter of an hour; what only shows that mail arrives, a day; what invites, a week.
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

/// A token as a store keeps it.
///
/// Every combination of fields is valid, hence they are public; stores keep them and judge
/// nothing but `uses_left` and `expires_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeToken {
    /// The digest of the secret.
    pub key: LinkKey,
    /// What it is good for.
    pub purpose: Purpose,
    /// Whose account it acts on, and in which epoch it was issued; none for what makes an account.
    pub account: Option<(UserId, Epoch)>,
    /// The address that it shows to work, or that alone it is good for.
    pub address: Option<EmailAddress>,
    /// How often it may still be used; one for nearly all.
    pub uses_left: u32,
    /// When it was issued.
    pub created_at: Timestamp,
    /// From when on it is dead: it lives while `now < expires_at`.
    pub expires_at: Timestamp,
}

impl OneTimeToken {
    /// Whether it may be used at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        0 < self.uses_left && now < self.expires_at
    }
}
