//! What each setting accepts and how it is shown, and why it refuses the rest.

use std::time::Duration;

use kunci_domain::{AccountPolicy, Budget, Budgets, SecondFactorRule, SessionPolicy, SignUpMode, SiteWords};

use super::{Given, variable};
use crate::wire;

/// Gives each text as a variable. Checks the value as JSON, or the reason for the refusal.
#[track_caller]
fn check(path: &str, rows: &[(&str, Result<&str, &str>)]) {
    for (text, want) in rows {
        let given = Given::nothing().variables(&[(variable(path), text)]);
        match want {
            Ok(value) => assert_eq!(given.shown(path).0, *value, "{path} = {text:?}"),
            Err(why) => {
                let message = given.message();
                let why = if why.is_empty() {
                    String::new()
                } else {
                    format!("{why}; ")
                };
                let want = format!("for {path}: {why}expected ");
                assert!(message.contains(&want), "{path} = {text:?}: {message}");
            }
        }
    }
}

/// Refused, because the form is wrong.
const FORM: Result<&str, &str> = Err("");

#[test]
fn defaults_are_those_of_the_domain() {
    let config = Given::nothing().config();
    assert_eq!(wire::account_policy(&config), AccountPolicy::default());
    assert_eq!(wire::session_policy(&config), SessionPolicy::default());
    assert_eq!(
        (config.hashing.cost, config.hashing.queue),
        (Default::default(), 32)
    );
    assert!((1..=64).contains(&config.permits.get()));
    assert!(config.public_url.is_none() && config.secret_key.is_none() && config.mail.from.is_none());
}

