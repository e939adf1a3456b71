//! What numbers, words, durations and listeners accept and how they are shown, and what they mean.

use std::time::Duration;

use kunci_domain::{AccountPolicy, Budget, Budgets, SecondFactorRule, SessionPolicy, SignUpMode, SiteWords};

use super::{Given, variable};
use crate::wire;

/// Gives each text as a variable. Checks the value as JSON, or the reason for the refusal.
#[track_caller]
pub(super) fn check(path: &str, rows: &[(&str, Result<&str, &str>)]) {
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
pub(super) const FORM: Result<&str, &str> = Err("");

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
        reserved_names = [\"Analyst\"]
        [throttle]
        guesses_at_once = 1
        guess_every = \"2s\"
        guesses_per_day = 86400
        network_guesses_at_once = 3
        network_guess_every = \"4s\"
        sign_ups_at_once = 5
        sign_up_every = \"6s\"
        mails_at_once = 7
        mail_every = \"8s\"
        confirmations_at_once = 9
        confirmation_every = \"10s\"
        visitors_at_once = 11
        visitor_every = \"12s\"
        all_visitors_at_once = 13
        all_visitor_every = \"14s\"";
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
            all_networks: Some(budget(43_200, 2)),
            network: budget(3, 4),
            codes: budget(1, 2),
            sign_ups: budget(5, 6),
            mails: budget(7, 8),
            confirmations: budget(9, 10),
            visitors: budget(11, 12),
            all_visitors: budget(13, 14),
        },
        words: SiteWords::new(["Babbage", "engine", "id", "analytical", "example"]),
        reserved_names: ["analyst"].into_iter().collect(),
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
        ("server.hsts", &["host", "subdomains"]),
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
        ("store.pool_size", "1", "256", ["0", "257"]),
        ("store.sqlite_mmap_mib", "0", "2047", ["-1", "2048"]),
        ("store.sqlite_reserve_mib", "0", "2047", ["-1", "2048"]),
        ("throttle.guesses_at_once", "1", "10000", ["0", "10001"]),
        ("throttle.guesses_per_day", "0", "1000000", ["-1", "1000001"]),
        ("throttle.network_guesses_at_once", "1", "10000", ["0", "10001"]),
        ("throttle.sign_ups_at_once", "1", "10000", ["0", "10001"]),
        ("throttle.mails_at_once", "1", "10000", ["0", "10001"]),
        ("throttle.confirmations_at_once", "1", "10000", ["0", "10001"]),
        ("throttle.visitors_at_once", "1", "1000000", ["0", "1000001"]),
        ("throttle.all_visitors_at_once", "1", "1000000", ["0", "1000001"]),
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
        "visitor_every",
        "all_visitor_every",
    ] {
        let path = format!("throttle.{path}");
        check(
            &path,
            &[("1s", Ok("\"1s\"")), ("1d", Ok("\"1d\"")), ("25h", FORM)],
        );
    }
}
