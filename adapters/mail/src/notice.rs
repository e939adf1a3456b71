//! Texts of notices: the event, its time and device, and what the user can do.

use std::time::{Duration, SystemTime};

use kunci_domain::{Event, EventKind, Timestamp};

use crate::device;
use crate::site::Site;

/// Returns the paragraphs after the greeting.
pub(crate) fn paragraphs(event: &Event, site: &Site) -> Vec<String> {
    let happened = format!(
        "Security notice for your account at {}: {}.",
        site.name(),
        decapitalized(summary(event.kind))
    );
    let circumstances = match event.owners_device().and_then(device::description) {
        Some(device) => format!("When: {}\nFrom: {device}", to_minute(event.at)),
        None => format!("When: {}", to_minute(event.at)),
    };
    vec![happened, circumstances, advice(event.kind, site)]
}

/// Returns the event as a sentence for the subject.
pub(crate) const fn summary(kind: EventKind) -> &'static str {
    match kind {
        EventKind::SignedUp => "Your account was created",
        EventKind::SignedIn => "Someone signed in",
        EventKind::SignedInOnNewDevice => "Someone signed in on a new device",
        EventKind::SignedInAfterFailures => "Someone signed in after several failed attempts",
        EventKind::SecondFactorFailed => "Someone entered your password, but a wrong code",
        EventKind::PasswordChanged => "Your password was changed",
        EventKind::PasswordReset => "Your password was reset through an email link",
        EventKind::PasswordSetByOperator => "An operator changed your password",
        EventKind::AddressConfirmed => "Your email address was confirmed",
        EventKind::AddressChanged => "Your email address was changed",
        EventKind::SecondFactorEnabled => "A second factor was set up",
        EventKind::SecondFactorDisabled => "Your second factor was removed",
        EventKind::SecondFactorRemovedByOperator => "An operator removed your second factor",
        EventKind::RecoveryCodeUsed => "A recovery code was used",
        EventKind::RecoveryCodesRenewed => "New recovery codes were created",
        EventKind::SessionEnded => "One of your sessions was ended",
        EventKind::OtherSessionsEnded => "All your other sessions were ended",
        EventKind::AllSessionsEnded => "All your sessions were ended",
        EventKind::EnabledByOperator => "An operator enabled your account",
        EventKind::DisabledByOperator => "An operator disabled your account",
        EventKind::CreatedByOperator => "An operator created your account",
        EventKind::DeletedByOperator => "An operator deleted your account",
        EventKind::LinkIssuedByOperator => "An operator created a link that opens your account",
        EventKind::SessionEndedByOperator => "An operator ended one of your sessions",
        EventKind::AllSessionsEndedByOperator => "An operator ended all your sessions",
        EventKind::InvitationCreated => "An invitation was created",
        EventKind::InvitationRevoked => "An invitation was withdrawn",
    }
}

/// Returns what the user can do. If an operator acted, a new password would not help.
fn advice(kind: EventKind, site: &Site) -> String {
    match kind {
        EventKind::PasswordSetByOperator
        | EventKind::SecondFactorRemovedByOperator
        | EventKind::EnabledByOperator
        | EventKind::DisabledByOperator
        | EventKind::CreatedByOperator
        | EventKind::DeletedByOperator
        | EventKind::LinkIssuedByOperator
        | EventKind::SessionEndedByOperator
        | EventKind::AllSessionsEndedByOperator
        | EventKind::InvitationCreated
        | EventKind::InvitationRevoked => {
            format!(
                "If you did not expect this, contact the operator of {}.",
                site.name()
            )
        }
        _ => format!(
            "If this was you, you do not need to do anything.\n\n\
             If this was not you, sign out of all sessions and choose a new password:\n\n\
             {base}/logout_all\n{base}/reset",
            base = site.base
        ),
    }
}

fn decapitalized(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}

/// Formats a time to the minute, in UTC.
fn to_minute(at: Timestamp) -> String {
    let text = humantime::format_rfc3339_seconds(system_time(at)).to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", time.get(..5).unwrap_or(time))
}

/// Converts a time for the libraries, which only accept the years 1970 to 9999. Other times are clamped.
pub(crate) fn system_time(at: Timestamp) -> SystemTime {
    const END: i64 = 253_402_300_799;
    let seconds = (at.unix_millis() / 1_000).clamp(0, END);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs())
}
