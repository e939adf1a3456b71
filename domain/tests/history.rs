//! What is written down of an account and told to its owner: once, to the right address, without secrets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use kunci_domain::ports::AuditLog;
use kunci_domain::use_cases::{
    NoticeError, change_address, change_password, confirm_address, disable_second_factor, end_other_sessions,
    end_session, enter_code, link_for, notify, prove, remove_second_factor, renew_recovery_codes,
    reset_password, resume, set_password, set_standing, sign_in, sign_in_by_link, sign_out_everywhere,
};
use kunci_domain::{
    Device, Event, EventKind, OpenSession, Purpose, SessionToken, Standing, Stranger, TotpStep,
};
use support::{
    Act, Authenticator, HOUR, Known, MINUTE, NEW_PASSWORD, PASSWORD, World, attempt, notice, password, token,
    username,
};

const ADDRESS: &str = "ada@example.org";

/// Ada, with a second factor and another session.
struct Ada {
    world: World,
    here: SessionToken,
    there: SessionToken,
    authenticator: Authenticator,
}

impl Ada {
    fn new() -> Self {
        let world = World::new();
        let here = world.sign_up_with_mail("ada", ADDRESS);
        let (here, authenticator) = world.enrol(&here);
        let code = authenticator.recovery[0].expose_text();
        let there = world.sign_in_with_code("ada", &code);
        world.clock.advance(MINUTE);
        world.post.take();
        Self {
            world,
            here,
            there,
            authenticator,
        }
    }

    fn code(&self, number: usize) -> String {
        self.authenticator.recovery[number].expose_text().to_string()
    }

    fn link(&self, purpose: Purpose) -> kunci_domain::LinkToken {
        link_for(&self.world.core, &username("ada"), purpose, self.world.now()).unwrap()
    }

    fn operator<T: std::fmt::Debug, E: std::fmt::Debug>(
        &self,
        work: impl FnOnce(&kunci_domain::Core, &kunci_domain::Username, kunci_domain::Timestamp) -> Result<T, E>,
    ) {
        work(&self.world.core, &username("ada"), self.world.now()).unwrap();
    }
}

/// A change, and what is noted of it.
type Change = (&'static str, &'static [EventKind], fn(&Ada));

const CHANGES: [Change; 15] = [
    ("change_password", &[EventKind::PasswordChanged], |ada| {
        let mut open = ada.world.open(&ada.here);
        change_password(&mut open, &password(PASSWORD), NEW_PASSWORD.into(), &Stranger).unwrap();
    }),
    ("reset_password", &[EventKind::PasswordReset], |ada| {
        let link = ada.link(Purpose::ResetPassword);
        reset_password(&mut ada.world.visit(), &link, NEW_PASSWORD.into()).unwrap();
    }),
    ("set_password", &[EventKind::PasswordSetByOperator], |ada| {
        ada.operator(|core, name, now| set_password(core, name, NEW_PASSWORD.into(), now));
    }),
    ("disable", &[EventKind::DisabledByOperator], |ada| {
        ada.operator(|core, name, now| set_standing(core, name, Standing::Disabled, now));
    }),
    ("enable", &[EventKind::EnabledByOperator], |ada| {
        ada.operator(|core, name, now| set_standing(core, name, Standing::Enabled, now));
    }),
    (
        "remove_second_factor",
        &[EventKind::SecondFactorRemovedByOperator],
        |ada| {
            ada.operator(remove_second_factor);
        },
    ),
    (
        "disable_second_factor",
        &[EventKind::SecondFactorDisabled],
        |ada| {
            disable_second_factor(&mut ada.world.open(&ada.here)).unwrap();
        },
    ),
    (
        "renew_recovery_codes",
        &[EventKind::RecoveryCodesRenewed],
        |ada| {
            renew_recovery_codes(&mut ada.world.open(&ada.here)).unwrap();
        },
    ),
    ("prove by recovery code", &[EventKind::RecoveryCodeUsed], |ada| {
        let mut open = ada.world.open(&ada.here);
        prove(&mut open, &password(PASSWORD), &ada.code(1), &Stranger).unwrap();
    }),
    ("end_session", &[EventKind::SessionEnded], |ada| {
        let id = ada.there.key().public_id();
        end_session(&mut ada.world.open(&ada.here), &id).unwrap();
    }),
    ("end_other_sessions", &[EventKind::OtherSessionsEnded], |ada| {
        end_other_sessions(&mut ada.world.open(&ada.here)).unwrap();
    }),
    ("sign_out_everywhere", &[EventKind::AllSessionsEnded], |ada| {
        sign_out_everywhere(&mut ada.world.open(&ada.here)).unwrap();
    }),
    ("a wrong code", &[EventKind::SecondFactorFailed], |ada| {
        let mut open = ada.world.open(&ada.world.pass_first_step("ada"));
        enter_code(&mut open, "000000", &Stranger).unwrap_err();
    }),
    (
        "sign in by recovery code",
        &[EventKind::RecoveryCodeUsed, EventKind::SignedInOnNewDevice],
        |ada| {
            ada.world.sign_in_with_code("ada", &ada.code(1));
        },
    ),
    ("sign in on a known device", &[EventKind::SignedIn], |ada| {
        let step = TotpStep::at(ada.world.now());
        let code = ada.authenticator.seed.code(step);
        let known = Known(ada.world.user("ada").id, 1);
        let mut open = ada.world.open(&ada.world.pass_first_step("ada"));
        enter_code(&mut open, &code, &known).unwrap();
    }),
];

