//! The messages, word by word: each is one line, and says who gave what, and what would be accepted.

use super::{Given, Pairs};

#[track_caller]
pub(super) fn check(name: &str, given: &Given, want: &str) {
    let message = given.message();
    assert_eq!(message, want, "{name}");
    assert!(!message.contains(char::is_control), "{name}");
}

#[test]
fn a_wrong_value_is_told_with_its_source() {
    type Row<'a> = (&'a str, Pairs<'a>, Pairs<'a>, &'a str, &'a str);
    let rows: [Row<'_>; 13] = [
        (
            "a flag",
            &[("listen", "foo")],
            &[],
            "",
            "listen = \"foo\" (flag --listen): is not an address with a port; accepted: ADDRESS:PORT, localhost:PORT or unix:PATH",
        ),
        (
            "a variable",
            &[],
            &[("KUNCI_WORKERS", "0")],
            "",
            "workers = \"0\" (variable KUNCI_WORKERS): is not between 1 and 256; accepted: a whole number from 1 to 256",
        ),
        (
            "a line of the file",
            &[],
            &[],
            "workers = 2\n\nbrowser_idle = \"soon\"\n",
            "browser_idle = \"soon\" (file /w/kunci.toml, line 3): is not a duration; accepted: a duration in whole seconds from 1s to 400d, such as 12h or 7d",
        ),
        (
            "a store of another build",
            &[],
            &[],
            "session_store = \"redis://localhost\"",
            "session_store = \"redis://localhost\" (file /w/kunci.toml, line 1): this build has no redis store; accepted: sqlite:PATH or memory:",
        ),
        (
            "an overridden value is told too",
            &[],
            &[("KUNCI_WORKERS", "4")],
            "workers = 0",
            "workers = 0 (file /w/kunci.toml, line 1): is not between 1 and 256; accepted: a whole number from 1 to 256",
        ),
        (
            "control characters are escaped",
            &[("log_level", "\u{1b}[2J\nok \u{202e}")],
            &[],
            "",
            "log_level = \"\\u{1b}[2J\\nok \\u{202e}\" (flag --log-level): is none of the words; accepted: error, warn, info or debug",
        ),
        (
            "an address that strangers can reach",
            &[("listen", "0.0.0.0:80")],
            &[],
            "",
            "listen = \"0.0.0.0:80\" (flag --listen): tiny_http can be stopped by a single request, so it may not be reachable from other machines; accepted: a loopback address or unix:PATH behind a proxy that limits bodies, or --transport hyper in a build that has it",
        ),
        (
            "two addresses for one that takes one",
            &[("listen", "127.0.0.1:1,unix:k")],
            &[],
            "",
            "listen = \"127.0.0.1:1,unix:k\" (flag --listen): tiny_http listens at one address; accepted: one address, or --transport hyper in a build that has it",
        ),
        (
            "a certificate without a key",
            &[("tls_cert", "c.pem")],
            &[],
            "",
            "tls_cert = \"c.pem\" (flag --tls-cert): has no key; accepted: tls_cert together with tls_key",
        ),
        (
            "a key without a certificate",
            &[],
            &[("KUNCI_TLS_KEY", "k.pem")],
            "",
            "tls_key = \"k.pem\" (variable KUNCI_TLS_KEY): has no certificate; accepted: tls_cert together with tls_key",
        ),
        (
            "a certificate for tiny_http",
            &[("tls_cert", "c.pem"), ("tls_key", "k.pem")],
            &[],
            "",
            "tls_cert = \"c.pem\" (flag --tls-cert): tiny_http cannot encrypt; accepted: --transport hyper in a build that has it",
        ),
        (
            "a wait that is none",
            &[],
            &[],
            "head_timeout = \"2h\"",
            "head_timeout = \"2h\" (file /w/kunci.toml, line 1): is not between 100ms and 1h; accepted: a duration from 100ms to 1h, such as 10s",
        ),
        (
            "a setting without a flag given as one",
            &[("workers", "4")],
            &[],
            "",
            "unknown key workers = \"4\" (flag --workers); the nearest known key is workers, accepted: a whole number from 1 to 256",
        ),
    ];
    for (name, flags, variables, file, want) in rows {
        let given = Given::nothing().flags(flags).variables(variables).file(file);
        check(name, &given, want);
    }
}

#[test]
fn a_very_long_value_is_cut() {
    let long = "x".repeat(5000);
    let given = Given::nothing().flags(&[("log_level", &long)]);
    let want = format!(
        "log_level = \"{}\"... (5000 bytes) (flag --log-level): is none of the words; accepted: error, warn, info or debug",
        "x".repeat(80)
    );
    check("long", &given, &want);
}

