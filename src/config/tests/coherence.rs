//! Settings beside one another, and the table beside what is made from it.

use std::time::Duration;

use super::{Given, Pairs};
use crate::config::lookup::settings_table_markdown;
use crate::config::table::ROWS;
use crate::config::{Lifetime, SessionLimits, StoreUrl};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn without_anything_the_documented_defaults_hold() {
    let given = Given::nothing();
    let config = given.load().unwrap();
    let database = given.folder().join("data/kunci.db");
    let (permanent, browser) = (
        Lifetime {
            idle: 7 * DAY,
            absolute: 30 * DAY,
        },
        Lifetime {
            idle: DAY / 2,
            absolute: DAY,
        },
    );
    assert_eq!(config.listen()[0].to_string(), "127.0.0.1:8080");
    assert_eq!(config.workers(), 4);
    assert_eq!(config.public_url(), None);
    assert!(config.redirect_hosts().is_empty());
    assert_eq!(config.stores().main, StoreUrl::Sqlite(database));
    assert_eq!(config.stores().sessions, config.stores().main);
    assert_eq!(config.sqlite_mmap(), 0);
    assert_eq!(config.sessions(), &SessionLimits { permanent, browser });
    assert_eq!(config.hashing().cost.memory_kib, 19456);
    assert_eq!(config.hashing().cost.iterations, 2);
    assert_eq!(config.hashing().cost.parallelism, 1);
    assert!((1..=64).contains(&config.hashing().permits));
    assert_eq!(config.hashing().queue, 32);
    assert!(config.secret_key().is_none());
    assert!(config.secret_key_fallbacks().is_empty());
}

/// Wants the message, or none.
#[track_caller]
fn check(variables: Pairs<'_>, file: &str, want: Option<&str>) {
    let given = Given::nothing().variables(variables).file(file);
    match want {
        None => assert!(given.load().is_ok(), "{variables:?} {file}"),
        Some(want) => assert_eq!(given.message(), want, "{variables:?} {file}"),
    }
}

#[test]
fn idle_is_at_most_absolute() {
    check(
        &[("KUNCI_PERMANENT_IDLE", "8d"), ("KUNCI_PERMANENT_ABSOLUTE", "8d")],
        "",
        None,
    );
    check(
        &[("KUNCI_PERMANENT_IDLE", "31d")],
        "",
        Some(
            "permanent_idle = \"31d\" (variable KUNCI_PERMANENT_IDLE): is longer than permanent_absolute = \"30d\" (default); accepted: at most permanent_absolute",
        ),
    );
    check(
        &[],
        "permanent_absolute = \"1d\"",
        Some(
            "permanent_absolute = \"1d\" (file /w/kunci.toml, line 1): is shorter than permanent_idle = \"7d\" (default); accepted: at least permanent_idle",
        ),
    );
    check(
        &[("KUNCI_BROWSER_IDLE", "3601s")],
        "browser_absolute = \"1h\"",
        Some(
            "browser_idle = \"3601s\" (variable KUNCI_BROWSER_IDLE): is longer than browser_absolute = \"1h\" (file /w/kunci.toml, line 1); accepted: at most browser_absolute",
        ),
    );
}

#[test]
fn hashing_is_never_cheaper_than_owasp_recommends() {
    let rows = [
        (47104, 1, None),
        (47103, 1, Some(47104)),
        (19456, 1, Some(47104)),
        (19456, 2, None),
        (19455, 2, Some(19456)),
        (12288, 3, None),
        (12287, 3, Some(12288)),
        (9216, 4, None),
        (9215, 4, Some(9216)),
        (7168, 5, None),
        (7168, 4, Some(9216)),
        (7168, 100, None),
        (1_048_576, 1, None),
    ];
    for (memory, passes, needed) in rows {
        let file = format!("hash_memory = {memory}\nhash_iterations = {passes}");
        let want = needed.map(|needed| {
            format!("hash_memory = {memory} (file /w/kunci.toml, line 1): is too little beside hash_iterations = {passes} (file /w/kunci.toml, line 2); accepted: {needed} or more, or more hash_iterations (1 pass 47104, 2 19456, 3 12288, 4 9216, 5 7168)")
        });
        check(&[], &file, want.as_deref());
    }
    let given = Given::nothing().file("hash_memory = 7167\nhash_iterations = 100");
    assert!(given.message().contains("is not between 7168 and 1048576"));
}

