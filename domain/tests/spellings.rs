//! Names, addresses and codes as people type and paste them.
//!
//! Which texts are valid at all is in `values.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::use_cases::{change_address, request_reset, sign_in};
use kunci_domain::{EmailAddress, RecoveryCode, TotpStep, Username};
use support::{HOUR, NEW_PASSWORD, PASSWORD, World, attempt, code_at, with_second_factor};

/// White space that keyboards and clipboards add, as text around a name or an address.
const WHITE_SPACE: [(&str, &str); 5] = [
    ("", " "),
    (" ", ""),
    ("\t", "\r\n"),
    ("\u{a0}", "\u{3000}"),
    ("\u{2028}", "\u{202f}"),
];

#[test]
fn outer_white_space_of_names_and_addresses_is_ignored() {
    for (before, after) in WHITE_SPACE {
        let name = Username::parse(&format!("{before}Ada{after}")).unwrap();
        assert_eq!(
            (name.as_str(), name.folded()),
            ("Ada", "ada"),
            "{before:?} {after:?}"
        );
        let address = EmailAddress::choose(&format!("{before}ada@example.org{after}")).unwrap();
        assert_eq!(address.as_str(), "ada@example.org", "{before:?} {after:?}");
    }
}

#[test]
fn user_signs_up_in_and_resets_with_outer_white_space() {
    for (before, after) in WHITE_SPACE {
        let world = World::new();
        let around = |text: &str| format!("{before}{text}{after}");
        world.sign_up_with_mail(&around("ada"), &around("ada@example.org"));
        assert_eq!(world.user("ada").name.as_str(), "ada");
        sign_in(&mut world.visit(), attempt(&around("ADA"), PASSWORD)).unwrap();
        for who in ["ada", "ada@example.org"] {
            request_reset(&world.visit(), &around(who)).unwrap();
            let sent = world.mailer.take_sent();
            assert!(
                sent.iter().any(|(to, _)| to == "ada@example.org"),
                "{who}: {sent:?}"
            );
        }
    }
}

#[test]
fn outer_white_space_of_a_password_counts() {
    let world = World::new();
    world.sign_up("ada");
    for wrong in [format!("{PASSWORD} "), format!(" {PASSWORD}")] {
        sign_in(&mut world.visit(), attempt("ada", &wrong)).unwrap_err();
    }
}

/// Spellings of one domain: as registered, in capitals, as punycode, decomposed, in full width, and with the
/// full stop of Chinese and Japanese keyboards.
const DOMAINS: [&str; 8] = [
    "bücher.example",
    "BÜCHER.Example",
    "xn--bcher-kva.example",
    "XN--BCHER-KVA.example",
    "bu\u{308}cher.example",
    "BU\u{308}CHER.EXAMPLE",
    "ｂüｃｈｅｒ.example",
    "bücher。example",
];

