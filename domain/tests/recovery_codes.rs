//! Recovery codes: format, single use, and storage as digests.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use std::collections::BTreeSet;

use kunci_domain::ports::{Entropy, EntropyError};
use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{EnterCodeRefusal, Outcome, enter_code, renew_recovery_codes};
use kunci_domain::{Budget, NoKnownDevices, RecoveryCode, SessionToken};
use support::{Authenticator, MINUTE, SECOND, World, assert_err, code_at};

/// Ada with a second factor, a later code step than the one of enrolment, and no limit on wrong codes.
fn world() -> (World, SessionToken, Authenticator) {
    let world = World::with(|core| {
        let plenty = Budget {
            at_once: 1_000,
            every: SECOND,
        };
        core.account_policy.budgets.account = plenty;
        core.account_policy.budgets.codes = plenty;
    });
    let here = world.sign_up("ada");
    let (here, authenticator) = world.enrol(&here);
    world.clock.advance(MINUTE);
    (world, here, authenticator)
}

fn enter(world: &World, code: &str) -> Outcome<(), EnterCodeRefusal> {
    enter_code(
        &mut world.open(&world.pass_first_step("ada")),
        code,
        &NoKnownDevices,
    )
}

#[test]
fn recovery_code_has_130_bits_of_entropy() {
    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = u8::try_from(at).unwrap() + 0xe0;
            }
            Ok(())
        }
    }
    let code = RecoveryCode::generate(&Counting).unwrap();
    assert_eq!(*code.expose_text(), "abcdef-ghijk-lmnop-qrstu-vwxyz");
    let world = World::new();
    let letters: BTreeSet<char> = (0..200)
        .flat_map(|_| {
            let text = RecoveryCode::generate(&*world.entropy).unwrap().expose_text();
            text.chars().collect::<Vec<_>>()
        })
        .filter(|letter| *letter != '-')
        .collect();
    assert_eq!(letters.len(), 32, "five bits a letter");
    assert_eq!(RecoveryCode::CHARS * 5, 130);
}

#[test]
fn recovery_codes_are_parsed_leniently() {
    let shown = "abcdef-ghijk-lmnop-qrstu-vwxyz";
    let code = RecoveryCode::parse(shown).unwrap();
    assert_eq!(*code.expose_text(), shown);
    for same in [
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        " abcdef ghijk lmnop qrstu vwxyz ",
        "a-b cdefghijklmnopqrstuvwxyz",
    ] {
        assert_eq!(
            RecoveryCode::parse(same).unwrap().digest(),
            code.digest(),
            "{same}"
        );
    }
    for none in [
        "",
        "123456",
        &shown[1..],
        &format!("{shown}a"),
        &shown.replace('a', "1"),
        &shown.replace('a', "ä"),
    ] {
        assert!(RecoveryCode::parse(none).is_none(), "{none}");
    }
}

#[test]
fn each_recovery_code_works_once() {
    let (world, _, authenticator) = world();
    assert_eq!(authenticator.recovery.len(), RecoveryCode::COUNT);
    for code in &authenticator.recovery {
        let code = code.expose_text();
        world.sign_in_with_code("ada", &code);
        let outcome = enter(&world, &code);
        assert_err!(outcome, Refused(EnterCodeRefusal::WrongCode));
    }
    let factor = world.user("ada").second_factor.unwrap();
    assert_eq!(factor.recovery, []);
    world.sign_in_with_code("ada", &code_at(&authenticator.seed, world.now()));
}

#[test]
fn store_sees_only_digests_of_recovery_codes() {
    let (world, _, authenticator) = world();
    let kept = world.user("ada").second_factor.unwrap().recovery;
    let digests: Vec<_> = authenticator.recovery.iter().map(RecoveryCode::digest).collect();
    assert_eq!(kept, digests);
    let distinct: BTreeSet<_> = digests.iter().map(|digest| *digest.as_bytes()).collect();
    assert_eq!(distinct.len(), RecoveryCode::COUNT);
    for (code, digest) in authenticator.recovery.iter().zip(&digests) {
        let letters = code.expose_text().replace('-', "");
        assert_ne!(letters.as_bytes(), &digest.as_bytes()[..26]);
    }
}

#[test]
fn new_recovery_codes_void_the_old_ones() {
    let (world, here, authenticator) = world();
    let mut open = world.open(&here);
    let renewed = renew_recovery_codes(&mut open).unwrap();
    let outcome = enter(&world, &authenticator.recovery[0].expose_text());
    assert_err!(outcome, Refused(EnterCodeRefusal::WrongCode));
    world.sign_in_with_code("ada", &renewed[0].expose_text());
    world.sign_in_with_code("ada", &code_at(&authenticator.seed, world.now()));
}
