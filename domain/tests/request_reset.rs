//! Requests for a password reset mail: who receives one, how many, and what the client learns.
//!
//! The effect of the link is in `reset.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::ports::AccountStore;
use kunci_domain::use_cases::UseCaseError::Refused;
use kunci_domain::use_cases::{
    LinkRefusal, Outcome, ResetPasswordRefusal, Throttled, inspect_link, request_reset, reset_password,
    set_standing,
};
use kunci_domain::{Network, Purpose, Standing};
use support::{MINUTE, NEW_PASSWORD, World, assert_err, operator, username};

fn world() -> World {
    let world = World::new();
    world.sign_up_with_mail("ada", "ada@example.org");
    world
}

/// Requests a reset, each time from another network, and returns the sent mails.
fn ask(world: &World, who: &str) -> Vec<(String, String)> {
    request_reset(&world.visit_from(world.another_network()), who).unwrap();
    world.mailer.take_sent()
}

#[test]
fn reset_mail_goes_to_the_owner_of_name_or_address() {
    let world = world();
    let to = |address: &str| vec![(address.to_owned(), "reset".to_owned())];
    for who in [
        "ada",
        "ADA",
        " ada ",
        "ａｄａ",
        "ada@example.org",
        "ADA@Example.org",
    ] {
        assert_eq!(ask(&world, who), to("ada@example.org"), "{who}");
        world.clock.advance(10 * MINUTE);
    }
    for who in [
        "bob",
        "",
        "two words",
        "bob@example.org",
        "ada@example.com",
        "@",
        &"x".repeat(10_000),
    ] {
        assert_eq!(ask(&world, who), to("nobody"), "{who}");
    }
}

#[test]
fn unconfirmed_or_disabled_accounts_get_no_reset_mail() {
    let world = World::new();
    world.sign_up("bob");
    world.sign_up_at("eve", "eve@example.org");
    world.sign_up_with_mail("ada", "ada@example.org");
    set_standing(
        &world.core,
        &operator(),
        &username("ada"),
        Standing::Disabled,
        world.now(),
    )
    .unwrap();
    world.mailer.take_mails();
    for who in ["bob", "eve", "eve@example.org", "ada", "ada@example.org"] {
        assert_eq!(
            ask(&world, who),
            [("nobody".to_owned(), "reset".to_owned())],
            "{who}"
        );
    }
}

#[test]
fn up_to_five_accounts_of_an_address_get_a_mail() {
    let world = World::new();
    for number in 0..7 {
        world.sign_up_with_mail(&format!("ada{number}"), "ada@example.org");
    }
    request_reset(&world.visit(), "ada@example.org").unwrap();
    let mails = world.mailer.take_mails();
    let names: Vec<_> = mails.iter().map(|mail| mail.name.as_str()).collect();
    assert_eq!(names, ["ada0", "ada1", "ada2", "ada3", "ada4"]);
}

#[test]
fn name_like_an_address_does_not_divert_its_mail() {
    let world = world();
    world.sign_up_with_mail("ada@example.org", "eve@example.org");
    let mut sent = ask(&world, "ada@example.org");
    sent.sort();
    assert_eq!(
        sent,
        [
            ("ada@example.org".to_owned(), "reset".to_owned()),
            ("eve@example.org".to_owned(), "reset".to_owned())
        ]
    );
    assert_eq!(
        ask(&world, "eve@example.org").len(),
        1,
        "one account gets one mail"
    );
}

#[test]
fn name_equal_to_its_own_address_gets_one_mail() {
    let world = World::new();
    world.sign_up_with_mail("ada@example.org", "ada@example.org");
    assert_eq!(ask(&world, "ada@example.org").len(), 1);
}

#[test]
fn refused_request_keeps_an_operators_link_valid() {
    let world = World::new();
    world.sign_up("ada");
    let link = world.issue_link("ada", Purpose::ResetPassword);
    ask(&world, "ada");
    inspect_link(&world.visit(), &link).unwrap();
}

#[test]
fn reset_request_costs_the_same_without_an_account() {
    let calls = |who: &str| {
        let world = world();
        world.sign_up_at("eve", "eve@example.org");
        world.watch.pass();
        request_reset(&world.visit(), who).unwrap();
        world.watch.calls()
    };
    let known = calls("ada");
    assert_eq!(
        known,
        [
            "throttle.reserve",
            "throttle.spend",
            "accounts.find_by_name",
            "accounts.find_budget",
            "accounts.commit",
            "accounts.commit",
            "mailer.send"
        ]
    );
    for who in ["bob", "eve"] {
        assert_eq!(calls(who), known, "{who}");
    }
    for who in ["bob@example.org", "eve@example.org"] {
        assert_eq!(calls(who), calls("ada@example.org"), "{who}");
    }
}

#[test]
fn decoy_token_opens_nothing() {
    let world = world();
    request_reset(&world.visit(), "bob").unwrap();
    let link = world.mailer.take_link();
    assert!(
        world
            .accounts
            .find_link(&link.key(), world.now())
            .unwrap()
            .is_some()
    );
    assert_err!(inspect_link(&world.visit(), &link), Refused(LinkRefusal::Dead));
    let outcome = reset_password(&mut world.visit(), &link, NEW_PASSWORD.into());
    assert_err!(outcome, Refused(ResetPasswordRefusal::Link(LinkRefusal::Dead)));
}

#[test]
fn reset_mails_per_account_are_silently_limited() {
    let recipients = |who: &str| {
        let world = world();
        (0..22_u8)
            .map(|number| {
                let outcome = request_reset(&world.visit_from([10, 0, number, 1]), who);
                assert!(outcome.is_ok(), "{who}: {outcome:?}");
                world.mailer.take_sent().pop().unwrap().0
            })
            .collect::<Vec<_>>()
    };
    let ada = recipients("ada");
    assert_eq!(ada[..20], ["ada@example.org"; 20]);
    assert_eq!(ada[20..], ["nobody"; 2]);
    assert_eq!(recipients("bob"), ["nobody"; 22]);
}

#[test]
fn account_has_one_mail_budget_for_name_and_address() {
    let world = world();
    for who in ["ada", "ADA", "𝐀da", "ada@example.org", "Ada@Example.org"].repeat(4) {
        assert_eq!(ask(&world, who)[0].0, "ada@example.org", "{who}");
    }
    for who in ["ａｄａ", "ada@example.org"] {
        assert_eq!(ask(&world, who)[0].0, "nobody", "{who}");
    }
}

#[test]
fn reset_mails_per_network_are_limited_with_an_error() {
    let world = world();
    let ask = |who: &str| request_reset(&world.visit_from([192, 0, 2, 7]), who);
    for number in 0..5 {
        ask(&format!("user{number}")).unwrap();
    }
    let throttled = |outcome: &Outcome<(), Throttled>| {
        matches!(
            outcome,
            Err(Refused(Throttled { retry_after }))
                if *retry_after == 10 * MINUTE
        )
    };
    for who in ["ada", "bob"] {
        let outcome = ask(who);
        assert!(throttled(&outcome), "{who}: {outcome:?}");
    }
    world.mailer.take_mails();
    request_reset(&world.visit_from([192, 0, 3, 7]), "ada").unwrap();
    assert_eq!(world.mailer.take_sent()[0].0, "ada@example.org");
    let smallest = |address: [u8; 4]| Network::all_of(Some(address.into()))[0];
    assert_eq!(smallest([192, 0, 2, 9]), smallest([192, 0, 2, 7]));
}
