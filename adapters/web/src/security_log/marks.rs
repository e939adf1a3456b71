//! Which errors are logged as refusals, and which as failures.

use crate::errors::Error;

/// A refusal to be logged. It travels in the extensions of the response, because a form that is shown again is
/// not an error for the rest of the pipeline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal {
    pub(super) reason: &'static str,
    /// Whether rate limits bound the number of such refusals. If not, they are sampled.
    pub(super) bounded: bool,
}

impl Refusal {
    /// Returns the refusal for an error, or `None` if this error is not logged as one.
    pub(crate) fn of(error: &Error) -> Option<Self> {
        let bounded = match error {
            Error::WrongCredentials | Error::WrongPassword | Error::WrongCode(_) => true,
            Error::Throttled(_) | Error::LinkDead | Error::NotAdministrator | Error::CrossSite => false,
            _ => return None,
        };
        let (_, reason) = error.status_and_code();
        Some(Self { reason, bounded })
    }
}

/// The causes of a failure of a store or another adapter. They travel as a refusal does.
#[derive(Debug, Clone)]
pub(crate) struct Failure(pub(super) String);

impl Failure {
    /// Returns the failure for an error, or `None` if operators need not know about it.
    pub(crate) fn of(error: &Error) -> Option<Self> {
        error.failure().map(Self)
    }
}
