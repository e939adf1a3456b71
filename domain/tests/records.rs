//! Properties of records: expiry of sessions, admission by users, and descriptions of devices.
//!
//! Their effect on use cases is in the other files.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::time::Duration;

use kunci_domain::{
    Admission, Authentication, Device, Epoch, Lifetime, Permanence, SessionPolicy, Standing, Timestamp, User,
    whole_millis,
};
use support::{DAY, HOUR, World};

#[test]
fn session_ends_at_the_earlier_of_its_limits() {
    let world = World::new();
    let record = world.open(&world.sign_up("ada")).record().unwrap().clone();
    let begun = record.created_at;
    for (case, seen, idle, absolute, end) in [
        ("idle first", 0, 10, 100, 10),
        ("idle since the last use", 50, 10, 100, 60),
        ("absolute first", 95, 10, 100, 100),
        ("both at the same time", 90, 10, 100, 100),
        ("no lifetime", 0, 0, 0, 0),
    ] {
        let millis = |n: u64| begun.after(Duration::from_millis(n));
        let mut session = record.clone();
        session.last_seen_at = millis(seen);
        session.lifetime = Lifetime {
            idle: Duration::from_millis(idle),
            absolute: Duration::from_millis(absolute),
        };
        assert_eq!(session.expires_at(), millis(end), "{case}");
        assert!(
            !session.is_live(millis(end)) && !session.is_live(millis(end + 1)),
            "{case}"
        );
        assert_eq!(end == 0, !session.is_live(begun), "{case}");
    }
    let mut forever = record;
    forever.lifetime = Lifetime {
        idle: Duration::MAX,
        absolute: Duration::MAX,
    };
    assert_eq!(forever.expires_at(), Timestamp::MAX);
}

#[test]
fn late_use_changes_nothing() {
    let world = World::new();
    let mut record = world.open(&world.sign_up("ada")).record().unwrap().clone();
    let begun = record.last_seen_at;
    record.see(begun.after(HOUR));
    record.see(begun);
    assert_eq!(record.last_seen_at, begun.after(HOUR));
}

#[test]
fn enabled_user_admits_sessions_of_its_epoch() {
    let world = World::new();
    world.sign_up("ada");
    let user = User {
        epoch: Epoch::from_stored(5),
        ..world.user("ada")
    };
    for (standing, epoch, want) in [
        (Standing::Enabled, 5, true),
        (Standing::Enabled, 4, false),
        (Standing::Enabled, 6, false),
        (Standing::Disabled, 5, false),
        (Standing::Disabled, 4, false),
    ] {
        let user = User {
            standing,
            ..user.clone()
        };
        assert_eq!(
            user.admits(Epoch::from_stored(epoch)),
            want,
            "{standing:?}, epoch {epoch}"
        );
    }
    assert_eq!(user.clone().in_next_epoch().epoch, Epoch::from_stored(6));
    assert_eq!(
        Authentication::of(&Admission::from(&user), world.now()).epoch,
        user.epoch
    );
}

#[test]
fn user_disabled_in_the_same_epoch_is_out() {
    let world = World::new();
    let ada = world.sign_up("ada");
    let disabled = User {
        standing: Standing::Disabled,
        ..world.user("ada")
    };
    support::replace(&*world.accounts, disabled);
    assert_eq!(world.who(&ada), None);
}

#[test]
fn device_is_cut_and_has_no_control_characters() {
    let long = "ö".repeat(300);
    for (agent, want) in [
        ("", ""),
        ("curl/8", "curl/8"),
        ("a\r\nb\0c\u{1b}[31md\u{85}", "abc[31md"),
        ("<b>", "<b>"),
        (long.as_str(), &long[..400]),
    ] {
        assert_eq!(Device::new(agent, None).user_agent(), want, "{agent:?}");
    }
    let noise = format!("{}tail", "\n".repeat(300));
    assert_eq!(
        Device::new(&noise, None).user_agent(),
        "tail",
        "removed characters do not count"
    );
}

#[test]
fn default_lifetimes_match_the_documentation() {
    let policy = SessionPolicy::default();
    let permanent = policy.lifetime(Permanence::from_choice(true));
    let browser = policy.lifetime(Permanence::from_choice(false));
    assert_eq!((permanent.idle, permanent.absolute), (7 * DAY, 30 * DAY));
    assert_eq!((browser.idle, browser.absolute), (12 * HOUR, 24 * HOUR));
}

#[test]
fn time_saturates_instead_of_wrapping() {
    let [earliest, epoch] = [i64::MIN, 0].map(Timestamp::from_unix_millis);
    assert_eq!(Timestamp::MAX.after(HOUR), Timestamp::MAX);
    assert_eq!(epoch.after(Duration::MAX), Timestamp::MAX);
    assert_eq!(epoch.since(Timestamp::MAX), Duration::ZERO);
    assert_eq!(
        Timestamp::MAX.since(earliest),
        Duration::from_millis(i64::MAX.unsigned_abs())
    );
    assert_eq!(whole_millis(Duration::from_micros(1_999)), 1);
    assert_eq!(whole_millis(Duration::MAX), i64::MAX);
}
