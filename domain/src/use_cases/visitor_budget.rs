//! Limits how much visitors store, because each new client can begin a session without signing in.

use super::open_session::{OpenSession, SessionError};
use super::throttling::Charge;
use super::use_case_error::{Failure, UseCaseError};
use crate::ports::StoreError;
use crate::session::Session;
use crate::sign_in_state::SignInState;

/// The size of one unit of the budgets, in bytes of values.
const UNIT_BYTES: usize = 4 * 1024;

impl OpenSession {
    /// Charges the growth of a visitor's session. Sessions of accounts are not charged.
    ///
    /// Each session counts as one unit, and one more for each 4 KiB of values.
    pub(super) fn charge_growth(
        &self,
        old: Option<&Session>,
        new: &Session,
    ) -> Result<Option<Charge>, SessionError> {
        let grown = units(new).saturating_sub(old.map_or(0, units));
        if new.sign_in != SignInState::Visitor || grown == 0 {
            return Ok(None);
        }
        Charge::visitor_session(&self.context, grown)
            .map(Some)
            .map_err(|error| match error {
                UseCaseError::Refused(refusal) => SessionError::Throttled(refusal),
                UseCaseError::Failed(Failure::Store(error)) => error.into(),
                UseCaseError::Failed(failure) => SessionError::Store(StoreError::Unavailable {
                    store: "throttle",
                    source: failure.into(),
                }),
            })
    }
}

fn units(session: &Session) -> usize {
    1 + session.data.json_bytes() / UNIT_BYTES
}