#[test]
fn account_settings_reach_the_policy() {
    let file = "public_url = \"https://id.analytical.example\"
        [accounts]
        sign_up = \"invitation\"
        second_factor = \"administrators\"
        proof_lifetime = \"5m\"
        password_words = [\"Babbage\", \"engine\"]
        [throttle]
        guesses_at_once = 1
        guess_every = \"2s\"
        network_guesses_at_once = 3
        network_guess_every = \"4s\"
        sign_ups_at_once = 5
        sign_up_every = \"6s\"
        mails_at_once = 7
        mail_every = \"8s\"";
    let budget = |at_once, seconds| Budget {
        at_once,
        every: Duration::from_secs(seconds),
    };
    let want = AccountPolicy {
        sign_up: SignUpMode::Invitation,
        second_factor: SecondFactorRule::Administrators,
        proof_lifetime: Duration::from_secs(300),
        budgets: Budgets {
            account: budget(1, 2),
            network: budget(3, 4),
            codes: budget(1, 2),
            sign_ups: budget(5, 6),
            mails: budget(7, 8),
        },
        words: SiteWords::new(["Babbage", "engine", "id", "analytical", "example"]),
    };
    assert_eq!(wire::account_policy(&Given::nothing().file(file).config()), want);
}

#[test]
fn listeners_are_addresses_and_sockets() {
    check(
        "server.listen",
        &[
            ("127.0.0.1:0", Ok("[\"127.0.0.1:0\"]")),
            ("localhost:9000", Ok("[\"127.0.0.1:9000\"]")),
            ("[::1]:80", Ok("[\"[::1]:80\"]")),
            ("unix:/run/k.sock", Ok("[\"unix:/run/k.sock\"]")),
            ("unix:", Err("it has no path")),
            ("localhost", FORM),
            ("localhost:", FORM),
            ("localhost:65536", FORM),
            ("127.0.0.1", FORM),
            (":8080", FORM),
            ("example.org:80", FORM),
        ],
    );
}

#[cfg(feature = "hyper")]
#[test]
fn hyper_takes_several_listeners_and_limits() {
    let given = Given::nothing().file(
        "[server]\nlisten = [\"0.0.0.0:80\", \"[::]:80\", \"unix:k\"]\n[server.limits]\nconnections = 16",
    );
    assert_eq!(
        given.shown("server.listen").0,
        "[\"0.0.0.0:80\",\"[::]:80\",\"unix:k\"]"
    );
    assert_eq!(given.config().server.limits.connections, 16);
    assert_eq!(given.config().server.limits.body, 64 * 1024);
    check(
        "server.limits.request_timeout",
        &[
            ("100ms", Ok("\"100ms\"")),
            ("1500ms", Ok("\"1s 500ms\"")),
            ("1h", Ok("\"1h\"")),
            ("99ms", FORM),
            ("61m", FORM),
            ("soon", Err("it is not a duration")),
        ],
    );
}

#[test]
fn words_are_taken_exactly() {
    for (path, words) in [
        ("accounts.sign_up", &["open", "invitation", "closed"][..]),
        ("accounts.second_factor", &["optional", "administrators", "all"]),
        ("server.transport", &["auto", "tiny_http"]),
        ("log.format", &["text", "json"]),
        ("log.level", &["error", "warn", "info", "debug"]),
    ] {
        for word in words {
            check(path, &[(word, Ok(&format!("\"{word}\"")))]);
            check(path, &[(&word.to_uppercase(), FORM), ("", Err("it is empty"))]);
        }
    }
}

#[test]
fn integers_keep_to_their_range() {
    for (path, least, most, outside) in [
        ("server.workers", "1", "256", ["0", "257"]),
        ("hashing.memory_kib", "19456", "1048576", ["7167", "1048577"]),
        ("hashing.iterations", "2", "100", ["0", "101"]),
        ("hashing.parallelism", "1", "16", ["0", "17"]),
        ("hashing.permits", "1", "64", ["0", "65"]),
        ("hashing.queue", "0", "1024", ["-1", "1025"]),
        ("store.sqlite_mmap_mib", "0", "2047", ["-1", "2048"]),
        ("throttle.guesses_at_once", "1", "10000", ["0", "10001"]),
        ("throttle.network_guesses_at_once", "1", "10000", ["0", "10001"]),
        ("throttle.sign_ups_at_once", "1", "10000", ["0", "10001"]),
        ("throttle.mails_at_once", "1", "10000", ["0", "10001"]),
    ] {
        check(path, &[(least, Ok(least)), (most, Ok(most))]);
        check(path, &[(outside[0], FORM), (outside[1], FORM)]);
    }
    for text in ["99999999999999999999999", "", "+4", " 4", "1_0", "4.0", "four"] {
        check("server.workers", &[(text, FORM)]);
    }
}

#[test]
fn durations_keep_to_their_range() {
    check(
        "sessions.browser_idle",
        &[
            ("1s", Ok("\"1s\"")),
            ("90s", Ok("\"90s\"")),
            ("60min", Ok("\"1h\"")),
            ("1h 30m", Ok("\"90m\"")),
            ("24h", Ok("\"1d\"")),
            ("0s", FORM),
            ("500ms", Err("it is not in whole seconds")),
            ("1s 1ns", Err("it is not in whole seconds")),
            ("401d", FORM),
            ("999999999999999999d", Err("it is not a duration")),
            ("7", Err("it is not a duration")),
            ("-1h", Err("it is not a duration")),
        ],
    );
    check("sessions.browser_absolute", &[("400d", Ok("\"400d\""))]);
    check(
        "accounts.proof_lifetime",
        &[
            ("60s", Ok("\"1m\"")),
            ("24h", Ok("\"1d\"")),
            ("59s", FORM),
            ("86401s", FORM),
        ],
    );
    for path in [
        "guess_every",
        "network_guess_every",
        "sign_up_every",
        "mail_every",
    ] {
        let path = format!("throttle.{path}");
        check(
            &path,
            &[("1s", Ok("\"1s\"")), ("1d", Ok("\"1d\"")), ("25h", FORM)],
        );
    }
}

#[test]
fn public_url_is_brought_into_the_form_of_an_origin() {
    const HOST: Result<&str, &str> = Err("its host name is not valid");
    const PORT: Result<&str, &str> = Err("its port is not from 1 to 65535");
    check(
        "public_url",
        &[
            ("https://example.org", Ok("\"https://example.org\"")),
            ("HTTPS://Example.ORG/", Ok("\"https://example.org\"")),
            ("https://example.org:443", Ok("\"https://example.org\"")),
            ("http://example.org:443", Ok("\"http://example.org:443\"")),
            ("http://10.0.0.7:80", Ok("\"http://10.0.0.7\"")),
            ("http://[2001:DB8::0:1]", Ok("\"http://[2001:db8::1]\"")),
            ("http://my_box", Ok("\"http://my_box\"")),
            ("https://xn--bcher-kva.de", Ok("\"https://xn--bcher-kva.de\"")),
            ("example.org", Err("it is not a URL")),
            ("ftp://example.org", Err("its scheme is neither http nor https")),
            ("https://", HOST),
            ("https://example.org/app", HOST),
            ("https://example.org//", HOST),
            ("https://example.org\\app", HOST),
            ("https://example.org?a=1", HOST),
            ("https://example.org#a", HOST),
            ("https://a:b@example.org", PORT),
            ("https://example.org:0", PORT),
            ("https://example.org:", PORT),
            ("https://example.org:+1", PORT),
            ("https://bücher.de", HOST),
            ("https://exa mple.org", HOST),
            ("https://-a.org", HOST),
            ("https://a..org", HOST),
            ("https://2001:db8::1", HOST),
            (
                "https://[127.0.0.1]",
                Err("it has no IPv6 address in its brackets"),
            ),
            ("https://127.1", HOST),
            ("https://a.0x7f", HOST),
        ],
    );
}

#[test]
fn redirect_hosts_are_exact_names() {
    check(
        "server.redirect_hosts",
        &[
            ("", Ok("[]")),
            ("Wiki.example.org", Ok("[\"wiki.example.org\"]")),
            (
                "a.org, b.org:8443 ,[::1]:80",
                Ok("[\"a.org\",\"b.org:8443\",\"[::1]:80\"]"),
            ),
            ("*.example.org", Err("its host name is not valid")),
            ("https://a.org", Err("its port is not from 1 to 65535")),
            ("a.org,", Err("it is empty")),
            ("a.org/x", Err("its host name is not valid")),
        ],
    );
}

#[test]
fn stores_are_urls() {
    for path in ["store.url", "store.sessions"] {
        check(
            path,
            &[
                ("memory:", Ok("\"memory:\"")),
                ("sqlite:k.db", Ok("\"sqlite:k.db\"")),
                ("sqlite:/srv/k.db", Ok("\"sqlite:/srv/k.db\"")),
                ("sqlite:", Err("it has no path")),
                ("sqlite:data/", Err("its path is a folder")),
                (
                    "sqlite::memory:",
                    Err("its path is not a file; use memory: for a store in memory"),
                ),
                ("sqlite://k.db", Err("it contains more than a path after sqlite:")),
                (
                    "sqlite:file:k.db",
                    Err("it contains more than a path after sqlite:"),
                ),
                ("memory:x", Err("its scheme is not known")),
                ("oracle:x", Err("its scheme is not known")),
                ("k.db", Err("it is not a URL")),
                ("postgres://h/d", Err("this build has no postgres store")),
                ("mysql://h/d", Err("this build has no mysql store")),
                ("rediss://h", Err("this build has no rediss store")),
            ],
        );
    }
}

#[test]
fn paths_are_taken_as_they_are() {
    check(
        "data",
        &[
            ("/srv/k", Ok("\"/srv/k\"")),
            ("a \"b\" \\c", Ok("\"a \\\"b\\\" \\\\c\"")),
            ("", Err("it is empty")),
            ("a\0b", Err("it contains a control character")),
        ],
    );
}

#[test]
fn proxies_are_addresses_networks_and_unix() {
    const EVERYONE: Result<&str, &str> = Err("it lets every client choose its own address");
    check(
        "server.trusted_proxies",
        &[
            ("", Ok("[]")),
            ("127.0.0.1/32", Ok("[\"127.0.0.1\"]")),
            (
                "10.0.0.0/8, unix ,2001:DB8::/32",
                Ok("[\"10.0.0.0/8\",\"unix\",\"2001:db8::/32\"]"),
            ),
            ("10.1.2.3/8", Ok("[\"10.0.0.0/8\"]")),
            ("0.0.0.0/0", EVERYONE),
            ("::/0", EVERYONE),
            ("10.1.2.3/0", EVERYONE),
            ("10.0.0.0/33", FORM),
            ("[::1]", FORM),
            ("127.0.0.1:80", FORM),
            ("proxy.example.org", FORM),
            ("Unix", FORM),
        ],
    );
}

#[test]
fn password_words_have_letters_only() {
    check(
        "accounts.password_words",
        &[
            ("babbage,Größe", Ok("[\"babbage\",\"Größe\"]")),
            ("two words", FORM),
            ("kunci2026", FORM),
            (&"x".repeat(65), FORM),
        ],
    );
}

#[test]
fn senders_are_addresses_with_an_optional_name() {
    check(
        "mail.from",
        &[
            ("no-reply@example.org", Ok("\"no-reply@example.org\"")),
            (
                "\"The Library\"  <lib@example.org>",
                Ok("\"The Library <lib@example.org>\""),
            ),
            ("The Library", FORM),
            (
                "a@b\r\nBcc: c@example.org",
                Err("it contains a control character"),
            ),
        ],
    );
}

#[test]
fn mail_servers_are_urls_without_a_login() {
    let with_login = "smtps://ada:secret@mail.example.org";
    if cfg!(feature = "smtp") {
        check(
            "mail.smtp",
            &[
                ("smtps://Mail.example.org", Ok("\"smtps://mail.example.org:465\"")),
                ("smtp://[2001:db8::1]", Ok("\"smtp://[2001:db8::1]:587\"")),
                (
                    "smtp+plain://localhost:2525",
                    Ok("\"smtp+plain://localhost:2525\""),
                ),
            ],
        );
        for text in [
            "mail.example.org",
            "smtps://",
            "smtp+plain://mail.example.org",
            with_login,
        ] {
            let given = Given::nothing().variables(&[("KUNCI_MAIL__SMTP", text)]);
            assert!(
                given.message().contains("expected smtps://HOST"),
                "{}",
                given.message()
            );
        }
    } else {
        let given = Given::nothing().variables(&[("KUNCI_MAIL__SMTP", "smtp://localhost")]);
        assert!(
            given.message().contains("lacks the feature smtp"),
            "{}",
            given.message()
        );
    }
}

#[test]
fn keys_are_hexadecimal_or_base64url() {
    const BASE64: Result<&str, &str> = Err("it is neither hexadecimal nor base64url");
    check(
        "secret_key",
        &[
            (&"0f".repeat(32), Ok("\"(set)\"")),
            (&"0F".repeat(64), Ok("\"(set)\"")),
            (&format!("{}-_A", "A".repeat(40)), Ok("\"(set)\"")),
            (&format!("{}-_A=", "A".repeat(40)), Ok("\"(set)\"")),
            (&"0f".repeat(31), Err("it is not at least 32 pairs of digits")),
            (&"-A".repeat(20), Err("it is shorter than 32 bytes")),
            (&"0".repeat(65), Err("it is not at least 32 pairs of digits")),
            (&"+".repeat(44), BASE64),
            (&"A".repeat(2000), Err("it is too long")),
            ("", Err("it is empty")),
        ],
    );
    let two = format!("{},{}", "0f".repeat(32), "1e".repeat(32));
    check("secret_key_fallbacks", &[(&two, Ok("[\"(set)\",\"(set)\"]"))]);
}