#[test]
fn a_wrong_type_in_the_file_is_told() {
    let rows = [
        (
            "workers = \"x\"",
            "workers = \"x\" (*): is a string, not an integer; accepted: a whole number from 1 to 256",
        ),
        (
            "workers = 1.5",
            "workers = 1.5 (*): is a float, not an integer; accepted: a whole number from 1 to 256",
        ),
        (
            "workers = -1",
            "workers = -1 (*): is not a whole number; accepted: a whole number from 1 to 256",
        ),
        (
            "workers = 0x1_000",
            "workers = 0x1_000 (*): is not between 1 and 256; accepted: a whole number from 1 to 256",
        ),
        (
            "workers = {a = 1}",
            "workers = (a table) (*): is a table, not an integer; accepted: a whole number from 1 to 256",
        ),
        (
            "listen = 8080",
            "listen = 8080 (*): is an integer, not a string; accepted: ADDRESS:PORT, localhost:PORT or unix:PATH",
        ),
        (
            "listen = true",
            "listen = true (*): is a boolean, not a string; accepted: ADDRESS:PORT, localhost:PORT or unix:PATH",
        ),
        (
            "data = [\n1]",
            "data = [\\n1] (*): is an array, not a string; accepted: the path of a folder",
        ),
        (
            "data = 1979-05-27",
            "data = 1979-05-27 (*): is a date or time, not a string; accepted: the path of a folder",
        ),
        (
            "sqlite_mmap = 1.0",
            "sqlite_mmap = 1.0 (*): is a float, not an integer or a string; accepted: a size from 0 to 2047MiB, in bytes or with KiB, MiB or GiB",
        ),
        (
            "redirect_hosts = 1",
            "redirect_hosts = 1 (*): is an integer, not an array of strings; accepted: exact host names, each maybe with :PORT",
        ),
        (
            "redirect_hosts = [1]",
            "redirect_hosts = [1] (*): has an integer among its items; accepted: exact host names, each maybe with :PORT",
        ),
        (
            "redirect_hosts = [\"a,b\"]",
            "redirect_hosts = [\"a,b\"] (*): has a comma inside an item; accepted: exact host names, each maybe with :PORT",
        ),
        (
            "redirect_hosts = [\"\"]",
            "redirect_hosts = [\"\"] (*): has an empty item; accepted: exact host names, each maybe with :PORT",
        ),
    ];
    for (file, want) in rows {
        let want = want.replace('*', "file /w/kunci.toml, line 1");
        check(file, &Given::nothing().file(file), &want);
    }
}

#[test]
fn an_unknown_key_is_told_with_the_nearest() {
    let rows: [(&str, Pairs<'_>, &str, &str); 7] = [
        (
            "a variable",
            &[("KUNCI_LISTN", "127.0.0.1:1")],
            "",
            "unknown key listn = \"127.0.0.1:1\" (variable KUNCI_LISTN); the nearest known key is listen, accepted: ADDRESS:PORT, localhost:PORT or unix:PATH",
        ),
        (
            "a key in the file",
            &[],
            "workers = 2\nworker = 3",
            "unknown key worker = 3 (file /w/kunci.toml, line 2); the nearest known key is workers, accepted: a whole number from 1 to 256",
        ),
        (
            "a section",
            &[],
            "[log]\nformat = \"json\"",
            "unknown key log = (a table) (file /w/kunci.toml, line 1); the nearest known key is log_level, accepted: error, warn, info or debug",
        ),
        (
            "a key that is far from all, whose value may be anything",
            &[("KUNCI_TELNET_PW", "x")],
            "",
            "unknown key telnet_pw = (hidden) (variable KUNCI_TELNET_PW); the nearest known key is secret_key, accepted: at least 32 bytes as hexadecimal (64 digits or more) or base64url",
        ),
        (
            "a dotted key",
            &[],
            "log.level = \"info\"",
            "unknown key log = (a table) (file /w/kunci.toml, line 1); the nearest known key is log_level, accepted: error, warn, info or debug",
        ),
        (
            "a key on two lines",
            &[],
            "\"log\\nlevel\" = \"info\"",
            "unknown key log\\nlevel = \"info\" (file /w/kunci.toml, line 1); the nearest known key is log_level, accepted: error, warn, info or debug",
        ),
        (
            "the first of two by line",
            &[],
            "worker = 1\nlistn = 2",
            "unknown key worker = 1 (file /w/kunci.toml, line 1); the nearest known key is workers, accepted: a whole number from 1 to 256",
        ),
    ];
    for (name, variables, file, want) in rows {
        let given = Given::nothing().variables(variables).file(file);
        check(name, &given, want);
    }
}

#[test]
fn the_nearest_key_is_the_one_that_was_meant() {
    let rows = [
        ("lsiten", "listen"),
        ("Listen", "listen"),
        ("pemanent_idel", "permanent_idle"),
        ("browser-idle", "browser_idle"),
        ("sessions_store", "session_store"),
        ("storr", "store"),
        ("hash_mem", "hash_memory"),
        ("hash_parallel", "hash_parallelism"),
        ("publicurl", "public_url"),
        ("loglevel", "log_level"),
        ("log_fromat", "log_format"),
        ("secretkey", "secret_key"),
        ("redirect_host", "redirect_hosts"),
        ("sqlite_map", "sqlite_mmap"),
        ("guess_at_once", "guesses_at_once"),
        ("signup", "sign_up"),
        ("trusted_proxy", "trusted_proxies"),
        ("smtp_pass", "smtp_password"),
    ];
    for (key, want) in rows {
        let message = Given::nothing().file(&format!("{key} = 1")).message();
        let want = format!("the nearest known key is {want},");
        assert!(message.contains(&want), "{message}");
    }
}

#[cfg(unix)]
#[test]
fn a_value_that_is_no_text_is_told() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    let mut given = Given::nothing();
    let value = OsString::from_vec(b"/srv/\xff".to_vec());
    given.env.push(("KUNCI_DATA".into(), value));
    check(
        "no UTF-8",
        &given,
        "data = \"/srv/\u{fffd}\" (variable KUNCI_DATA): is not UTF-8; accepted: the path of a folder",
    );
}
