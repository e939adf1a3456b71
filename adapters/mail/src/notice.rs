//! What a notice says: what happened, when, where from, and what to do about it.

use std::time::{Duration, SystemTime};

use kunci_domain::{Event, EventKind, Timestamp};
use zeroize::Zeroizing;

use crate::device;
use crate::texts::Site;

/// The paragraphs below the greeting.
pub(crate) fn paragraphs(event: &Event, site: &Site) -> Vec<Zeroizing<String>> {
    let happened = format!(
        "This happened to your account at {}: {}.",
        site.name(),
        decapitalised(what(event.kind))
    );
    let circumstances = match device::in_words(&event.device) {
        Some(device) => format!("When: {}\nFrom: {device}", when(event.at)),
        None => format!("When: {}", when(event.at)),
    };
    [happened, circumstances, reaction(event.kind, site)]
        .map(Zeroizing::new)
        .to_vec()
}

/// What happened, as a subject says it.
pub(crate) const fn what(kind: EventKind) -> &'static str {
    match kind {
        EventKind::SignedUp => "Your account was made",
        EventKind::SignedIn => "Somebody signed in",
        EventKind::SignedInOnNewDevice => "Somebody signed in on a new device",
        EventKind::SignedInAfterFailures => "Somebody signed in after several failures",
        EventKind::SecondFactorFailed => "Somebody knew your password, but not the code",
        EventKind::PasswordChanged => "Your password was changed",
        EventKind::PasswordReset => "A new password was chosen by a mailed link",
        EventKind::PasswordSetByOperator => "An operator gave you a new password",
        EventKind::AddressConfirmed => "Your address was confirmed",
        EventKind::AddressChanged => "Your address was changed",
        EventKind::SecondFactorEnabled => "A second factor was set up",
        EventKind::SecondFactorDisabled => "Your second factor was removed",
        EventKind::SecondFactorRemovedByOperator => "An operator removed your second factor",
        EventKind::RecoveryCodeUsed => "A recovery code was used",
        EventKind::RecoveryCodesRenewed => "New recovery codes were made",
        EventKind::SessionEnded => "One of your sessions was ended",
        EventKind::OtherSessionsEnded => "All your other sessions were ended",
        EventKind::AllSessionsEnded => "All your sessions were ended",
        EventKind::EnabledByOperator => "An operator lets you sign in again",
        EventKind::DisabledByOperator => "An operator keeps you from signing in",
    }
}

/// What to do about it: operators are to be asked, everybody else is to be kept out.
fn reaction(kind: EventKind, site: &Site) -> String {
    match kind {
        EventKind::PasswordSetByOperator
        | EventKind::SecondFactorRemovedByOperator
        | EventKind::EnabledByOperator
        | EventKind::DisabledByOperator => {
            format!("If you did not expect that, ask whoever runs {}.", site.name())
        }
        _ => format!(
            "If it was you, all is well.\n\nIf it was not, sign out everywhere and choose a new password:\n\n\
             {base}/logout_all\n{base}/reset",
            base = site.base
        ),
    }
}

fn decapitalised(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}

/// The time to the minute, in UTC.
fn when(at: Timestamp) -> String {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(unix_seconds(at).unsigned_abs());
    let shown = humantime::format_rfc3339_seconds(time).to_string();
    let (day, time) = shown.split_once('T').unwrap_or((&shown, ""));
    format!("{day} {} UTC", time.get(..5).unwrap_or(time))
}

/// The time as the libraries take it, which know no day outside the years 1970 to 9999.
pub(crate) fn unix_seconds(at: Timestamp) -> i64 {
    const END: i64 = 253_402_300_799;
    (at.unix_millis() / 1_000).clamp(0, END)
}
