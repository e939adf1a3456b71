//! Asking for a mail by which a forgotten password can be replaced: who gets one, how many, and what is told of that.
//!
//! What the link in it does is in `reset.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use kunci_domain::ports::TokenStore;
use kunci_domain::use_cases::{
    AskForResetError, LinkError, ResetPasswordError, ThrottleError, ask_for_reset, link_for, look_at_link,
    reset_password, set_standing,
};
use kunci_domain::{Network, Purpose, Standing};
use support::{MINUTE, NEW_PASSWORD, World, username};

fn world() -> World {
    let world = World::new();
    world.sign_up_with_mail("ada", "ada@example.org");
    world
}

/// Asks, each time from another network.
fn ask(world: &World, who: &str) -> Vec<(String, String)> {
    ask_for_reset(&world.visit_from(world.another_network()), who).unwrap();
    world.post.take_told()
}

#[test]
fn a_mail_goes_to_whom_the_name_or_the_address_belongs() {
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
fn nobody_gets_a_mail_whose_address_is_not_known_to_work_or_who_is_disabled() {
    let world = World::new();
    world.sign_up("bob");
    world.sign_up_at("eve", "eve@example.org");
    world.sign_up_with_mail("ada", "ada@example.org");
    set_standing(&world.core, &username("ada"), Standing::Disabled, world.now()).unwrap();
    world.post.take();
    for who in ["bob", "eve", "eve@example.org", "ada", "ada@example.org"] {
        assert_eq!(
            ask(&world, who),
            [("nobody".to_owned(), "reset".to_owned())],
            "{who}"
        );
    }
}

#[test]
fn each_account_of_an_address_gets_a_mail_up_to_five() {
    let world = World::new();
    for number in 0..7 {
        world.sign_up_with_mail(&format!("ada{number}"), "ada@example.org");
    }
    ask_for_reset(&world.visit(), "ada@example.org").unwrap();
    let mails = world.post.take();
    let names: Vec<_> = mails.iter().map(|mail| mail.name.as_str()).collect();
    assert_eq!(names, ["ada0", "ada1", "ada2", "ada3", "ada4"]);
}

#[test]
fn a_name_that_looks_like_an_address_takes_no_mail_away_from_it() {
    let world = world();
    world.sign_up_with_mail("ada@example.org", "eve@example.org");
    let mut told = ask(&world, "ada@example.org");
    told.sort();
    assert_eq!(
        told,
        [
            ("ada@example.org".to_owned(), "reset".to_owned()),
            ("eve@example.org".to_owned(), "reset".to_owned())
        ]
    );
    assert_eq!(ask(&world, "eve@example.org").len(), 1, "one account, one mail");
}

#[test]
fn a_name_that_is_its_own_address_gets_one_mail() {
    let world = World::new();
    world.sign_up_with_mail("ada@example.org", "ada@example.org");
    assert_eq!(ask(&world, "ada@example.org").len(), 1);
}

#[test]
fn asking_in_vain_leaves_the_link_of_an_operator_good() {
    let world = World::new();
    world.sign_up("ada");
    let link = link_for(&world.core, &username("ada"), Purpose::ResetPassword, world.now()).unwrap();
    ask(&world, "ada");
    look_at_link(&world.visit(), &link).unwrap();
}

#[test]
fn asking_does_the_same_whether_there_is_an_account_or_not() {
    let calls = |who: &str| {
        let world = world();
        world.sign_up_at("eve", "eve@example.org");
        world.watch.pass();
        ask_for_reset(&world.visit(), who).unwrap();
        world.watch.calls()
    };
    let known = calls("ada");
    assert_eq!(
        known,
        [
            "throttle.take",
            "users.find_by_name",
            "throttle.take",
            "tokens.issue",
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
fn what_was_issued_for_nobody_opens_nothing() {
    let world = world();
    ask_for_reset(&world.visit(), "bob").unwrap();
    let link = world.post.take_link();
    assert!(world.tokens.find(&link.key(), world.now()).unwrap().is_some());
    assert!(matches!(
        look_at_link(&world.visit(), &link),
        Err(LinkError::Dead)
    ));
    let outcome = reset_password(&mut world.visit(), &link, NEW_PASSWORD.into());
    assert!(
        matches!(outcome, Err(ResetPasswordError::Link(LinkError::Dead))),
        "{outcome:?}"
    );
}

#[test]
fn mails_for_one_account_are_bounded_in_silence() {
    let story = |who: &str| {
        let world = world();
        (0..7_u8)
            .map(|number| {
                let outcome = ask_for_reset(&world.visit_from([10, 0, number, 1]), who);
                assert!(outcome.is_ok(), "{who}: {outcome:?}");
                world.post.take_told().pop().unwrap().0
            })
            .collect::<Vec<_>>()
    };
    let ada = story("ada");
    assert_eq!(ada[..5], ["ada@example.org"; 5]);
    assert_eq!(ada[5..], ["nobody"; 2]);
    assert_eq!(story("bob"), ["nobody"; 7]);
}

#[test]
fn one_account_has_one_budget_of_mails_by_whatever_it_is_named() {
    let world = world();
    for who in ["ada", "ADA", "𝐀da", "ada@example.org", "Ada@Example.org"] {
        assert_eq!(ask(&world, who)[0].0, "ada@example.org", "{who}");
    }
    for who in ["ａｄａ", "ada@example.org"] {
        assert_eq!(ask(&world, who)[0].0, "nobody", "{who}");
    }
}

#[test]
fn mails_from_one_network_are_bounded_and_that_is_told() {
    let world = world();
    let ask = |who: &str| ask_for_reset(&world.visit_from([192, 0, 2, 7]), who);
    for number in 0..5 {
        ask(&format!("user{number}")).unwrap();
    }
    let throttled = |outcome: &Result<(), AskForResetError>| {
        matches!(
            outcome,
            Err(AskForResetError::Throttle(ThrottleError::Throttled { retry_after }))
                if *retry_after == 10 * MINUTE
        )
    };
    for who in ["ada", "bob"] {
        let outcome = ask(who);
        assert!(throttled(&outcome), "{who}: {outcome:?}");
    }
    world.post.take();
    ask_for_reset(&world.visit_from([192, 0, 3, 7]), "ada").unwrap();
    assert_eq!(world.post.take_told()[0].0, "ada@example.org");
    assert_eq!(
        Network::of(Some([192, 0, 2, 9].into())),
        Network::of(Some([192, 0, 2, 7].into()))
    );
}
