//! That no secret comes out again: not in messages, not in `Debug`, not in `config show`.

use super::{Given, Pairs};

/// A word that no message of ours has, inside every secret of these tests.
const SECRET: &str = "hunter2";

/// Loads, and looks at everything that could be printed afterwards.
#[track_caller]
fn check(name: &str, variables: Pairs<'_>, file: &str) {
    let given = Given::nothing().variables(variables).file(file);
    let printed = match given.load() {
        Err(error) => format!("{error} {error:?}"),
        Ok(config) => format!("{config:?} {:?}", config.show()),
    };
    assert!(!printed.contains(SECRET), "{name}: {printed}");
}

#[test]
fn no_secret_is_printed() {
    let bad = "hunter2!";
    let rows: [(&str, Pairs<'_>, &str); 18] = [
        ("a bad key", &[("KUNCI_SECRET_KEY", bad)], ""),
        ("a bad key in the file", &[], "secret_key = \"hunter2!\""),
        ("a key of a wrong type", &[], "secret_key = [\"hunter2!\"]"),
        ("a key without quotes", &[], "secret_key = hunter2!"),
        ("a key with an open quote", &[], "secret_key = \"hunter2!"),
        ("a bad fallback", &[("KUNCI_SECRET_KEY_FALLBACKS", bad)], ""),
        (
            "a bad fallback in the file",
            &[],
            "secret_key_fallbacks = [\"hunter2!\"]",
        ),
        ("a misspelt key", &[("KUNCI_SECRETKEY", bad)], ""),
        ("a misspelt key in the file", &[], "secret_kye = \"hunter2!\""),
        ("a foreign key", &[("KUNCI_LDAP_PASSWORD", bad)], ""),
        ("a password without a user", &[("KUNCI_SMTP_PASSWORD", bad)], ""),
        (
            "a password of a wrong type",
            &[],
            "smtp_password = [\"hunter2!\"]",
        ),
        (
            "a password with a line break",
            &[("KUNCI_SMTP_PASSWORD", "hunter2\n")],
            "",
        ),
        (
            "a mail server with a password",
            &[("KUNCI_SMTP", "smtps://kunci:hunter2@mail.example.org")],
            "",
        ),
        (
            "a store of another build",
            &[("KUNCI_STORE", "postgres://kunci:hunter2@db/kunci")],
            "",
        ),
        (
            "a password in the query",
            &[],
            "store = \"mysql://db/kunci?password=hunter2\"",
        ),
        (
            "a misspelt store",
            &[("KUNCI_STORES", "postgres://kunci:hunter2@db/kunci")],
            "",
        ),
        (
            "an address with a password",
            &[("KUNCI_PUBLIC_URL", "https://kunci:hunter2@example.org")],
            "",
        ),
    ];
    for (name, variables, file) in rows {
        check(name, variables, file);
    }
}

#[test]
fn a_good_key_is_exposed_only_when_asked() {
    // Not hexadecimal, so it is base64url; 56 characters are 42 bytes.
    let text = format!("{SECRET}-").repeat(7);
    let variables: Pairs<'_> = &[("KUNCI_SECRET_KEY", &text), ("KUNCI_SECRET_KEY_FALLBACKS", &text)];
    check("both", variables, "");
    let config = Given::nothing().variables(variables).load().unwrap();
    assert_eq!(config.secret_key().unwrap().expose().len(), 42);
    assert_eq!(config.secret_key_fallbacks().len(), 1);
    let debug = format!("{:?}", config.secret_key().unwrap());
    assert_eq!(debug, "SecretKey(..)");
}

#[test]
fn hexadecimal_keys_give_their_bytes() {
    let text = "00ff10Ab".repeat(8);
    let given = Given::nothing().variables(&[("KUNCI_SECRET_KEY", &text)]);
    let config = given.load().unwrap();
    let want = [0x00, 0xff, 0x10, 0xab].repeat(8);
    assert!(config.secret_key().unwrap().expose() == want);
}

#[test]
fn secrets_have_no_flag() {
    for key in ["secret_key", "secret_key_fallbacks", "smtp_password"] {
        let key_text = "0f".repeat(32);
        let given = Given::nothing().flags(&[(key, &key_text)]);
        let message = given.message();
        assert!(message.starts_with("unknown key"), "{message}");
        assert!(!message.contains(&key_text), "{message}");
    }
}

#[test]
fn flags_debug_shows_keys_only() {
    let given = Given::nothing().flags(&[("store", "postgres://kunci:hunter2@db")]);
    let debug = format!("{:?}", given.flags);
    assert!(debug.contains("store") && !debug.contains(SECRET), "{debug}");
}
