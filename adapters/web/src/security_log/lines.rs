//! The lines of the security log.

use kunci_domain::use_cases::Act;
use kunci_domain::{Actor, Event, EventKind, UserId};

/// The `tracing` target of the security log.
pub const SECURITY_LOG: &str = "kunci::security";

/// Logs an event that was recorded. A wrong code is left out, because it is also a refusal.
pub(super) fn log_event(event: &Event) {
    if event.kind == EventKind::SecondFactorFailed {
        return;
    }
    let (actor, administrator) = event.actor.to_stored();
    tracing::info!(
        target: SECURITY_LOG,
        event = event.kind.as_str(),
        result = "done",
        account = event.target.map(display),
        actor,
        administrator = administrator.map(display),
    );
}

/// Logs the acts of a client that leave no event.
pub(crate) fn log_acts(acts: Vec<(UserId, Act)>) {
    let (actor, _) = Actor::Owner.to_stored();
    for (account, act) in acts {
        let event = act.as_str();
        tracing::info!(target: SECURITY_LOG, event, result = "done", %account, actor);
    }
}

/// Logs a refusal, with the number of similar ones that were not logged before it.
pub(super) fn log_refusal(reason: &'static str, account: Option<UserId>, unlogged: u32) {
    tracing::info!(
        target: SECURITY_LOG,
        event = reason,
        result = "refused",
        account = account.map(display),
        unlogged = if_any(unlogged),
    );
}

/// Logs a failure, with the number of similar ones that were not logged before it.
pub(super) fn log_failure(cause: &str, unlogged: u32) {
    tracing::error!(%cause, unlogged = if_any(unlogged), "request failed");
}

fn if_any(unlogged: u32) -> Option<u32> {
    (0 < unlogged).then_some(unlogged)
}
