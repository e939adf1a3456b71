//! A required second factor: who is held back, from which actions, and until when.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::sync::Arc;

use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    AuthorityError, EnrolRefusal, begin_enrolment, change_password, disable_second_factor, finish_enrolment,
    prove, resume, sign_in, sign_out, sign_out_everywhere, sign_up,
};
use kunci_domain::{
    AccountPolicy, Admission, Budget, Budgets, Core, Device, NoKnownDevices, OpenSession, Permanence,
    RequestContext, Role, SecondFactorRule, SessionToken, SignUpMode, User,
};
use support::{
    HOUR, MINUTE, NEW_PASSWORD, PASSWORD, World, assert_err, attempt, code_at, new_user, password, token,
};

/// Returns the same core with a rule that took effect later.
fn under(world: &World, rule: SecondFactorRule) -> Arc<Core> {
    world.core_with(|core| core.account_policy.second_factor = rule)
}

fn open(core: &Arc<Core>, world: &World, token: &SessionToken) -> OpenSession {
    resume(
        RequestContext::new(core, Device::default(), world.now()),
        Some(token.clone()),
    )
    .unwrap()
}

#[test]
fn factor_rule_applies_to_existing_sessions() {
    use SecondFactorRule::{Administrators, Everybody, Optional};
    for (rule, role, enrolled, held) in [
        (Optional, Role::Member, false, false),
        (Optional, Role::Administrator, false, false),
        (Administrators, Role::Member, false, false),
        (Administrators, Role::Administrator, false, true),
        (Administrators, Role::Administrator, true, false),
        (Everybody, Role::Member, false, true),
        (Everybody, Role::Administrator, false, true),
        (Everybody, Role::Member, true, false),
    ] {
        let world = World::new();
        let mut here = world.sign_up("ada");
        world.change("ada", |user| User { role, ..user });
        if enrolled {
            here = world.enrol(&here).0;
        }
        let open = open(&under(&world, rule), &world, &here);
        let case = format!("{rule:?}, {role:?}, {enrolled}");
        assert_eq!(open.user().is_none(), held, "{case}");
        assert_eq!(open.enrolling().is_some(), held, "{case}");
        assert_eq!(open.account().unwrap().name.as_str(), "ada", "{case}");
        let administrator = !held && role == Role::Administrator;
        assert_eq!(open.fresh_administrator().is_ok(), administrator, "{case}");
        assert_eq!(rule.misses(&Admission::from(&world.user("ada"))), held, "{case}");
    }
}

#[test]
fn factor_rule_applies_to_every_way_to_sign_in() {
    type Enter = fn(&mut OpenSession);
    let ways: [(&str, Enter); 3] = [
        ("sign-up", |open| {
            sign_up(open, new_user("bob", PASSWORD), Permanence::Permanent, None).unwrap();
        }),
        ("sign-in", |open| {
            sign_in(open, attempt("ada", PASSWORD)).unwrap();
        }),
        ("proof", |open| {
            sign_in(open, attempt("ada", PASSWORD)).unwrap();
            prove(open, &password(PASSWORD), "", &NoKnownDevices).unwrap();
        }),
    ];
    for (way, enter) in ways {
        let world = World::new();
        world.sign_up("ada");
        let core = under(&world, SecondFactorRule::Everybody);
        let mut open = resume(RequestContext::new(&core, Device::default(), world.now()), None).unwrap();
        enter(&mut open);
        assert!(open.user().is_none() && open.enrolling().is_some(), "{way}");
        let next = self::open(&core, &world, &token(&open));
        assert!(next.user().is_none() && next.enrolling().is_some(), "{way}");
    }
}

#[test]
fn enrolment_lifts_the_restriction() {
    let world = World::new();
    let here = world.sign_up("ada");
    let core = under(&world, SecondFactorRule::Everybody);
    let mut open = open(&core, &world, &here);
    assert_eq!(open.fresh_administrator(), Err(AuthorityError::NotSignedIn));
    let seed = begin_enrolment(&mut open).unwrap();
    finish_enrolment(&mut open, &code_at(&seed, world.now())).unwrap();
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
    assert!(open.enrolling().is_none());
    let next = self::open(&core, &world, &token(&open));
    assert!(next.user().is_some() && next.enrolling().is_none());
}

