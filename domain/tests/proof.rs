//! Re-authentication: which actions need it, how long it is valid, and what it requires.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::ports::HashError;
use kunci_domain::use_cases::UseCaseError::{Failed, Refused};
use kunci_domain::use_cases::{
    AddressRefusal, AuthorityError, ChangePasswordRefusal, EnrolRefusal, Failure, Outcome, PasswordRefusal,
    ProveRefusal, begin_enrolment, change_address, change_password, delete_account, disable_second_factor,
    end_other_sessions, end_session, enrolment, finish_enrolment, prove, renew_recovery_codes,
    resend_confirmation, sign_out, sign_out_everywhere,
};
use kunci_domain::{EventKind, NoKnownDevices, OpenSession, Role, User};
use support::{
    Authenticator, HOUR, MILLISECOND, MINUTE, NEW_PASSWORD, PASSWORD, World, assert_err, code_at, password,
    token,
};

/// The default lifetime of a re-authentication.
const FRESH: std::time::Duration = std::time::Duration::from_secs(600);

/// Returns whether an action was refused because it needs recent authentication.
type IsRefused = fn(&mut OpenSession) -> bool;

const fn is_proof(error: AuthorityError) -> bool {
    matches!(error, AuthorityError::ProofNeeded)
}

fn enrol_refused<T>(outcome: Outcome<T, EnrolRefusal>) -> bool {
    matches!(outcome, Err(Refused(EnrolRefusal::Authority(error))) if is_proof(error))
}

const SENSITIVE: [(&str, IsRefused); 8] = [
    ("change_password", |open| {
        let outcome = change_password(open, &password(PASSWORD), NEW_PASSWORD.into(), &NoKnownDevices);
        matches!(outcome, Err(Refused(ChangePasswordRefusal::Authority(error))) if is_proof(error))
    }),
    ("change_address", |open| {
        let outcome = change_address(open, "new@example.org");
        matches!(outcome, Err(Refused(AddressRefusal::Authority(error))) if is_proof(error))
    }),
    ("delete_account", |open| {
        let outcome = delete_account(open);
        matches!(outcome, Err(Refused(error)) if is_proof(error))
    }),
    ("begin_enrolment", |open| enrol_refused(begin_enrolment(open))),
    ("enrolment", |open| enrol_refused(enrolment(open))),
    ("finish_enrolment", |open| {
        enrol_refused(finish_enrolment(open, "000000"))
    }),
    ("disable_second_factor", |open| {
        enrol_refused(disable_second_factor(open))
    }),
    ("renew_recovery_codes", |open| {
        enrol_refused(renew_recovery_codes(open))
    }),
];

#[test]
fn sensitive_changes_need_recent_authentication() {
    for (case, refused) in SENSITIVE {
        for (passed, want) in [(FRESH - MILLISECOND, false), (FRESH, true), (HOUR, true)] {
            let world = World::new();
            let here = world.sign_up_with_mail("ada", "ada@example.org");
            world.clock.advance(passed);
            let before = world.user("ada");
            let mut open = world.open(&here);
            assert_eq!(open.is_fresh(), !want, "{case}");
            assert_eq!(refused(&mut open), want, "{case} after {passed:?}");
            if want {
                assert_eq!(world.user("ada"), before, "{case}");
                assert_eq!(world.who(&here).as_deref(), Some("ada"), "{case}");
                assert!(world.mailer.take_mails().is_empty(), "{case}");
            }
        }
    }
}

#[test]
fn operator_sets_the_proof_lifetime() {
    let world = World::with(|core| core.account_policy.proof_lifetime = MINUTE);
    let here = world.sign_up("ada");
    world.clock.advance(MINUTE - MILLISECOND);
    assert!(world.open(&here).is_fresh());
    world.clock.advance(MILLISECOND);
    assert!(!world.open(&here).is_fresh());
}