#[test]
fn domain_is_the_same_in_every_spelling() {
    for domain in DOMAINS {
        let address = EmailAddress::choose(&format!("Ada@{domain}")).unwrap();
        assert_eq!(address.as_str(), "Ada@bücher.example", "{domain}");
        assert_eq!(
            address.with_ascii_domain(),
            "Ada@xn--bcher-kva.example",
            "{domain}"
        );
    }
    for (domain, ascii) in [
        ("ΟΔΌΣ.example", "xn--pxavn9a.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("उदाहरण.भारत", "xn--p1b6ci4b4b3a.xn--h2brj9c"),
        ("Example.ORG", "Example.ORG"),
    ] {
        let address = EmailAddress::choose(&format!("a@{domain}")).unwrap();
        assert_eq!(address.with_ascii_domain(), format!("a@{ascii}"), "{domain}");
    }
}

#[test]
fn local_part_is_the_same_composed_and_decomposed() {
    let address = EmailAddress::choose("lo\u{308}ve@example.org").unwrap();
    assert_eq!(address.as_str(), "löve@example.org");
    assert_eq!(address.with_ascii_domain(), "löve@example.org");
}

#[test]
fn stored_addresses_are_read_as_they_were_written() {
    let long = format!("ada@{}.example", "ﷺ".repeat(40));
    for text in [
        "Ada@Example.org",
        "Ada@bücher.example",
        "ada@xn--.example",
        "ada@xn--a.example",
        "ada@xn--bcher-kvaa!.example",
        "ada@exam\u{200d}ple.org",
        &long,
    ] {
        let address = EmailAddress::parse(text).unwrap();
        let again = EmailAddress::parse(address.as_str()).unwrap();
        assert_eq!((address.as_str(), again), (text, address.clone()));
    }
}

#[test]
fn address_in_punycode_never_shows_hidden_characters() {
    // A zero-width joiner, a right-to-left mark, and a line separator between `a` and `b`.
    for label in ["xn--ab-m1t", "xn--ab-s1t", "xn--ab-x3t"] {
        let address = EmailAddress::choose(&format!("ada@{label}.example")).unwrap();
        assert_eq!(address.as_str(), format!("ada@{label}.example"));
    }
}

#[test]
fn account_is_found_by_every_spelling_of_its_domain() {
    for stored in DOMAINS {
        let world = World::new();
        world.sign_up_with_mail("ada", &format!("ada@{stored}"));
        world.mailer.take_sent();
        for asked in DOMAINS {
            request_reset(
                &world.visit_from(world.another_network()),
                &format!("ada@{asked}"),
            )
            .unwrap();
            let sent = world.mailer.take_sent();
            let want = [("ada@bücher.example".to_owned(), "reset".to_owned())];
            assert_eq!(sent, want, "{stored} asked for as {asked}");
            world.clock.advance(HOUR);
        }
    }
}

#[test]
fn spellings_of_an_address_share_one_mail_limit() {
    let world = World::new();
    let here = world.sign_up("ada");
    let send = |number: usize| {
        let open = world.open_from(&here, world.another_network());
        change_address(&open, &format!("bob@{}", DOMAINS[number])).unwrap();
        world.mailer.take_sent().len()
    };
    let limit = world.core.account_policy.budgets.confirmations.at_once as usize;
    assert_eq!((0..limit).map(send).sum::<usize>(), limit);
    let eve = world.sign_up("eve");
    let open = world.open_from(&eve, world.another_network());
    change_address(&open, &format!("bob@{}", DOMAINS[limit])).unwrap();
    assert_eq!(world.mailer.take_sent(), []);
}

#[test]
fn recovery_codes_are_accepted_as_they_are_pasted() {
    let code = RecoveryCode::parse("abcdef-ghijk-lmnop-qrstu-vwx27").unwrap();
    for pasted in [
        "abcdef-ghijk-lmnop-qrstu-vwx27\n",
        "\tabcdef-ghijk-lmnop-\r\nqrstu-vwx27",
        "abcdef\u{a0}ghijk\u{202f}lmnop\u{3000}qrstu\u{2009}vwx27",
        "abcdef\u{2013}ghijk\u{2014}lmnop\u{2011}qrstu\u{2212}vwx27",
        "abcdef\u{ad}-ghijk\u{200b}-lmnop-qrstu-vwx27\u{feff}",
        "\u{2066}abcdef-ghijk-lmnop-qrstu-vwx27\u{2069}",
        "• „abcdef-ghijk-lmnop-qrstu-vwx27“,",
        "ＡＢＣＤＥＦ－ｇｈｉｊｋ－lmnop-qrstu-vwx２７",
        "abcdef-ghijk-lmnop-qrstu-vwx٢٧",
    ] {
        let parsed = RecoveryCode::parse(pasted).unwrap_or_else(|| panic!("{pasted:?} is refused"));
        assert_eq!(parsed.digest(), code.digest(), "{pasted:?}");
    }
}

/// Zeros of scripts whose digits keyboards produce: ASCII, full width, Arabic-Indic, its Persian variant,
/// Devanagari, Burmese and mathematical ones.
const ZEROS: [char; 7] = ['0', '０', '٠', '۰', '०', '၀', '𝟶'];

#[test]
fn codes_are_accepted_in_the_digits_of_any_script() {
    for zero in ZEROS {
        let (world, _, authenticator) = with_second_factor(World::new());
        let localized = |digit: char| char::from_u32(u32::from(zero) + digit.to_digit(10).unwrap()).unwrap();
        let code = code_at(&authenticator.seed, world.now());
        let typed: String = code.chars().map(localized).collect();
        world.sign_in_with_code("ada", &typed);
    }
}

#[test]
fn codes_are_accepted_with_what_separates_groups() {
    let (world, _, authenticator) = with_second_factor(World::new());
    for separator in [" ", "\u{a0}", "-", "\u{2013}", "\u{200b}", "."] {
        world.clock.advance(HOUR);
        let code = authenticator.seed.code(TotpStep::at(world.now()));
        world.sign_in_with_code("ada", &format!("{}{separator}{}\n", &code[..3], &code[3..]));
    }
}

#[test]
fn password_with_outer_white_space_is_kept() {
    let world = World::new();
    let spaced = format!(" {NEW_PASSWORD}\u{a0}");
    let new = support::new_user("ada", &spaced);
    kunci_domain::use_cases::create_user(&world.core, &support::operator(), new, world.now()).unwrap();
    sign_in(&mut world.visit(), attempt("ada", &spaced)).unwrap();
    sign_in(&mut world.visit(), attempt("ada", NEW_PASSWORD)).unwrap_err();
}
