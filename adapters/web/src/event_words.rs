//! What happened to an account, in words for its owner.
//!
//! Programs get the stable word of the kind instead.

use kunci_domain::EventKind;

/// The sentence for a kind of event.
pub(crate) const fn in_words(kind: EventKind) -> &'static str {
    match kind {
        EventKind::SignedUp => "The account was made",
        EventKind::SignedIn => "Signed in",
        EventKind::SignedInOnNewDevice => "Signed in on a device that was new to the account",
        EventKind::SignedInAfterFailures => "Signed in after several failed attempts",
        EventKind::SecondFactorFailed => "The password was right and the code was wrong",
        EventKind::PasswordChanged => "The password was changed",
        EventKind::PasswordReset => "A new password was chosen by a link",
        EventKind::PasswordSetByOperator => "An operator set a new password",
        EventKind::AddressConfirmed => "The e-mail address was confirmed",
        EventKind::AddressChanged => "The e-mail address was changed",
        EventKind::SecondFactorEnabled => "The second factor was set up",
        EventKind::SecondFactorDisabled => "The second factor was switched off",
        EventKind::SecondFactorRemovedByOperator => "An operator removed the second factor",
        EventKind::RecoveryCodeUsed => "A recovery code was used",
        EventKind::RecoveryCodesRenewed => "New recovery codes were made",
        EventKind::SessionEnded => "One session was ended",
        EventKind::OtherSessionsEnded => "All other sessions were ended",
        EventKind::AllSessionsEnded => "All sessions were ended",
        EventKind::EnabledByOperator => "An operator allowed signing in again",
        EventKind::DisabledByOperator => "An operator stopped the account from signing in",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_has_a_sentence_of_its_own() {
        let sentences: HashSet<&str> = EventKind::ALL.iter().map(|kind| in_words(*kind)).collect();
        assert_eq!(sentences.len(), EventKind::ALL.len());
        assert!(sentences.iter().all(|sentence| !sentence.ends_with('.')));
    }
}
