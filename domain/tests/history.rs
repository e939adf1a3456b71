//! The history of an account and the notices to its owner: each once, to the right address, and without
//! secrets.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::ports::AccountStore;
use kunci_domain::use_cases::{
    NoticeError, change_address, change_password, confirm_address, disable_second_factor, end_other_sessions,
    end_session, enter_code, prove, remove_second_factor, renew_recovery_codes, reset_password, resume,
    set_password, set_standing, sign_out_everywhere,
};
use kunci_domain::{
    Actor, Device, Event, EventKind, NoKnownDevices, OpenSession, Purpose, RequestContext, SessionToken,
    Standing, TotpStep,
};
use support::{
    Act, Authenticator, MINUTE, NEW_PASSWORD, PASSWORD, World, notice, operator, password, token, username,
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
        world.mailer.take_mails();
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
        self.world.issue_link("ada", purpose)
    }

    fn operator<T: std::fmt::Debug, E: std::fmt::Debug>(
        &self,
        work: impl FnOnce(&kunci_domain::Core, &kunci_domain::Username, kunci_domain::Timestamp) -> Result<T, E>,
    ) {
        work(&self.world.core, &username("ada"), self.world.now()).unwrap();
    }
}

/// A change and the expected events.
type Change = (&'static str, &'static [EventKind], fn(&Ada));

const CHANGES: [Change; 15] = [
    ("change_password", &[EventKind::PasswordChanged], |ada| {
        let mut open = ada.world.open(&ada.here);
        change_password(
            &mut open,
            &password(PASSWORD),
            NEW_PASSWORD.into(),
            &NoKnownDevices,
        )
        .unwrap();
    }),
    (
        "issue_link_for and reset_password",
        &[EventKind::LinkIssuedByOperator, EventKind::PasswordReset],
        |ada| {
            let link = ada.link(Purpose::ResetPassword);
            reset_password(&mut ada.world.visit(), &link, NEW_PASSWORD.into()).unwrap();
        },
    ),
    ("set_password", &[EventKind::PasswordSetByOperator], |ada| {
        ada.operator(|core, name, now| set_password(core, &operator(), name, NEW_PASSWORD.into(), now));
    }),
    ("disable", &[EventKind::DisabledByOperator], |ada| {
        ada.operator(|core, name, now| set_standing(core, &operator(), name, Standing::Disabled, now));
    }),
    ("enable", &[EventKind::EnabledByOperator], |ada| {
        ada.operator(|core, name, now| set_standing(core, &operator(), name, Standing::Enabled, now));
    }),
    (
        "remove_second_factor",
        &[EventKind::SecondFactorRemovedByOperator],
        |ada| {
            ada.operator(|core, name, now| remove_second_factor(core, &operator(), name, now));
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
        prove(&mut open, &password(PASSWORD), &ada.code(1), &NoKnownDevices).unwrap();
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
        enter_code(&mut open, "000000", &NoKnownDevices).unwrap_err();
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
        let known = ada.world.known("ada");
        let mut open = ada.world.open(&ada.world.pass_first_step("ada"));
        enter_code(&mut open, &code, &known).unwrap();
    }),
];

#[test]
fn each_change_is_recorded_once_and_mailed_at_most_once() {
    for (case, want, change) in CHANGES {
        let ada = Ada::new();
        let before = ada.world.events("ada").len();
        change(&ada);
        assert_eq!(ada.world.events("ada")[before..], *want, "{case}");
        let mailed: Vec<_> = want
            .iter()
            .filter(|kind| kind.sends_notice())
            .map(|kind| notice(ADDRESS, *kind))
            .collect();
        assert_eq!(ada.world.mailer.take_sent(), mailed, "{case}");
    }
}

#[test]
fn unconfirmed_address_gets_no_notice() {
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
            "{case}: it is recorded anyway"
        );
        assert_eq!(ada.world.mailer.take_sent(), [], "{case}");
    }
}

#[test]
fn failed_notice_does_not_undo_the_action() {
    let ada = Ada::new();
    ada.world.watch.each("mailer.send", Act::Fail);
    let mut open = ada.world.open(&ada.here);
    renew_recovery_codes(&mut open).unwrap();
    let failed_notices = open.take_failed_notices();
    assert!(
        matches!(failed_notices.as_slice(), [NoticeError::Mail(_)]),
        "{failed_notices:?}"
    );
    assert!(open.take_failed_notices().is_empty(), "reported once");
    ada.world.watch.pass();
    assert_eq!(ada.world.who(&token(&open)).as_deref(), Some("ada"));
    assert_eq!(
        ada.world.events("ada").last(),
        Some(&EventKind::RecoveryCodesRenewed)
    );
    assert_eq!(ada.world.mailer.take_sent(), []);
}