#[test]
fn ending_sessions_and_resending_mail_need_no_proof() {
    type Action = fn(&mut OpenSession);
    let actions: [(&str, Action); 5] = [
        ("sign_out", |open| sign_out(open).unwrap()),
        ("sign_out_everywhere", |open| sign_out_everywhere(open).unwrap()),
        ("end_other_sessions", |open| end_other_sessions(open).unwrap()),
        ("end_session", |open| {
            let id = open.record().unwrap().key.public_id();
            end_session(open, &id).unwrap();
        }),
        ("resend_confirmation", |open| resend_confirmation(open).unwrap()),
    ];
    for (case, action) in actions {
        let world = World::new();
        let here = token(&world.sign_up_at("ada", "ada@example.org"));
        world.clock.advance(HOUR);
        let mut open = world.open(&here);
        assert!(!open.is_fresh(), "{case}");
        action(&mut open);
    }
}

#[test]
fn proof_allows_sensitive_changes_and_rotates_the_token() {
    let world = World::new();
    let here = world.sign_up("ada");
    world.clock.advance(HOUR);
    let mut open = world.open(&here);
    open.insert("theme", "dark").unwrap();
    prove(&mut open, &password(PASSWORD), "", &NoKnownDevices).unwrap();
    assert!(open.is_fresh());
    let new = token(&open);
    assert_eq!(world.who(&here), None, "the previous token is invalid");
    let mut open = world.open(&new);
    assert!(open.is_fresh());
    assert_eq!(open.get::<String>("theme").unwrap().as_deref(), Some("dark"));
    change_password(
        &mut open,
        &password(PASSWORD),
        NEW_PASSWORD.into(),
        &NoKnownDevices,
    )
    .unwrap();
}

#[test]
fn proof_is_valid_for_its_own_session_only() {
    let world = World::new();
    let (here, there) = (world.sign_up("ada"), world.sign_in("ada"));
    world.clock.advance(HOUR);
    prove(&mut world.open(&here), &password(PASSWORD), "", &NoKnownDevices).unwrap();
    assert_eq!(world.who(&there).as_deref(), Some("ada"));
    assert!(!world.open(&there).is_fresh());
}

/// Ada with a second factor, whose authentication is not recent.
fn enrolled() -> (World, kunci_domain::SessionToken, Authenticator) {
    let world = World::new();
    let here = world.sign_up("ada");
    let (here, authenticator) = world.enrol(&here);
    world.clock.advance(HOUR);
    (world, here, authenticator)
}

#[test]
fn proof_needs_both_factors() {
    let (world, here, authenticator) = enrolled();
    let code = code_at(&authenticator.seed, world.now());
    let mut open = world.open(&here);
    for (case, text, given) in [
        ("password alone", PASSWORD, ""),
        ("password and a wrong code", PASSWORD, "000000"),
        ("code alone", "", code.as_str()),
        ("code and a wrong password", "wrong password", code.as_str()),
    ] {
        prove(&mut open, &password(text), given, &NoKnownDevices).unwrap_err();
        assert!(!open.is_fresh(), "{case}");
        assert_eq!(world.who(&here).as_deref(), Some("ada"), "{case}");
    }
    prove(&mut open, &password(PASSWORD), &code, &NoKnownDevices).unwrap();
    assert!(open.is_fresh());
}

#[test]
fn wrong_password_does_not_spend_the_code() {
    let (world, here, authenticator) = enrolled();
    let code = authenticator.recovery[0].expose_text();
    let mut open = world.open(&here);
    prove(&mut open, &password("wrong password"), &code, &NoKnownDevices).unwrap_err();
    prove(&mut open, &password(PASSWORD), &code, &NoKnownDevices).unwrap();
    assert_eq!(world.events("ada").last(), Some(&EventKind::RecoveryCodeUsed));
}

#[test]
fn wrong_code_in_a_proof_is_recorded() {
    let (world, here, _) = enrolled();
    prove(
        &mut world.open(&here),
        &password(PASSWORD),
        "000000",
        &NoKnownDevices,
    )
    .unwrap_err();
    assert_eq!(world.events("ada").last(), Some(&EventKind::SecondFactorFailed));
}

#[test]
fn failed_proof_changes_nothing() {
    let world = World::new();
    let here = world.sign_up("ada");
    world.clock.advance(HOUR);
    let mut open = world.open(&here);
    let outcome = prove(&mut open, &password("wrong password"), "", &NoKnownDevices);
    assert_err!(outcome, Refused(ProveRefusal::Password(PasswordRefusal::Wrong)));
    assert!(!open.is_fresh());
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
    assert_eq!(open.cookie_action(), kunci_domain::use_cases::CookieAction::Keep);
    assert_eq!(world.who(&here).as_deref(), Some("ada"));
}

