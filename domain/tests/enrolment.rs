//! Enrolment and removal of a second factor: when it takes effect, which sessions end, and where its secrets
//! are.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::sync::Arc;

use kunci_domain::ports::SessionStore;
use kunci_domain::use_cases::UseCaseError::{Failed, Refused};
use kunci_domain::use_cases::{
    EnrolRefusal, Failure, SessionRefusal, SignedIn, begin_enrolment, disable_second_factor, enrolment,
    finish_enrolment, prove, renew_recovery_codes, resume, sign_in,
};
use kunci_domain::{Admission, Device, EventKind, NoKnownDevices, RequestContext, SessionToken, TotpSeed};
use support::{
    MINUTE, PASSWORD, World, assert_err, attempt, code_at, in_parallel, operator, password, token,
};

/// Starts the enrolment and commits like a request.
fn begin(world: &World, here: &SessionToken) -> TotpSeed {
    let mut open = world.open(here);
    let seed = begin_enrolment(&mut open).unwrap();
    open.commit().unwrap();
    seed
}

#[test]
fn second_factor_counts_only_after_its_first_code() {
    let world = World::new();
    let here = world.sign_up("ada");
    let seed = begin(&world, &here);
    assert!(world.user("ada").second_factor.is_none());
    let outcome = sign_in(&mut world.visit(), attempt("ada", PASSWORD));
    assert_eq!(outcome.unwrap(), SignedIn::Complete);

    let mut open = world.open(&here);
    let outcome = finish_enrolment(&mut open, "000000");
    assert_err!(outcome, Refused(EnrolRefusal::WrongCode));
    assert!(world.user("ada").second_factor.is_none());

    finish_enrolment(&mut open, &code_at(&seed, world.now())).unwrap();
    assert_eq!(open.user(), Some(&Admission::from(&world.user("ada"))));
    assert_eq!(world.user("ada").second_factor.unwrap().since, world.now());
    let outcome = sign_in(&mut world.visit(), attempt("ada", PASSWORD));
    assert_eq!(outcome.unwrap(), SignedIn::CodeNeeded);
}

#[test]
fn starting_enrolment_twice_returns_the_same_seed() {
    let world = World::new();
    let here = world.sign_up("ada");
    let seed = begin(&world, &here);
    assert_eq!(begin(&world, &here).expose(), seed.expose());
    assert_eq!(enrolment(&world.open(&here)).unwrap().expose(), seed.expose());
    let there = world.sign_in("ada");
    assert_ne!(
        begin(&world, &there).expose(),
        seed.expose(),
        "each session has its own seed"
    );
}

#[test]
fn new_proof_discards_the_waiting_seed() {
    let world = World::new();
    let here = world.sign_up("ada");
    let seed = begin(&world, &here);
    let mut open = world.open(&here);
    prove(&mut open, &password(PASSWORD), "", &NoKnownDevices).unwrap();
    let here = token(&open);
    assert_err!(enrolment(&world.open(&here)), Refused(EnrolRefusal::NotBegun));
    assert_ne!(begin(&world, &here).expose(), seed.expose());
}

#[test]
fn factor_change_ends_other_sessions_and_rotates_the_token() {
    type Change = fn(&mut kunci_domain::OpenSession);
    let changes: [(&str, bool, Change); 3] = [
        ("set up", false, |open| {
            let seed = begin_enrolment(open).unwrap();
            finish_enrolment(open, &code_at(&seed, open.now())).unwrap();
        }),
        ("renewed", true, |open| {
            renew_recovery_codes(open).unwrap();
        }),
        ("removed", true, |open| disable_second_factor(open).unwrap()),
    ];
    for (case, enrolled, change) in changes {
        let world = World::new();
        let (mut here, mut there) = (world.sign_up("ada"), world.sign_in("ada"));
        if enrolled {
            let (token, authenticator) = world.enrol(&here);
            here = token;
            there = world.sign_in_with_code("ada", &authenticator.recovery[0].expose_text());
        }
        let mut open = world.open(&here);
        open.insert("theme", "dark").unwrap();
        change(&mut open);
        let new = token(&open);
        assert_eq!(world.who(&new).as_deref(), Some("ada"), "{case}");
        assert_eq!((world.who(&here), world.who(&there)), (None, None), "{case}");
        let open = world.open(&new);
        assert_eq!(
            open.get::<String>("theme").unwrap().as_deref(),
            Some("dark"),
            "{case}"
        );
        assert_eq!(
            open.record().unwrap().enrolment,
            None,
            "{case}: the seed is removed"
        );
    }
}

#[test]
fn enrolments_begun_at_once_share_one_seed() {
    let world = World::new();
    let here = world.sign_up("ada");
    let (mut first, mut second) = (world.open(&here), world.open(&here));
    let seeds = [&mut first, &mut second].map(|open| begin_enrolment(open).unwrap());
    assert_eq!(seeds[0].expose(), seeds[1].expose());
    finish_enrolment(&mut second, &code_at(&seeds[0], world.now())).unwrap();
}