#[test]
fn change_without_its_event_is_not_made() {
    let ada = Ada::new();
    let before = (ada.world.user("ada"), ada.world.events("ada"));
    ada.world.watch.each("accounts.commit", Act::Fail);
    let mut open = ada.world.open(&ada.here);
    renew_recovery_codes(&mut open).unwrap_err();
    ada.world.watch.pass();
    assert_eq!((ada.world.user("ada"), ada.world.events("ada")), before);
    assert_eq!(ada.world.mailer.take_sent(), []);
}

#[test]
fn unrecorded_end_of_a_session_is_reported() {
    let ada = Ada::new();
    let mut open = ada.world.open(&ada.here);
    ada.world.watch.each("accounts.commit", Act::Fail);
    end_session(&mut open, &ada.there.key().public_id()).unwrap();
    let failed_notices = open.take_failed_notices();
    assert!(
        matches!(failed_notices.as_slice(), [NoticeError::Store(_)]),
        "{failed_notices:?}"
    );
    ada.world.watch.pass();
    assert_eq!(ada.world.who(&ada.there), None);
}

#[test]
fn owner_is_notified_if_the_session_cannot_continue() {
    type Fails = fn(&mut OpenSession) -> bool;
    let changes: [(EventKind, Fails); 4] = [
        (EventKind::PasswordChanged, |open| {
            change_password(open, &password(PASSWORD), NEW_PASSWORD.into(), &NoKnownDevices).is_err()
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
fn notice_names_event_time_and_device_but_no_secret() {
    let world = World::new();
    let here = world.sign_up_with_mail("ada", ADDRESS);
    let device = Device::new("a browser", Some([192, 0, 2, 7].into()));
    let mut open = resume(
        RequestContext::new(&world.core, device.clone(), world.now()),
        Some(here.clone()),
    )
    .unwrap();
    change_password(
        &mut open,
        &password(PASSWORD),
        NEW_PASSWORD.into(),
        &NoKnownDevices,
    )
    .unwrap();
    let want = Event {
        actor: Actor::Owner,
        target: Some(world.user("ada").id),
        at: world.now(),
        kind: EventKind::PasswordChanged,
        device,
    };
    let recorded = world.accounts.events(world.user("ada").id, 0, 1).unwrap();
    assert_eq!(recorded.as_slice(), std::slice::from_ref(&want));
    let mails = world.mailer.take_mails();
    let shown = format!("{mails:?}");
    let kunci_domain::mail::MailContent::Notice(event) = &mails[0].content else {
        panic!("{shown}");
    };
    assert_eq!(event, &want);
    for secret in [
        PASSWORD,
        NEW_PASSWORD,
        world.user("ada").password_hash.expose(),
        ADDRESS,
    ] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let operators = set_password(
        &world.core,
        &operator(),
        &username("ada"),
        PASSWORD.into(),
        world.now(),
    )
    .unwrap();
    let last = world.accounts.events(operators.id, 0, 1).unwrap().remove(0);
    assert_eq!(last.device, Device::default(), "an operator has no device");
}

#[test]
fn address_change_is_one_event() {
    let world = World::new();
    let here = world.sign_up_with_mail("ada", ADDRESS);
    change_address(&world.open(&here), "new@example.org").unwrap();
    assert_eq!(
        world.events("ada"),
        [EventKind::SignedUp],
        "the request alone is no event"
    );
    confirm_address(&mut world.visit(), &world.mailer.take_link()).unwrap();
    assert_eq!(
        world.events("ada"),
        [EventKind::SignedUp, EventKind::AddressChanged]
    );
}

#[test]
fn end_of_the_own_session_is_recorded() {
    let world = World::new();
    world.sign_up("ada");
    let mut open = world.open(&world.sign_in("ada"));
    let id = open.record().unwrap().key.public_id();
    end_session(&mut open, &id).unwrap();
    assert_eq!(world.events("ada").last(), Some(&EventKind::SessionEnded));
}