#[test]
fn each_change_is_noted_once_and_told_at_most_once() {
    for (case, want, change) in CHANGES {
        let ada = Ada::new();
        let before = ada.world.events("ada").len();
        change(&ada);
        assert_eq!(ada.world.events("ada")[before..], *want, "{case}");
        let told: Vec<_> = want
            .iter()
            .filter(|kind| kind.is_told_by_mail())
            .map(|kind| notice(ADDRESS, *kind))
            .collect();
        assert_eq!(ada.world.post.take_told(), told, "{case}");
    }
}

#[test]
fn nobody_is_told_at_an_address_that_is_not_confirmed() {
    for (case, want, change) in CHANGES {
        let ada = Ada::new();
        ada.world.change("ada", |user| kunci_domain::User {
            email_confirmed_at: None,
            ..user
        });
        let before = ada.world.events("ada").len();
        change(&ada);
        assert_eq!(
            ada.world.events("ada")[before..],
            *want,
            "{case}: it is noted all the same"
        );
        assert_eq!(ada.world.post.take_told(), [], "{case}");
    }
}

#[test]
fn what_fails_to_be_noted_or_told_is_done_all_the_same() {
    for call in ["history.append", "mailer.send"] {
        let ada = Ada::new();
        ada.world.watch.each(call, Act::Fail);
        let mut open = ada.world.open(&ada.here);
        change_password(&mut open, &password(PASSWORD), NEW_PASSWORD.into(), &Stranger).unwrap();
        let untold = open.take_untold();
        let right = match untold.as_slice() {
            [NoticeError::Store(_)] => call == "history.append",
            [NoticeError::Mail(_)] => call == "mailer.send",
            _ => false,
        };
        assert!(right, "{call}: {untold:?}");
        assert!(open.take_untold().is_empty(), "{call}: told once");
        ada.world.watch.pass();
        assert_eq!(ada.world.who(&token(&open)).as_deref(), Some("ada"), "{call}");
        let noted = ada.world.events("ada").contains(&EventKind::PasswordChanged);
        assert_eq!(noted, call != "history.append", "{call}");
        assert_eq!(
            ada.world.post.take_told().len(),
            usize::from(call != "mailer.send"),
            "{call}"
        );
    }
}

#[test]
fn when_both_fail_both_are_for_the_log() {
    let ada = Ada::new();
    ada.world.watch.set(|call| match call {
        "history.append" | "mailer.send" => Act::Fail,
        _ => Act::Pass,
    });
    let mut open = ada.world.open(&ada.here);
    renew_recovery_codes(&mut open).unwrap();
    let untold = open.take_untold();
    assert!(
        matches!(untold.as_slice(), [NoticeError::Store(_), NoticeError::Mail(_)]),
        "{untold:?}"
    );
}

#[test]
fn the_owner_is_told_also_when_the_session_could_not_go_on() {
    type Fails = fn(&mut OpenSession) -> bool;
    let changes: [(EventKind, Fails); 4] = [
        (EventKind::PasswordChanged, |open| {
            change_password(open, &password(PASSWORD), NEW_PASSWORD.into(), &Stranger).is_err()
        }),
        (EventKind::SecondFactorDisabled, |open| {
            disable_second_factor(open).is_err()
        }),
        (EventKind::RecoveryCodesRenewed, |open| {
            renew_recovery_codes(open).is_err()
        }),
        (EventKind::OtherSessionsEnded, |open| {
            end_other_sessions(open).is_err()
        }),
    ];
    for (want, fails) in changes {
        let ada = Ada::new();
        let mut open = ada.world.open(&ada.here);
        ada.world.watch.each("sessions.rotate", Act::Fail);
        assert!(fails(&mut open), "{want:?}");
        assert_eq!(ada.world.events("ada").last(), Some(&want));
    }
}

#[test]
fn a_notice_says_what_when_where_and_nothing_secret() {
    let world = World::new();
    let here = world.sign_up_with_mail("ada", ADDRESS);
    let device = Device::new("a browser", Some([192, 0, 2, 7].into()));
    let mut open = resume(&world.core, Some(here.clone()), device.clone(), world.now()).unwrap();
    change_password(&mut open, &password(PASSWORD), NEW_PASSWORD.into(), &Stranger).unwrap();
    let want = Event {
        user: world.user("ada").id,
        at: world.now(),
        kind: EventKind::PasswordChanged,
        device,
    };
    assert_eq!(world.history.list(want.user, 0, 1).unwrap(), [want.clone()]);
    let mails = world.post.take();
    let shown = format!("{mails:?}");
    let kunci_domain::mail::MailContent::Notice(told) = &mails[0].content else {
        panic!("{shown}");
    };
    assert_eq!(told, &want);
    for secret in [
        PASSWORD,
        NEW_PASSWORD,
        world.user("ada").password_hash.expose(),
        ADDRESS,
    ] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let operators = set_password(&world.core, &username("ada"), PASSWORD.into(), world.now()).unwrap();
    let last = world.history.list(operators.id, 0, 1).unwrap().remove(0);
    assert_eq!(last.device, Device::default(), "an operator has none");
}

