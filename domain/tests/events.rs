//! Events as values: the words that stores keep, and what owners see.

use kunci_domain::{Actor, Device, Event, EventKind, Interface, Timestamp, UserId};

#[test]
fn event_words_are_stable() {
    for kind in EventKind::ALL {
        assert_eq!(EventKind::parse(kind.as_str()), Some(*kind));
    }
    let words: Vec<_> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(
        words,
        [
            "signed_up",
            "signed_in",
            "signed_in_on_new_device",
            "signed_in_after_failures",
            "second_factor_failed",
            "password_changed",
            "password_reset",
            "password_set_by_operator",
            "address_confirmed",
            "address_changed",
            "second_factor_enabled",
            "second_factor_disabled",
            "second_factor_removed_by_operator",
            "recovery_code_used",
            "recovery_codes_renewed",
            "session_ended",
            "other_sessions_ended",
            "all_sessions_ended",
            "enabled_by_operator",
            "disabled_by_operator",
            "created_by_operator",
            "deleted_by_operator",
            "link_issued_by_operator",
            "session_ended_by_operator",
            "all_sessions_ended_by_operator",
            "invitation_created",
            "invitation_revoked",
        ]
    );
    assert_eq!(EventKind::parse("never"), None);
}

#[test]
fn owners_see_only_their_own_device() {
    let device = Device::new("a browser", None);
    let administrator = Actor::Administrator(UserId::from_stored(1), Interface::Page);
    for (actor, device, is_shown) in [
        (Actor::Owner, &device, true),
        (Actor::Owner, &Device::default(), false),
        (Actor::CommandLine, &Device::default(), false),
        (administrator, &device, false),
    ] {
        let event = Event {
            actor,
            target: Some(UserId::from_stored(2)),
            at: Timestamp::from_unix_millis(0),
            kind: EventKind::DisabledByOperator,
            device: device.clone(),
        };
        assert_eq!(event.owners_device(), is_shown.then_some(device), "{actor:?}");
    }
}

#[test]
fn stored_actors_are_stable() {
    let id = UserId::from_stored(7);
    for (actor, word, stored_id) in [
        (Actor::Owner, "owner", None),
        (Actor::CommandLine, "command_line", None),
        (Actor::Administrator(id, Interface::Page), "page", Some(id)),
        (Actor::Administrator(id, Interface::Api), "api", Some(id)),
    ] {
        assert_eq!(actor.to_stored(), (word, stored_id));
        assert_eq!(Actor::from_stored(word, stored_id), Some(actor));
        let other = if stored_id.is_some() { None } else { Some(id) };
        assert_eq!(Actor::from_stored(word, other), None, "{word}");
    }
    assert_eq!(Actor::from_stored("king", None), None);
}
