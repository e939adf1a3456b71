//! How often refusals and failures are logged.

use std::net::IpAddr;

use http::Extensions;
use kunci_domain::{Network, Timestamp, UserId};

use super::lines::{log_failure, log_refusal};
use super::marks::{Failure, Refusal};
use super::sampler::Sampler;

/// Logs refusals and failures so that no client can flood the log.
#[derive(Debug, Default)]
pub(crate) struct OutcomeLog {
    sampler: Sampler,
}

impl OutcomeLog {
    /// Returns whether a response has something to log.
    pub(crate) fn concerns(marks: &Extensions) -> bool {
        marks.get::<Refusal>().is_some() || marks.get::<Failure>().is_some()
    }

    /// Logs the refusal or failure that a response is marked with, and removes the mark.
    pub(crate) fn log(
        &self,
        marks: &mut Extensions,
        account: Option<UserId>,
        address: Option<IpAddr>,
        now: Timestamp,
    ) {
        if let Some(refusal) = marks.remove() {
            self.log_refusal(refusal, account, address, now);
        }
        if let Some(failure) = marks.remove() {
            self.log_failure(&failure, now);
        }
    }

    /// Logs a refusal. Of those that no rate limit bounds, it logs one in a minute for each reason, account
    /// and network.
    fn log_refusal(
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

    /// Logs one failure in a minute for each cause. While a store is away, every request fails.
    fn log_failure(&self, Failure(cause): &Failure, now: Timestamp) {
        if let Some(unlogged) = self.sampler.admit(cause, now) {
            log_failure(cause, unlogged);
        }
    }
}