#[test]
fn invalid_factor_change_is_refused_and_changes_nothing() {
    let world = World::new();
    let here = world.sign_up("ada");
    let before = world.user("ada");
    let mut open = world.open(&here);
    assert_err!(enrolment(&open), Refused(EnrolRefusal::NotBegun));
    assert_err!(
        finish_enrolment(&mut open, "000000"),
        Refused(EnrolRefusal::NotBegun)
    );
    assert_err!(disable_second_factor(&mut open), Refused(EnrolRefusal::NotSet));
    assert_err!(renew_recovery_codes(&mut open), Refused(EnrolRefusal::NotSet));
    assert_eq!(world.user("ada"), before);

    let (here, _) = world.enrol(&here);
    let before = world.user("ada");
    let mut open = world.open(&here);
    assert_err!(begin_enrolment(&mut open), Refused(EnrolRefusal::AlreadySet));
    assert_err!(
        finish_enrolment(&mut open, "000000"),
        Refused(EnrolRefusal::AlreadySet)
    );
    assert_eq!(world.user("ada"), before);
    assert_eq!(world.who(&here).as_deref(), Some("ada"));

    for outcome in [
        begin_enrolment(&mut world.visit()).map(|_| ()),
        finish_enrolment(&mut world.visit(), "000000").map(|_| ()),
        disable_second_factor(&mut world.visit()),
        renew_recovery_codes(&mut world.visit()).map(|_| ()),
    ] {
        assert_err!(outcome, Refused(EnrolRefusal::Authority(_)));
    }
}

#[test]
fn first_codes_are_rate_limited() {
    let world = World::new();
    let here = world.sign_up("ada");
    let seed = begin(&world, &here);
    let mut open = world.open(&here);
    for _ in 0..10 {
        let outcome = finish_enrolment(&mut open, "000000");
        assert_err!(outcome, Refused(EnrolRefusal::WrongCode));
    }
    let outcome = finish_enrolment(&mut open, &code_at(&seed, world.now()));
    assert_err!(outcome, Refused(EnrolRefusal::Throttled(_)));
    world.clock.advance(10 * MINUTE - support::MILLISECOND);
    assert!(world.user("ada").second_factor.is_none());
}

#[test]
fn seed_is_stored_encrypted_in_session_and_account() {
    let world = World::new();
    let here = world.sign_up("ada");
    let seed = begin(&world, &here);
    let holds = |bytes: &[u8]| bytes.windows(20).any(|part| part == seed.expose());
    assert!(holds(seed.expose()), "the search finds a plain seed");
    let record = world.sessions.find(&here.key(), world.now()).unwrap().unwrap();
    let kept = record.enrolment.unwrap();
    assert!(!kept.as_bytes().is_empty() && !holds(kept.as_bytes()));
    assert_eq!(record.data.iter().count(), 0, "applications do not see it");

    let mut open = world.open(&here);
    finish_enrolment(&mut open, &code_at(&seed, world.now())).unwrap();
    assert!(!holds(world.user("ada").second_factor.unwrap().seed.as_bytes()));
}

#[test]
fn waiting_seed_does_not_open_for_another_user() {
    let world = World::new();
    let (ada, bob) = (world.sign_up("ada"), world.sign_up("bob"));
    begin(&world, &ada);
    let now = world.now();
    let stolen = world.sessions.find(&ada.key(), now).unwrap().unwrap().enrolment;
    let mut record = world.sessions.find(&bob.key(), now).unwrap().unwrap();
    record.enrolment = stolen;
    assert_eq!(
        world.sessions.update(&record, now).unwrap(),
        kunci_domain::ports::Updated::Done
    );
    assert_err!(enrolment(&world.open(&bob)), Failed(Failure::Unseal(_)));
    begin(&world, &bob);
    enrolment(&world.open(&bob)).unwrap();
}

#[test]
fn disabled_second_factor_is_not_required() {
    let world = World::new();
    let (here, _) = world.enrol(&world.sign_up("ada"));
    disable_second_factor(&mut world.open(&here)).unwrap();
    assert!(world.user("ada").second_factor.is_none());
    let outcome = sign_in(&mut world.visit(), attempt("ada", PASSWORD));
    assert_eq!(outcome.unwrap(), SignedIn::Complete);
    assert_eq!(
        world.events("ada")[1..3],
        [EventKind::SecondFactorEnabled, EventKind::SecondFactorDisabled]
    );
}

#[test]
fn one_of_many_concurrent_enrolments_succeeds() {
    let world = World::new();
    let here = world.sign_up("ada");
    let seed = begin(&world, &here);
    let code = code_at(&seed, world.now());
    let outcomes = in_parallel(8, |_| finish_enrolment(&mut world.open(&here), &code).ok());
    let codes: Vec<_> = outcomes.into_iter().flatten().collect();
    assert_eq!(codes.len(), 1);
    let digests: Vec<_> = codes[0].iter().map(kunci_domain::RecoveryCode::digest).collect();
    assert_eq!(world.user("ada").second_factor.unwrap().recovery, digests);
}

#[test]
fn factor_change_fails_if_sessions_ended_concurrently() {
    let world = World::new();
    let (here, _) = world.enrol(&world.sign_up("ada"));
    let mut open = world.open(&here);
    let (core, id) = (Arc::clone(&world.core), world.user("ada").id);
    let now = world.now();
    world.watch.before("accounts.find", move || {
        kunci_domain::use_cases::end_all_sessions(&core, &operator(), id, now).unwrap();
    });
    let outcome = disable_second_factor(&mut open);
    assert_err!(outcome, Refused(EnrolRefusal::Session(SessionRefusal::Ended)));
    assert!(world.user("ada").second_factor.is_some());
    assert!(open.user().is_none());
    assert!(
        resume(
            RequestContext::new(&world.core, Device::default(), world.now()),
            Some(here)
        )
        .unwrap()
        .user()
        .is_none()
    );
}