#[test]
fn restricted_user_must_reauthenticate_to_enrol() {
    let world = World::new();
    let here = world.sign_up("ada");
    world.clock.advance(HOUR);
    let core = under(&world, SecondFactorRule::Everybody);
    let mut open = open(&core, &world, &here);
    let outcome = begin_enrolment(&mut open);
    assert_err!(
        outcome,
        Refused(EnrolRefusal::Authority(AuthorityError::ProofNeeded))
    );
    prove(&mut open, &password(PASSWORD), "", &NoKnownDevices).unwrap();
    begin_enrolment(&mut open).unwrap();
}

#[test]
fn restricted_user_can_sign_out_and_change_password() {
    let world = World::new();
    let (here, there) = (world.sign_up("ada"), world.sign_in("ada"));
    let core = under(&world, SecondFactorRule::Everybody);
    let mut held = open(&core, &world, &here);
    change_password(
        &mut held,
        &password(PASSWORD),
        NEW_PASSWORD.into(),
        &NoKnownDevices,
    )
    .unwrap();
    assert!(held.user().is_none() && held.enrolling().is_some());
    assert_eq!(world.who(&there), None);
    sign_out(&mut held).unwrap();
    assert!(held.account().is_none());

    let again = {
        let mut open = world.visit();
        sign_in(&mut open, attempt("ada", NEW_PASSWORD)).unwrap();
        token(&open)
    };
    let mut held = open(&core, &world, &again);
    sign_out_everywhere(&mut held).unwrap();
    assert_eq!(world.who(&again), None);
    assert!(held.account().is_none());
}

#[test]
fn required_second_factor_cannot_be_removed() {
    for (rule, role, want) in [
        (SecondFactorRule::Everybody, Role::Member, false),
        (SecondFactorRule::Administrators, Role::Administrator, false),
        (SecondFactorRule::Administrators, Role::Member, true),
        (SecondFactorRule::Optional, Role::Administrator, true),
    ] {
        let world = World::new();
        let (here, _) = world.enrol(&world.sign_up("ada"));
        world.change("ada", |user| User { role, ..user });
        let core = under(&world, rule);
        let outcome = disable_second_factor(&mut open(&core, &world, &here));
        assert_eq!(outcome.is_ok(), want, "{rule:?}, {role:?}: {outcome:?}");
        assert!(want || matches!(outcome, Err(Refused(EnrolRefusal::Required))));
        assert_eq!(
            world.user("ada").second_factor.is_none(),
            want,
            "{rule:?}, {role:?}"
        );
    }
}

#[test]
fn default_policy_matches_the_documentation() {
    let policy = AccountPolicy::default();
    assert_eq!(policy.sign_up, SignUpMode::Open);
    assert_eq!(policy.second_factor, SecondFactorRule::Optional);
    assert_eq!(policy.proof_lifetime, 10 * MINUTE);
    let Budgets {
        account,
        all_networks,
        network,
        codes,
        sign_ups,
        mails,
        confirmations,
        visitors,
        all_visitors,
    } = policy.budgets;
    let figures = |budget: Budget| (budget.at_once, budget.every.as_secs());
    let resets = policy.budgets.resets();
    let budgets = [account, network, codes, sign_ups, mails, confirmations, resets].map(figures);
    assert_eq!(
        budgets,
        [
            (10, 600),
            (100, 10),
            (10, 600),
            (20, 180),
            (5, 600),
            (5, 3_600),
            (20, 600)
        ]
    );
    assert_eq!([visitors, all_visitors].map(figures), [(1_000, 10), (16_384, 1)]);
    assert_eq!(all_networks.map(figures), Some((500, 172)));
}
