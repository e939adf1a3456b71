//! The errors of use cases: either the use case was refused, or a port failed.

use thiserror::Error;

use super::notify::NoticeError;
use super::open_session::SessionError;
use super::throttled::Throttled;
use crate::ports::{EntropyError, HashError, MailError, StoreError, UnsealError};
use crate::session_data::DataError;

/// The result of a use case with the refusals `R`.
pub type Outcome<T, R> = Result<T, UseCaseError<R>>;

/// Why a use case was not completed. `R` lists the refusals of the use case.
#[derive(Debug, Error)]
pub enum UseCaseError<R> {
    /// A rule was not met. The user can act on it.
    #[error(transparent)]
    Refused(R),
    /// A port failed. The user can only try again later.
    #[error(transparent)]
    Failed(Failure),
}

/// The failure of a port, with its cause.
#[derive(Debug, Error)]
pub enum Failure {
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No token, id or code could be generated.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// A password could not be hashed or verified. [`HashError::Busy`] is temporary.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A mail was not accepted for delivery.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The seed of a second factor cannot be decrypted.
    #[error(transparent)]
    Unseal(#[from] UnsealError),
    /// The action succeeded, but the owner of the account was not notified.
    #[error(transparent)]
    Notice(#[from] NoticeError),
}

/// Why a session could not begin or continue.
#[derive(Debug, Error)]
pub enum SessionRefusal {
    /// The session ended during the request: its user signed out, or it expired.
    #[error("the session has ended")]
    Ended,
    /// A key or value was not accepted.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Visitors store too much at present.
    #[error(transparent)]
    Throttled(#[from] Throttled),
}

impl<R, F: Into<Failure>> From<F> for UseCaseError<R> {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}

impl<R: From<SessionRefusal>> From<SessionError> for UseCaseError<R> {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Ended => Self::Refused(SessionRefusal::Ended.into()),
            SessionError::Data(error) => Self::Refused(SessionRefusal::Data(error).into()),
            SessionError::Throttled(error) => Self::Refused(SessionRefusal::Throttled(error).into()),
            SessionError::Store(error) => error.into(),
            SessionError::Entropy(error) => error.into(),
        }
    }
}

/// Lets `?` and `into` make the error of a use case from its refusals, from the parts that they contain, and
/// from the errors of use cases that are refused for a part.
macro_rules! refusals {
    ($whole:ty $(: $($part:ty),+)?) => {
        impl From<$whole> for $crate::use_cases::UseCaseError<$whole> {
            fn from(refusal: $whole) -> Self {
                Self::Refused(refusal)
            }
        }
        $($(
            impl From<$part> for $crate::use_cases::UseCaseError<$whole> {
                fn from(refusal: $part) -> Self {
                    Self::Refused(refusal.into())
                }
            }
            impl From<$crate::use_cases::UseCaseError<$part>> for $crate::use_cases::UseCaseError<$whole> {
                fn from(error: $crate::use_cases::UseCaseError<$part>) -> Self {
                    match error {
                        $crate::use_cases::UseCaseError::Refused(refusal) => refusal.into(),
                        $crate::use_cases::UseCaseError::Failed(failure) => failure.into(),
                    }
                }
            }
        )+)?
    };
}
pub(super) use refusals;