#[test]
fn proof_without_a_signed_in_user_fails() {
    let world = World::new();
    let outcome = prove(&mut world.visit(), &password(PASSWORD), "", &NoKnownDevices);
    assert_err!(outcome, Refused(ProveRefusal::NotSignedIn));
    assert_eq!(world.hasher.verifications(), 0);
}

#[test]
fn failed_proofs_are_charged_like_failed_sign_ins() {
    let world = World::new();
    let here = world.sign_up("ada");
    let mut open = world.open(&here);
    world.hasher.set_busy(true);
    for _ in 0..20 {
        let outcome = prove(&mut open, &password(PASSWORD), "", &NoKnownDevices);
        assert_err!(outcome, Failed(Failure::Hash(HashError::Busy)));
    }
    world.hasher.set_busy(false);
    for _ in 0..20 {
        prove(&mut open, &password(PASSWORD), "", &NoKnownDevices).unwrap();
    }
    for _ in 0..5 {
        let outcome = prove(&mut open, &password("wrong password"), "", &NoKnownDevices);
        assert_err!(outcome, Refused(ProveRefusal::Password(PasswordRefusal::Wrong)));
        let outcome = change_password(
            &mut open,
            &password("wrong password"),
            NEW_PASSWORD.into(),
            &NoKnownDevices,
        );
        assert_err!(
            outcome,
            Refused(ChangePasswordRefusal::Password(PasswordRefusal::Wrong))
        );
    }
    let throttled = |outcome: &Outcome<(), ProveRefusal>| {
        matches!(
            outcome,
            Err(Refused(ProveRefusal::Password(PasswordRefusal::Throttled(_))))
        )
    };
    let outcome = prove(&mut open, &password(PASSWORD), "", &NoKnownDevices);
    assert!(throttled(&outcome), "{outcome:?}");
    assert!(open.user().is_some(), "the user stays signed in");
    let known = world.known("ada");
    prove(&mut open, &password(PASSWORD), "", &known).unwrap();
    kunci_domain::use_cases::sign_in(&mut world.visit(), support::attempt("ada", PASSWORD)).unwrap_err();
}

#[test]
fn ending_other_sessions_extends_neither_proof_nor_session() {
    let world = World::new();
    let here = world.sign_up("ada");
    let before = world.open(&here).record().unwrap().clone();
    world.clock.advance(9 * MINUTE);
    let mut open = world.open(&here);
    assert!(open.is_fresh());
    end_other_sessions(&mut open).unwrap();
    let here = token(&open);
    let after = world.open(&here).record().unwrap().clone();
    assert_eq!(after.created_at, before.created_at);
    assert_eq!(after.lifetime, before.lifetime);
    assert_eq!(
        after.authentication().unwrap().at,
        before.authentication().unwrap().at
    );
    world.clock.advance(MINUTE);
    assert!(!world.open(&here).is_fresh());
}

#[test]
fn administration_needs_the_role_and_recent_authentication() {
    for (case, role, passed, want) in [
        ("administrator", Role::Administrator, MINUTE, Ok(())),
        (
            "long ago",
            Role::Administrator,
            FRESH,
            Err(AuthorityError::ProofNeeded),
        ),
        (
            "member",
            Role::Member,
            MINUTE,
            Err(AuthorityError::NotAdministrator),
        ),
        (
            "member, long ago",
            Role::Member,
            FRESH,
            Err(AuthorityError::NotAdministrator),
        ),
    ] {
        let world = World::new();
        let here = world.sign_up("ada");
        world.change("ada", |user| User { role, ..user });
        world.clock.advance(passed);
        let open = world.open(&here);
        assert_eq!(open.fresh_administrator().map(|_| ()), want, "{case}");
    }
    let visitor = World::new().visit();
    assert_eq!(visitor.fresh_administrator(), Err(AuthorityError::NotSignedIn));
    assert_eq!(visitor.fresh_account(), Err(AuthorityError::NotSignedIn));
}
