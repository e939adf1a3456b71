//! Which valid usernames a new account may not have: reserved ones, and those that look like another name.
//!
//! Which texts are usernames at all is in `values.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    CreateUserRefusal, Outcome, SignUpRefusal, create_user, invite, set_up_link, sign_up,
};
use kunci_domain::{LinkToken, Permanence, Step, User, UserId, Username, UsernameError};
use support::{DAY, PASSWORD, World, assert_err, new_user, operator, username};

fn by_sign_up(world: &World, name: &str, link: Option<&LinkToken>) -> Outcome<(), SignUpRefusal> {
    sign_up(
        &mut world.visit(),
        new_user(name, PASSWORD),
        Permanence::Browser,
        link,
    )
}

fn by_operator(world: &World, name: &str) -> Outcome<User, CreateUserRefusal> {
    create_user(&world.core, &operator(), new_user(name, PASSWORD), world.now())
}

/// Returns why a sign-up was refused because of the username.
#[track_caller]
fn name_problem(name: &str, outcome: Outcome<(), SignUpRefusal>) -> UsernameError {
    match outcome {
        Err(Refused(SignUpRefusal::Create(CreateUserRefusal::Invalid(problems)))) => problems.name.unwrap(),
        other => panic!("{name}: {other:?}"),
    }
}

const LOOK_LIKE_RESERVED_NAMES: [&str; 12] = [
    "admin",
    "ADMIN",
    "root",
    "Support",
    "adm1n",
    "adrnin",
    "r00t",
    "ad.min",
    "admin_",
    "no-reply",
    "ѕυррогт",
    "ｒｏｏｔ",
];

#[test]
fn strangers_cannot_sign_up_under_reserved_names() {
    let world = World::new();
    let link = invite(&world.core, &operator(), 9, DAY, world.now()).unwrap();
    for name in LOOK_LIKE_RESERVED_NAMES {
        by_sign_up(&world, name, None).unwrap_err();
        let problem = name_problem(name, by_sign_up(&world, name, Some(&link)));
        assert!(
            matches!(problem, UsernameError::Reserved | UsernameError::MixedScripts),
            "{name}"
        );
    }
    for name in ["ada", "adam", "administer", "rooter", "supporter", "groot"] {
        by_sign_up(&world, name, None).unwrap();
    }
}

#[test]
fn operators_and_the_first_administrator_may_use_reserved_names() {
    let world = World::new();
    let link = set_up_link(&world.core, world.now()).unwrap().unwrap();
    by_sign_up(&world, "admin", Some(&link)).unwrap();
    by_operator(&world, "root").unwrap();
}

#[test]
fn reserved_names_are_a_setting() {
    let world = World::with(|core| core.account_policy.reserved_names = ["boss"].into_iter().collect());
    assert_eq!(
        name_problem("b0ss", by_sign_up(&world, "b0ss", None)),
        UsernameError::Reserved
    );
    by_sign_up(&world, "admin", None).unwrap();
}

const MIXED: [&str; 6] = ["аda", "adа", "pаypal", "αda", "ada木\u{430}", "раypal@example"];

#[test]
fn names_that_mix_scripts_are_refused() {
    let world = World::new();
    for name in MIXED {
        assert_eq!(
            name_problem(name, by_sign_up(&world, name, None)),
            UsernameError::MixedScripts
        );
        let outcome = by_operator(&world, name);
        assert_err!(outcome, Refused(CreateUserRefusal::Invalid(_)), "{name}");
    }
    for name in [
        "ada+tag@example.org",
        "Łukasz",
        "даша",
        "木村",
        "木村taro",
        "たろう",
        "김철수",
        "क्षि",
        "straße",
    ] {
        by_sign_up(&world, name, None).unwrap();
    }
}

const OPTIONS: [&str; 9] = [
    "--everybody",
    "--help",
    "-h",
    "_ada",
    ".ada",
    "+ada",
    "@ada",
    "\u{ff0d}h",
    "\u{301}ada",
];

#[test]
fn new_names_begin_with_a_letter_or_digit() {
    let world = World::new();
    for name in OPTIONS {
        assert_eq!(
            name_problem(name, by_sign_up(&world, name, None)),
            UsernameError::BadStart
        );
        let outcome = by_operator(&world, name);
        assert_err!(outcome, Refused(CreateUserRefusal::Invalid(_)), "{name}");
    }
    for name in ["0-", "a--help", "\u{e9}a", "木_", "٣"] {
        by_sign_up(&world, name, None).unwrap();
    }
}

#[test]
fn name_that_looks_like_an_existing_one_is_taken() {
    let world = World::new();
    for name in ["cape", "Рора"] {
        by_sign_up(&world, name, None).unwrap();
    }
    for name in ["саре", "САРЕ", "сарé\u{301}"] {
        let outcome = by_sign_up(&world, name, None);
        assert!(outcome.is_err(), "{name}");
    }
    assert_err!(
        by_sign_up(&world, "саре", None),
        Refused(SignUpRefusal::Create(CreateUserRefusal::NameTaken))
    );
    by_sign_up(&world, "сара", None).unwrap();
}

#[test]
fn existing_accounts_with_such_names_still_sign_in() {
    let world = World::new();
    by_sign_up(&world, "ada", None).unwrap();
    let ada = world.user("ada");
    for (number, name) in (1..).zip(["аda", "admin", "--everybody"]) {
        let stored = User {
            id: UserId::from_stored(number),
            name: Username::parse(name).unwrap(),
            ..ada.clone()
        };
        let step = Step::InsertUser(stored);
        let _ = kunci_domain::ports::AccountStore::commit(&*world.accounts, &step.into(), world.now());
        assert_eq!(world.who(&world.sign_in(name)).as_deref(), Some(name));
        assert_eq!(world.user(name).name, username(name));
    }
}
