//! Descriptions of account events for users. The JSON API uses the stable names of the kinds instead.

use kunci_domain::EventKind;

/// Returns the description of a kind of event.
pub(crate) const fn describe(kind: EventKind) -> &'static str {
    match kind {
        EventKind::SignedUp => "The account was created",
        EventKind::SignedIn => "Signed in",
        EventKind::SignedInOnNewDevice => "Signed in on a new device",
        EventKind::SignedInAfterFailures => "Signed in after several failed attempts",
        EventKind::SecondFactorFailed => "The password was correct, but the code was wrong",
        EventKind::PasswordChanged => "The password was changed",
        EventKind::PasswordReset => "The password was reset through a link",
        EventKind::PasswordSetByOperator => "An operator set a new password",
        EventKind::AddressConfirmed => "The email address was confirmed",
        EventKind::AddressChanged => "The email address was changed",
        EventKind::SecondFactorEnabled => "The second factor was set up",
        EventKind::SecondFactorDisabled => "The second factor was turned off",
        EventKind::SecondFactorRemovedByOperator => "An operator removed the second factor",
        EventKind::RecoveryCodeUsed => "A recovery code was used",
        EventKind::RecoveryCodesRenewed => "New recovery codes were created",
        EventKind::SessionEnded => "A session was ended",
        EventKind::OtherSessionsEnded => "All other sessions were ended",
        EventKind::AllSessionsEnded => "All sessions were ended",
        EventKind::EnabledByOperator => "An operator allowed the account to sign in again",
        EventKind::DisabledByOperator => "An operator blocked the account from signing in",
        EventKind::CreatedByOperator => "An operator created the account",
        EventKind::DeletedByOperator => "An operator deleted the account",
        EventKind::LinkIssuedByOperator => {
            "An operator created a link to sign in or to choose a new password"
        }
        EventKind::SessionEndedByOperator => "An operator ended a session",
        EventKind::AllSessionsEndedByOperator => "An operator ended all sessions",
        EventKind::InvitationCreated => "An invitation was created",
        EventKind::InvitationRevoked => "An invitation was withdrawn",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_has_its_own_description() {
        let sentences: HashSet<&str> = EventKind::ALL.iter().map(|kind| describe(*kind)).collect();
        assert_eq!(sentences.len(), EventKind::ALL.len());
        assert!(sentences.iter().all(|sentence| !sentence.ends_with('.')));
    }
}
