//! Why an app cannot be built.

use kunci_web::{RouteError, SigningKeyError};
use thiserror::Error as ThisError;

use crate::secret_file::SecretFileError;
use crate::store_url::StoreUrlError;
use crate::wire::backends::OpenError;

/// Errors of building an app.
#[derive(Debug, ThisError)]
pub enum BuildError {
    /// The URL of a store is not valid, or this build has no such store.
    #[error(transparent)]
    StoreUrl(#[from] StoreUrlError),
    /// A store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The public URL is not an http or https URL without a path.
    #[error("the public URL {0:?} is not http(s)://HOST[:PORT]")]
    PublicUrl(String),
    /// The name of the cookie is not valid.
    #[error(
        "the cookie name {0:?} does not have 1 to 32 letters, digits, - and _, of which the first is a letter"
    )]
    CookieName(String),
    /// A secret key is too short.
    #[error(transparent)]
    SigningKey(#[from] SigningKeyError),
    /// The file with the secret key cannot be used.
    #[error(transparent)]
    SecretFile(#[from] SecretFileError),
    /// The folder for mails cannot be used.
    #[error(transparent)]
    Outbox(#[from] kunci_mail::OpenError),
    /// The sender of mails is not a valid address.
    #[error(transparent)]
    MailFrom(#[from] kunci_mail::SenderError),
    /// The password hasher cannot be set up.
    #[error(transparent)]
    Hasher(#[from] kunci_argon2::SetUpError),
    /// Two routes conflict.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The operating system provided no randomness or no thread.
    #[error("the operating system provided no {0}")]
    System(&'static str, #[source] Box<dyn std::error::Error + Send + Sync>),
}
