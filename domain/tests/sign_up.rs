//! Sign-up: the rules, the reported problems, and the stored account.
//!
//! The responses are tested in `kunci-web`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::sync::Barrier;
use std::thread;

use kunci_domain::ports::{AccountStore, PasswordHasher, Verdict};
use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{self, CreateUserRefusal, NewUser, Problems, SignUpRefusal, create_user};
use kunci_domain::{
    EmailAddress, EmailAddressError, Epoch, PasswordProblem, Permanence, Revision, Role, SiteWords, Standing,
    UserId, UsernameError,
};
use support::{PASSWORD, World, new_user, operator, password, token};

/// The problems with username, email address and password.
type Wrong = (
    Option<UsernameError>,
    Option<EmailAddressError>,
    Option<PasswordProblem>,
);

const FINE: Wrong = (None, None, None);

#[track_caller]
fn check(case: &str, name: &str, email: &str, password: &str, want: Wrong) {
    let world = World::new();
    let mut open = world.visit();
    let new = NewUser {
        email,
        ..new_user(name, password)
    };
    let outcome = use_cases::sign_up(&mut open, new, Permanence::Permanent, None);
    let problems = match outcome {
        Ok(()) => Problems::default(),
        Err(Refused(SignUpRefusal::Create(CreateUserRefusal::Invalid(problems)))) => problems,
        Err(other) => panic!("{case}: {other}"),
    };
    assert_eq!((problems.name, problems.email, problems.password), want, "{case}");
    let accepted = want == FINE;
    assert_eq!(
        world.accounts.list(None, 10).unwrap().len(),
        usize::from(accepted),
        "{case}: accounts"
    );
    assert_eq!(
        world.live_sessions().len(),
        usize::from(accepted),
        "{case}: sessions"
    );
    assert_eq!(world.hasher.hashes(), u64::from(accepted), "{case}: hashes");
}

#[test]
fn passwords_are_checked_for_length_and_commonness() {
    let emoji = |n: usize| "🔑".repeat(n);
    let long = |n: usize| "x".repeat(n);
    for (case, password, want) in [
        ("empty", String::new(), Some(PasswordProblem::TooShort)),
        ("7 characters", "correct".into(), Some(PasswordProblem::TooShort)),
        ("8 characters", "correcto".into(), None),
        ("7 emoji of 4 bytes", emoji(7), Some(PasswordProblem::TooShort)),
        ("8 emoji of 4 bytes", emoji(8), None),
        ("256 characters", long(256), None),
        ("256 emoji of 4 bytes", emoji(256), None),
        ("257 characters", long(257), Some(PasswordProblem::TooLong)),
        ("a megabyte", long(1 << 20), Some(PasswordProblem::TooLong)),
        ("common", "password1".into(), Some(PasswordProblem::Common)),
        (
            "common in capitals",
            "PassWord1".into(),
            Some(PasswordProblem::Common),
        ),
        (
            "common in wide letters",
            "ｐａｓｓｗｏｒｄ１".into(),
            Some(PasswordProblem::Common),
        ),
        ("common and more", "password1 and more".into(), None),
        ("spaces only", " ".repeat(8), None),
        ("spaces around", "  padded  ".into(), None),
        ("digits only", "9081726354".into(), None),
        ("control characters", "nul\0and\nlf".into(), None),
        ("cyrillic", "правильная лошадь".into(), None),
    ] {
        check(case, "ada", "", &password, (None, None, want));
    }
}

#[test]
fn password_must_not_contain_the_username() {
    let contains = Some(PasswordProblem::ContainsUsername);
    for (case, name, password, want) in [
        ("the name itself", "lovelace", "lovelace", contains),
        ("with a tail", "ada", "ada123456", contains),
        ("in the middle", "ada", "nevada is hot", contains),
        ("in capitals", "ada", "I am ADA 1815", contains),
        ("the name in capitals", "ADA", "i am ada 1815", contains),
        ("in wide letters", "ada", "i am ａｄａ 1815", contains),
        ("decomposed", "böse", "bo\u{308}se 1815", contains),
        ("a name of two", "al", "algebra 1815", None),
        ("a name of three", "alg", "algebra 1815", contains),
        ("not contained", "ada", "difference engine", None),
    ] {
        check(case, name, "", password, (None, None, want));
    }
}

