//! Which refusals are logged, and how often.

use std::net::IpAddr;

use kunci_domain::{Network, Timestamp, UserId};

use super::lines::log_refusal;
use super::sampler::Sampler;
use crate::errors::Error;

/// A refusal to be logged. It travels in the extensions of the response, because a form that is shown again is
/// not an error for the rest of the pipeline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal {
    reason: &'static str,
    /// Whether rate limits bound the number of such refusals. If not, they are sampled.
    bounded: bool,
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

/// Logs refusals so that no client can flood the log.
#[derive(Debug, Default)]
pub(crate) struct RefusalLog {
    sampler: Sampler,
}

impl RefusalLog {
    /// Logs a refusal. Of those that no rate limit bounds, it logs one in a minute for each reason, account
    /// and network.
    pub(crate) fn log(
        &self,
        refusal: Refusal,
        account: Option<UserId>,
        address: Option<IpAddr>,
        now: Timestamp,
    ) {
        let reason = refusal.reason;
        if refusal.bounded {
            return log_refusal(reason, account, 0);
        }
        let key = (reason, account, Network::all_of(address).first().copied());
        if let Some(unlogged) = self.sampler.admit(key, now) {
            log_refusal(reason, account, unlogged);
        }
    }
}