#[test]
fn a_device_is_new_until_it_is_known() {
    let world = World::new();
    world.sign_up("ada");
    world.sign_in("ada");
    let known = Known(world.user("ada").id, 1);
    let attempt = kunci_domain::use_cases::SignIn {
        devices: &known,
        ..attempt("ada", PASSWORD)
    };
    sign_in(&mut world.visit(), attempt).unwrap();
    let link = link_for(&world.core, &username("ada"), Purpose::SignIn, world.now()).unwrap();
    sign_in_by_link(&mut world.visit(), &link, &known).unwrap();
    let link = link_for(&world.core, &username("ada"), Purpose::SignIn, world.now()).unwrap();
    sign_in_by_link(&mut world.visit(), &link, &Stranger).unwrap();
    assert_eq!(
        world.events("ada"),
        [
            EventKind::SignedUp,
            EventKind::SignedInOnNewDevice,
            EventKind::SignedIn,
            EventKind::SignedIn,
            EventKind::SignedInOnNewDevice,
        ]
    );
}

#[test]
fn five_failures_before_a_sign_in_are_told_and_once() {
    for (failures, want) in [
        (4, EventKind::SignedInOnNewDevice),
        (5, EventKind::SignedInAfterFailures),
    ] {
        let world = World::new();
        world.sign_up_with_mail("ada", ADDRESS);
        for _ in 0..failures {
            let mut open = world.visit_from(world.another_network());
            sign_in(&mut open, attempt("ada", "wrong password")).unwrap_err();
        }
        world.sign_in("ada");
        assert_eq!(world.post.take_told(), [notice(ADDRESS, want)], "{failures}");
        world.sign_in("ada");
        assert_eq!(
            world.post.take_told(),
            [notice(ADDRESS, EventKind::SignedInOnNewDevice)]
        );
    }
}

#[test]
fn failures_are_forgotten_after_hours_and_a_known_device_does_not_hide_them() {
    for (hours, want) in [(0, EventKind::SignedInAfterFailures), (1, EventKind::SignedIn)] {
        let world = World::new();
        world.sign_up("ada");
        for _ in 0..5 {
            sign_in(&mut world.visit(), attempt("ada", "wrong password")).unwrap_err();
        }
        world.clock.advance(hours * HOUR);
        let known = Known(world.user("ada").id, 1);
        let attempt = kunci_domain::use_cases::SignIn {
            devices: &known,
            ..attempt("ada", PASSWORD)
        };
        sign_in(&mut world.visit(), attempt).unwrap();
        assert_eq!(world.events("ada").last(), Some(&want), "after {hours} hours");
    }
}

#[test]
fn wrong_codes_count_among_the_failures() {
    let ada = Ada::new();
    let waiting = ada.world.pass_first_step("ada");
    for _ in 0..3 {
        enter_code(&mut ada.world.open(&waiting), "000000", &Stranger).unwrap_err();
    }
    for _ in 0..2 {
        let mut open = ada.world.open(&ada.here);
        prove(&mut open, &password(PASSWORD), "000000", &Stranger).unwrap_err();
    }
    enter_code(&mut ada.world.open(&waiting), &ada.code(1), &Stranger).unwrap();
    assert_eq!(
        ada.world.events("ada").last(),
        Some(&EventKind::SignedInAfterFailures)
    );
}

#[test]
fn an_address_that_is_changed_is_one_event() {
    let world = World::new();
    let here = world.sign_up_with_mail("ada", ADDRESS);
    change_address(&world.open(&here), "new@example.org").unwrap();
    assert_eq!(world.events("ada"), [EventKind::SignedUp], "asking alone is none");
    confirm_address(&mut world.visit(), &world.post.take_link()).unwrap();
    assert_eq!(
        world.events("ada"),
        [EventKind::SignedUp, EventKind::AddressChanged]
    );
}

#[test]
fn failures_at_unknown_names_are_noted_nowhere() {
    let world = World::new();
    world.sign_up("ada");
    for _ in 0..5 {
        sign_in(&mut world.visit(), attempt("bob", "wrong password")).unwrap_err();
    }
    world.sign_in("ada");
    assert_eq!(world.events("ada").last(), Some(&EventKind::SignedInOnNewDevice));
}

#[test]
fn kinds_of_events_keep_their_words() {
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
        ]
    );
    assert_eq!(EventKind::parse("never"), None);
    let world = World::new();
    world.sign_up("ada");
    notify(
        &world.core,
        &world.user("ada"),
        EventKind::SessionEnded,
        Device::default(),
        world.now(),
    )
    .unwrap();
    assert_eq!(world.events("ada").last(), Some(&EventKind::SessionEnded));
}