#[test]
fn site_words_are_refused_as_passwords() {
    let word = Some(PasswordProblem::SiteWord);
    let ada = "ada.lovelace@engine.example";
    for (case, email, password, want) in [
        ("the product with a year", "", "Kunci2026!", word),
        ("in capitals, behind signs", "", "***KUNCI***", word),
        ("a title", "", "administrator!", word),
        ("with a tail", "", "admin12345", word),
        ("added by the operator", "", "babbage1815", word),
        ("among other words", "", "my kunci is old", None),
        ("two of them", "", "kunciadmin", None),
        ("digits alone", "", "31415926535", None),
        ("of the address", ada, "lovelace1815", word),
        ("of its domain", ada, "engine2026", word),
        ("of an address that was not entered", "", "engine2026", None),
    ] {
        let world = World::with(|core| core.account_policy.words = SiteWords::new(["Babbage"]));
        let new = NewUser {
            email,
            ..new_user("countess", password)
        };
        let problem = match create_user(&world.core, &operator(), new, world.now()) {
            Err(Refused(CreateUserRefusal::Invalid(problems))) => problems.password,
            other => other.map(|_| None).unwrap(),
        };
        assert_eq!(problem, want, "{case}");
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let (name, email) = (UsernameError::BadCharacter, EmailAddressError);
    for (case, fields, want) in [
        ("no problem", ("ada", "", PASSWORD), FINE),
        ("blank email", ("ada", "  ", PASSWORD), FINE),
        ("a fine email", ("ada", "ada@example.org", PASSWORD), FINE),
        ("name", ("a b", "", PASSWORD), (Some(name), None, None)),
        (
            "no name",
            ("", "", PASSWORD),
            (Some(UsernameError::Empty), None, None),
        ),
        ("email", ("ada", "at home", PASSWORD), (None, Some(email), None)),
        (
            "name and email",
            ("a b", "at home", PASSWORD),
            (Some(name), Some(email), None),
        ),
        (
            "all three",
            ("a b", "at home", "short"),
            (Some(name), Some(email), Some(PasswordProblem::TooShort)),
        ),
        (
            "a common password beside a bad name",
            ("a\0", "", "password1"),
            (Some(name), None, Some(PasswordProblem::Common)),
        ),
    ] {
        check(case, fields.0, fields.1, fields.2, want);
    }
}

#[test]
fn error_message_is_the_first_problem() {
    let world = World::new();
    let error = create_user(&world.core, &operator(), new_user("a b", "short"), world.now()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a username may only contain letters, digits and . _ - + @"
    );
}

#[test]
fn new_account_is_stored_as_requested() {
    let world = World::new();
    let new = NewUser {
        email: " ada@example.org ",
        role: Role::Administrator,
        ..new_user("Ada", PASSWORD)
    };
    let made = create_user(&world.core, &operator(), new, world.now()).unwrap();
    let user = world.user("aDA");
    assert_eq!(user, made);
    assert_eq!(user.name.as_str(), "Ada");
    assert_eq!(
        user.email.as_ref().map(EmailAddress::as_str),
        Some("ada@example.org")
    );
    assert_eq!(
        (user.role, user.standing),
        (Role::Administrator, Standing::Enabled)
    );
    assert_eq!((user.epoch, user.revision), (Epoch::default(), Revision::FIRST));
    assert_eq!(
        (user.created_at, user.password_changed_at),
        (world.now(), world.now())
    );
    let verdict = world
        .hasher
        .verify(&password(PASSWORD), &user.password_hash)
        .unwrap();
    assert_eq!(verdict, Verdict::Match);
    assert_eq!(world.live_sessions(), [], "creating an account starts no session");
}

#[test]
fn sign_up_signs_in() {
    let world = World::new();
    let mut open = world.visit();
    use_cases::sign_up(&mut open, new_user("ada", PASSWORD), Permanence::Browser, None).unwrap();
    assert_eq!(open.user().unwrap().name.as_str(), "ada");
    let token = token(&open);
    assert_eq!(world.who(&token).as_deref(), Some("ada"));
    let record = world.open(&token).record().unwrap().clone();
    assert_eq!(record.permanence, Permanence::Browser);
    assert_eq!(record.authentication().unwrap().user, world.user("ada").id);
}

#[test]
fn sign_up_keeps_the_visitors_values() {
    let world = World::new();
    let mut open = world.visit();
    open.insert("cart", ["tea"]).unwrap();
    open.commit().unwrap();
    let visitor = token(&open);

    let mut open = world.open(&visitor);
    open.insert("coupon", "SPRING").unwrap();
    use_cases::sign_up(&mut open, new_user("ada", PASSWORD), Permanence::Permanent, None).unwrap();
    let open = world.open(&token(&open));
    assert_eq!(open.get::<Vec<String>>("cart").unwrap().unwrap(), ["tea"]);
    assert_eq!(open.get::<String>("coupon").unwrap().unwrap(), "SPRING");
    assert!(
        world.open(&visitor).record().is_none(),
        "the visitor's token is invalid"
    );
}

#[test]
fn taken_name_is_refused_in_any_case_and_form() {
    let world = World::new();
    world.sign_up("Böse");
    for name in ["Böse", "böse", "BÖSE", "Bo\u{308}se", "ｂöse"] {
        let mut open = world.visit();
        let outcome = use_cases::sign_up(&mut open, new_user(name, PASSWORD), Permanence::Permanent, None);
        let taken = matches!(
            outcome,
            Err(Refused(SignUpRefusal::Create(CreateUserRefusal::NameTaken)))
        );
        assert!(taken, "{name}: {outcome:?}");
        assert!(open.user().is_none());
    }
    assert_eq!(world.accounts.list(None, 10).unwrap().len(), 1);
    assert_eq!(world.live_sessions().len(), 1);
}

#[test]
fn one_of_many_concurrent_sign_ups_gets_the_name() {
    let world = World::new();
    let barrier = Barrier::new(8);
    let attempts = thread::scope(|scope| {
        let spawn = |_| {
            scope.spawn(|| {
                barrier.wait();
                create_user(&world.core, &operator(), new_user("ada", PASSWORD), world.now()).is_ok()
            })
        };
        let threads: Vec<_> = (0..8).map(spawn).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert_eq!(attempts.iter().filter(|won| **won).count(), 1);
    assert_eq!(world.accounts.list(None, 10).unwrap().len(), 1);
}

#[test]
fn taken_id_is_replaced_by_another() {
    let world = World::new();
    let first = create_user(&world.core, &operator(), new_user("ada", PASSWORD), world.now()).unwrap();
    world.entropy.script(first.id.as_i64().to_be_bytes());
    let second = create_user(&world.core, &operator(), new_user("bob", PASSWORD), world.now()).unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(world.user("ada"), first);
    assert_eq!(world.user("bob"), second);
}

#[test]
fn ids_are_never_negative() {
    let world = World::new();
    world.entropy.script([0xff; 8]);
    assert_eq!(UserId::generate(&*world.entropy).unwrap().as_i64(), i64::MAX);
}
