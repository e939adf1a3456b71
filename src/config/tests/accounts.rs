//! The settings of accounts, mail and proxies: what they accept, what they mean, and what they are by default.

use std::time::Duration;

use kunci_domain::{AccountPolicy, Budget, Budgets, SecondFactorRule, SignUpMode, SiteWords};

use super::values::{check, check_all};
use super::{Given, shown};

#[test]
fn without_anything_the_policy_is_the_one_of_the_domain() {
    let config = Given::nothing().load().unwrap();
    assert_eq!(config.accounts(), &AccountPolicy::default());
    assert_eq!(config.trusted_proxies().to_string(), "");
}

#[test]
fn each_setting_ends_up_in_its_place() {
    let file = "sign_up = \"invitation\"
        second_factor = \"administrators\"
        proof_lifetime = \"5m\"
        guesses_at_once = 1
        guess_every = \"2s\"
        network_guesses_at_once = 3
        network_guess_every = \"4s\"
        sign_ups_at_once = 5
        sign_up_every = \"6s\"
        mails_at_once = 7
        mail_every = \"8s\"
        password_words = [\"Babbage\", \"engine\"]
        public_url = \"https://id.analytical.example\"";
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
    assert_eq!(Given::nothing().file(file).load().unwrap().accounts(), &want);
}

#[test]
fn variables_beat_the_file_for_accounts_too() {
    let given = Given::nothing()
        .variables(&[("KUNCI_SIGN_UP", "closed")])
        .file("sign_up = \"invitation\"\nsecond_factor = \"all\"");
    let of = |key| shown(&given, key);
    assert_eq!(
        of("sign_up"),
        ("\"closed\"".into(), "variable KUNCI_SIGN_UP".into())
    );
    assert_eq!(
        of("second_factor"),
        ("\"all\"".into(), "file /w/kunci.toml, line 2".into())
    );
    assert_eq!(of("guess_every"), ("\"10m\"".into(), "default".into()));
}

#[test]
fn rules_are_words() {
    const NO_WORD: Result<&str, &str> = Err("is none of the words");
    check_all(
        "sign_up",
        &[
            ("open", Ok("\"open\"")),
            ("invitation", Ok("\"invitation\"")),
            ("closed", Ok("\"closed\"")),
            ("Open", NO_WORD),
            ("", NO_WORD),
        ],
    );
    check_all(
        "second_factor",
        &[
            ("optional", Ok("\"optional\"")),
            ("administrators", Ok("\"administrators\"")),
            ("all", Ok("\"all\"")),
            ("none", NO_WORD),
            ("", NO_WORD),
        ],
    );
}

#[test]
fn proofs_last_from_a_minute_to_a_day() {
    const OUTSIDE: Result<&str, &str> = Err("is not between 1m and 1d");
    check_all(
        "proof_lifetime",
        &[
            ("60s", Ok("\"1m\"")),
            ("24h", Ok("\"1d\"")),
            ("59s", OUTSIDE),
            ("86401s", OUTSIDE),
            ("90500ms", Err("is not in whole seconds")),
            ("ten minutes", Err("is not a duration")),
        ],
    );
}

#[test]
fn words_that_are_no_passwords_have_letters_only() {
    check_all(
        "password_words",
        &[
            ("Babbage", Ok("[\"Babbage\"]")),
            ("babbage,Größe", Ok("[\"babbage\", \"Größe\"]")),
            ("two words", Err("is no word of at most 64 letters")),
            ("kunci2026", Err("is no word of at most 64 letters")),
        ],
    );
}

#[test]
fn budgets_have_a_size_and_a_time() {
    for key in [
        "guesses_at_once",
        "network_guesses_at_once",
        "sign_ups_at_once",
        "mails_at_once",
    ] {
        check(key, "1", Ok("1"));
        check(key, "10000", Ok("10000"));
        check(key, "0", Err("is not between 1 and 10000"));
        check(key, "10001", Err("is not between 1 and 10000"));
    }
    for key in [
        "guess_every",
        "network_guess_every",
        "sign_up_every",
        "mail_every",
    ] {
        check(key, "1s", Ok("\"1s\""));
        check(key, "1d", Ok("\"1d\""));
        check(key, "0s", Err("is no time at all"));
        check(key, "25h", Err("is not between 1s and 1d"));
    }
}

#[test]
fn proxies_are_addresses_networks_and_unix_sockets_but_never_everybody() {
    const NO_PLACE: Result<&str, &str> = Err("is neither an address nor a network nor unix");
    const EVERYBODY: Result<&str, &str> =
        Err("is everybody, so that each client could choose its own address");
    check_all(
        "trusted_proxies",
        &[
            ("", Ok("[]")),
            ("127.0.0.1", Ok("[\"127.0.0.1\"]")),
            ("127.0.0.1/32", Ok("[\"127.0.0.1\"]")),
            (
                "10.0.0.0/8, unix ,2001:DB8::/32",
                Ok("[\"10.0.0.0/8\", \"2001:db8::/32\", \"unix\"]"),
            ),
            ("::1", Ok("[\"::1\"]")),
            ("0.0.0.0/0", EVERYBODY),
            ("::/0", EVERYBODY),
            ("10.1.2.3/0", EVERYBODY),
            ("10.1.2.3/8", Ok("[\"10.0.0.0/8\"]")),
            ("10.0.0.0/33", NO_PLACE),
            ("10.0.0", NO_PLACE),
            ("[::1]", NO_PLACE),
            ("127.0.0.1:80", NO_PLACE),
            ("proxy.example.org", NO_PLACE),
            ("unix:/run/proxy", NO_PLACE),
            ("Unix", NO_PLACE),
            ("127.0.0.1,", NO_PLACE),
        ],
    );
}

#[test]
fn senders_are_addresses_with_a_name_or_without() {
    const NO_SENDER: Result<&str, &str> = Err("names no sender");
    check_all(
        "mail_from",
        &[
            ("no-reply@example.org", Ok("\"no-reply@example.org\"")),
            (
                "\"The Library\"  <lib@example.org>",
                Ok("\"The Library <lib@example.org>\""),
            ),
            ("The Library", NO_SENDER),
            ("", NO_SENDER),
            ("a@b\r\nBcc: c@example.org", NO_SENDER),
        ],
    );
    assert_eq!(
        shown(&Given::nothing(), "mail_from").0,
        "\"Kunci <kunci@localhost>\""
    );
}

#[cfg(feature = "smtp")]
#[test]
fn mail_servers_are_urls_without_a_login() {
    check_all(
        "smtp",
        &[
            ("smtps://Mail.example.org", Ok("\"smtps://mail.example.org:465\"")),
            ("smtp://[2001:db8::1]", Ok("\"smtp://[2001:db8::1]:587\"")),
            (
                "smtp+plain://localhost:2525",
                Ok("\"smtp+plain://localhost:2525\""),
            ),
            (
                "mail.example.org",
                Err("begins with none of smtps://, smtp:// and smtp+plain://"),
            ),
            (
                "smtps://ada:secret@mail.example.org",
                Err("has a user name or password, for which there are smtp_user and smtp_password"),
            ),
            ("smtps://", Err("is not a host and maybe a port")),
            ("smtps://mail.example.org/", Err("is not a host and maybe a port")),
            ("smtps://mail.example.org:0", Err("has no port from 1 to 65535")),
            (
                "smtp+plain://mail.example.org",
                Err("would be talked to in clear over a network"),
            ),
        ],
    );
}

#[cfg(not(feature = "smtp"))]
#[test]
fn a_build_without_smtp_names_the_feature() {
    let refusal = "this build has no smtp, which takes one made with --features smtp";
    check("smtp", "smtps://mail.example.org", Err(refusal));
}

#[test]
fn a_login_at_the_mail_server_is_one_line() {
    let long = "x".repeat(256);
    for (key, rest) in [
        ("smtp_user", "has no password"),
        ("smtp_password", "has no user name"),
    ] {
        check(key, "ada", Err(rest));
        check(key, "", Err("is empty"));
        check(key, "a\nb", Err("has a control character"));
    }
    check("smtp_user", &long, Err("is far longer than a user name"));
    check(
        "smtp_password",
        &long.repeat(5),
        Err("is far longer than a password"),
    );
}