#[cfg(feature = "smtp")]
#[test]
fn a_login_at_the_mail_server_is_whole_or_absent() {
    let whole: Pairs<'_> = &[("KUNCI_SMTP_USER", "ada"), ("KUNCI_SMTP_PASSWORD", "secret")];
    check(whole, "smtp = \"smtps://mail.example.org\"", None);
    check(&[], "smtp = \"smtps://mail.example.org\"", None);
    check(
        whole,
        "",
        Some(
            "smtp_user = \"ada\" (variable KUNCI_SMTP_USER): has no mail server; accepted: smtp_user together with smtp",
        ),
    );
    check(
        &whole[..1],
        "smtp = \"smtps://mail.example.org\"",
        Some(
            "smtp_user = \"ada\" (variable KUNCI_SMTP_USER): has no password; accepted: smtp_user together with smtp_password",
        ),
    );
    check(
        &whole[1..],
        "",
        Some(
            "smtp_password = (hidden) (variable KUNCI_SMTP_PASSWORD): has no user name; accepted: smtp_password together with smtp_user",
        ),
    );
}

#[test]
fn every_row_of_the_table_is_shown_once_and_in_order() {
    let shown = Given::nothing().load().unwrap().show();
    let keys: Vec<&str> = shown.iter().map(|shown| shown.key).collect();
    let table: Vec<&str> = ROWS.iter().map(|row| row.key).collect();
    assert_eq!(keys, table);
}

#[test]
fn what_is_shown_is_a_settings_file_with_the_same_meaning() {
    let variables: Pairs<'_> = &[
        ("KUNCI_LISTEN", "localhost:0"),
        ("KUNCI_DATA", "odd \"name\"\\\u{1b}é'"),
        ("KUNCI_REDIRECT_HOSTS", "a.org,b.org:1"),
        ("KUNCI_PERMANENT_IDLE", "1h 1s"),
        ("KUNCI_SQLITE_MMAP", "1001"),
        ("KUNCI_HEAD_TIMEOUT", "1500ms"),
        ("KUNCI_IDLE_TIMEOUT", "90s"),
    ];
    for variables in [&[], variables] {
        let first = Given::nothing().variables(variables).load().unwrap().show();
        let text: String = first.iter().map(|shown| format!("{shown}\n")).collect();
        let second = Given::nothing().file(&text).load().unwrap().show();
        for (first, second) in first.iter().zip(&second) {
            assert_eq!((first.key, &first.value), (second.key, &second.value), "{text}");
        }
        assert_eq!(first.len(), second.len());
    }
}

#[test]
fn a_line_shows_key_value_and_source() {
    let given = Given::nothing().variables(&[("KUNCI_WORKERS", "8")]);
    let shown = given.load().unwrap().show();
    let lines: Vec<String> = shown.iter().map(ToString::to_string).collect();
    for want in [
        "workers = 8  # variable KUNCI_WORKERS",
        "log_level = \"info\"  # default",
        "redirect_hosts = []  # default",
        "# public_url = (derived from the listener)  # default",
        "# secret_key = (the key file in the data folder)  # default",
    ] {
        assert!(lines.iter().any(|line| line == want), "{want}: {lines:#?}");
    }
}

#[test]
fn the_markdown_table_has_every_setting_in_six_columns() {
    let table = settings_table_markdown();
    assert_eq!(table.lines().count(), 2 + 1 + ROWS.len());
    for line in table.lines() {
        assert_eq!(line.matches('|').count(), 7, "{line}");
    }
    for want in [
        "| `listen` | `--listen` | `KUNCI_LISTEN` | `127.0.0.1:8080` | ADDRESS:PORT, localhost:PORT or unix:PATH | Where to listen, with hyper maybe at several places; port 0 picks a free one |",
        "| `session_store` | `--session-store` | `KUNCI_SESSION_STORE` | the same as store | sqlite:PATH or memory: | Where sessions are kept |",
        "| `workers` |  | `KUNCI_WORKERS` | 4 with tiny_http, the number of cores with hyper | a whole number from 1 to 256 | How many threads answer quick requests |",
    ] {
        assert!(table.lines().any(|line| line == want), "{want}\n{table}");
    }
}
