//! Which texts are usernames, email addresses and keys of values.
//!
//! Passwords depend on the username: see `sign_up.rs`.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

use kunci_domain::{Device, EmailAddress, SessionData, Username, UsernameError};

#[track_caller]
fn check_name(text: &str, want: Result<&str, UsernameError>) {
    let name = Username::parse(text);
    let folded = name.as_ref().map(Username::folded).map_err(|error| *error);
    assert_eq!(folded, want, "{text:?}");
}

#[test]
fn usernames_have_letters_digits_and_a_few_signs() {
    for (text, folded) in [
        ("a", "a"),
        ("Ada.Lovelace", "ada.lovelace"),
        ("ada@example.org", "ada@example.org"),
        ("a_b-c+d", "a_b-c+d"),
        ("42", "42"),
        ("Böse", "böse"),
        ("Bo\u{308}se", "böse"),
        ("ＡＤＡ", "ada"),
        ("ﬁona", "fiona"),
        ("ДАША", "даша"),
        ("木村", "木村"),
        ("क्षि", "क्षि"),
        ("Ⅳ", "iv"),
    ] {
        check_name(text, Ok(folded));
    }
    check_name(&"x".repeat(64), Ok(&"x".repeat(64)));
    check_name(&"木".repeat(64), Ok(&"木".repeat(64)));
    check_name(&"𝔘".repeat(64), Ok(&"u".repeat(64)));
}

#[test]
fn usernames_with_other_characters_are_refused() {
    for text in [
        "two words",
        "nul\0",
        "line\nfeed",
        "t\tab",
        "del\u{7f}",
        "a/b",
        "a<b",
        "a&b",
        "a\"b",
        "a:b",
        "a,b",
        "a\u{a0}da",
        "ada\u{200b}",
        "ada\u{200d}",
        "\u{202e}ada",
        "ada\u{feff}",
        "\u{1f511}",
        "ada!",
        "a%b",
    ] {
        check_name(text, Err(UsernameError::BadCharacter));
    }
    check_name("", Err(UsernameError::Empty));
    check_name(&"x".repeat(65), Err(UsernameError::TooLong));
    check_name(&"木".repeat(65), Err(UsernameError::TooLong));
    check_name(&"x".repeat(1_000_000), Err(UsernameError::TooLong));
    // One character of three bytes that normalisation expands to eighteen.
    check_name(&"\u{fdfa}".repeat(4), Err(UsernameError::TooLong));
}

#[test]
fn usernames_with_invisible_characters_are_refused() {
    // Unicode classifies these as letters or marks, but they are invisible, so "ada" would have lookalikes.
    for invisible in [
        '\u{34f}',
        '\u{115f}',
        '\u{1160}',
        '\u{17b4}',
        '\u{17b5}',
        '\u{180b}',
        '\u{180f}',
        '\u{3164}',
        '\u{fe00}',
        '\u{fe0f}',
        '\u{ffa0}',
        '\u{e0100}',
        '\u{e01ef}',
    ] {
        check_name(&format!("ada{invisible}"), Err(UsernameError::BadCharacter));
    }
}

#[test]
fn folding_a_username_is_idempotent() {
    for text in ["Ada", "İstanbul", "ΟΔΟΣ", "ＡＤＡ", "ǅ", "ϓ", "K", "Å", "ﬀ", "ẞ"] {
        let once = Username::parse(text).unwrap();
        let twice = Username::parse(once.folded()).unwrap();
        assert_eq!(once.folded(), twice.folded(), "{text}");
    }
}

#[test]
fn folding_unifies_letters_with_two_lower_case_forms() {
    for (one, other) in [("ΟΔΟΣ", "οδοσ"), ("οδος", "οδοσ"), ("straße", "STRASSE")] {
        let folded = |text| Username::parse(text).unwrap().folded().to_owned();
        assert_eq!(folded(one), folded(other), "{one} and {other}");
    }
}

#[test]
fn addresses_have_one_at_sign_and_are_safe_in_headers() {
    let long = |local: usize, domain: usize| format!("{}@{}", "l".repeat(local), "d".repeat(domain));
    for text in [
        "ada@example.org",
        "a@b",
        " ada@example.org\n",
        "ada+tag@sub.example.org",
        "löve@bücher.example",
    ] {
        let parsed = EmailAddress::parse(text);
        assert_eq!(
            parsed.as_ref().map(EmailAddress::as_str),
            Ok(text.trim()),
            "{text:?}"
        );
    }
    for (text, want) in [
        (long(64, 189), true),
        (long(65, 10), false),
        (long(64, 190), false),
    ] {
        assert_eq!(EmailAddress::parse(&text).is_ok(), want, "{} bytes", text.len());
    }
    for text in [
        "",
        "@",
        "ada",
        "ada@",
        "@example.org",
        "a@b@c",
        "a@b..c",
        "a@.b",
        "a@b.",
        "a b@c",
        "a@b c",
        "a@b\r\nBcc: c@d",
        "a@b\0",
        "<a@b>",
        "a@[1]",
        "a,b@c",
        "a;b@c",
        "a:b@c",
        "\"a\"@b",
        "a\\@b",
        "(a)@b",
        "a\u{2028}@b",
    ] {
        assert!(EmailAddress::parse(text).is_err(), "{text:?} is an address");
    }
}

/// Characters that change how the text around them is shown, or that are invisible.
const HIDDEN: [char; 12] = [
    '\u{ad}',
    '\u{34f}',
    '\u{61c}',
    '\u{200b}',
    '\u{200d}',
    '\u{200e}',
    '\u{202e}',
    '\u{2066}',
    '\u{2069}',
    '\u{feff}',
    '\u{3164}',
    '\u{e0041}',
];

#[test]
fn new_addresses_with_hidden_characters_are_refused() {
    for hidden in HIDDEN {
        for text in [
            format!("ada{hidden}@example.org"),
            format!("ada@exam{hidden}ple.org"),
        ] {
            assert!(EmailAddress::choose(&text).is_err(), "{text:?} is an address");
            assert_eq!(EmailAddress::parse(&text).is_ok(), !hidden.is_control());
        }
    }
    assert!(EmailAddress::choose("अदा@उदाहरण.भारत").is_ok());
}

#[test]
fn user_agents_lose_hidden_characters() {
    for hidden in HIDDEN {
        let device = Device::new(&format!("Moz{hidden}illa\u{1b}[2J\u{9b}\n"), None);
        assert_eq!(device.user_agent(), "Mozilla[2J", "{hidden:?}");
    }
}

#[test]
fn value_keys_are_short_printable_and_not_reserved() {
    let long = |n: usize| "ö".repeat(n);
    for (key, want) in [
        ("theme", true),
        ("Key with spaces / and signs ?#%", true),
        ("a_b", true),
        ("🔑", true),
        (&long(128), true),
        (&long(129), false),
        ("", false),
        ("_flash", false),
        ("_", false),
        ("nul\0", false),
        ("line\n", false),
        ("c1\u{85}", false),
    ] {
        assert_eq!(SessionData::check_key(key).is_ok(), want, "{key:?}");
    }
}
