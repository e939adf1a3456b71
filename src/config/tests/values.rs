//! What each setting accepts, in what form it is shown, and why it refuses the rest.

use super::{Given, shown};

/// Gives the text as a variable; wants the value as `config show` has it, or part of the refusal.
#[track_caller]
pub(super) fn check(key: &'static str, text: &str, want: Result<&str, &str>) {
    let name: &'static str = format!("KUNCI_{}", key.to_uppercase()).leak();
    let given = Given::nothing().variables(&[(name, text)]);
    match want {
        Ok(value) => assert_eq!(shown(&given, key).0, value, "{key} = {text:?}"),
        Err(why) => {
            let message = given.message();
            assert!(
                message.contains(&format!("): {why}; accepted: ")),
                "{key} = {text:?}: {message}"
            );
        }
    }
}

/// Rows of a text and what it is shown as, or why it is refused.
#[track_caller]
pub(super) fn check_all(key: &'static str, rows: &[(&str, Result<&str, &str>)]) {
    for (text, want) in rows {
        check(key, text, *want);
    }
}

#[test]
fn listen_takes_addresses_and_sockets() {
    const NO_ADDRESS: Result<&str, &str> = Err("is not an address with a port");
    check_all(
        "listen",
        &[
            ("127.0.0.1:0", Ok("\"127.0.0.1:0\"")),
            ("localhost:9000", Ok("\"127.0.0.1:9000\"")),
            ("[::1]:80", Ok("\"[::1]:80\"")),
            ("127.9.9.9:80", Ok("\"127.9.9.9:80\"")),
            ("[::ffff:127.0.0.1]:80", Ok("\"[::ffff:127.0.0.1]:80\"")),
            ("unix:/run/k.sock", Ok("\"unix:/run/k.sock\"")),
            ("unix:", Err("has no path")),
            ("localhost", NO_ADDRESS),
            ("localhost:", Err("has no port from 0 to 65535")),
            ("localhost:65536", Err("has no port from 0 to 65535")),
            ("127.0.0.1", NO_ADDRESS),
            (":8080", NO_ADDRESS),
            ("example.org:80", NO_ADDRESS),
            ("", NO_ADDRESS),
        ],
    );
}

#[cfg(feature = "hyper")]
#[test]
fn hyper_listens_at_several_places_and_for_everybody() {
    let given = Given::nothing()
        .flags(&[("transport", "hyper")])
        .file("listen = [\"0.0.0.0:80\", \"[::]:80\", \"unix:k\"]");
    assert_eq!(
        shown(&given, "listen").0,
        "[\"0.0.0.0:80\", \"[::]:80\", \"unix:k\"]"
    );
}

#[test]
fn waits_are_to_the_millisecond() {
    check_all(
        "request_timeout",
        &[
            ("100ms", Ok("\"100ms\"")),
            ("1500ms", Ok("\"1500ms\"")),
            ("90s", Ok("\"90s\"")),
            ("1h", Ok("\"1h\"")),
            ("99ms", Err("is not between 100ms and 1h")),
            ("61m", Err("is not between 100ms and 1h")),
            ("soon", Err("is not a duration")),
        ],
    );
}

#[test]
fn fixed_words_are_taken_exactly() {
    const NO_WORD: Result<&str, &str> = Err("is none of the words");
    check_all(
        "transport",
        &[
            ("tiny_http", Ok("\"tiny_http\"")),
            #[cfg(feature = "hyper")]
            ("hyper", Ok("\"hyper\"")),
            #[cfg(not(feature = "hyper"))]
            ("hyper", Err("this build has no hyper")),
            ("tiny-http", NO_WORD),
            ("", NO_WORD),
        ],
    );
    check_all(
        "log_format",
        &[
            ("text", Ok("\"text\"")),
            ("json", Ok("\"json\"")),
            ("JSON", NO_WORD),
        ],
    );
    check_all(
        "log_level",
        &[
            ("error", Ok("\"error\"")),
            ("warn", Ok("\"warn\"")),
            ("info", Ok("\"info\"")),
            ("debug", Ok("\"debug\"")),
            ("trace", NO_WORD),
        ],
    );
}

#[test]
fn whole_numbers_keep_to_their_range() {
    let rows: [(&str, &str, &str, &str, &str); 6] = [
        ("workers", "1", "256", "0", "257"),
        ("hash_memory", "19456", "1048576", "7167", "1048577"),
        ("hash_iterations", "2", "100", "0", "101"),
        ("hash_parallelism", "1", "16", "0", "17"),
        ("hash_permits", "1", "64", "0", "65"),
        ("hash_queue", "0", "1024", "-1", "1025"),
    ];
    for (key, least, most, below, above) in rows {
        check(key, least, Ok(least));
        check(key, most, Ok(most));
        for outside in [below, above] {
            let name: &'static str = format!("KUNCI_{}", key.to_uppercase()).leak();
            let given = Given::nothing().variables(&[(name, outside)]);
            assert!(given.load().is_err(), "{key} = {outside}");
        }
    }
    check_all(
        "workers",
        &[
            ("300", Err("is not between 1 and 256")),
            ("4294967297", Err("is not between 1 and 256")),
            ("99999999999999999999999", Err("is far too large")),
            ("", Err("is not a whole number")),
            ("+4", Err("is not a whole number")),
            (" 4", Err("is not a whole number")),
            ("1_0", Err("is not a whole number")),
            ("4.0", Err("is not a whole number")),
            ("four", Err("is not a whole number")),
        ],
    );
}

#[test]
fn the_address_of_the_site_is_brought_into_the_form_of_an_origin() {
    check_all(
        "public_url",
        &[
            ("https://example.org", Ok("\"https://example.org\"")),
            ("HTTPS://Example.ORG/", Ok("\"https://example.org\"")),
            ("https://example.org:443", Ok("\"https://example.org\"")),
            ("http://example.org:443", Ok("\"http://example.org:443\"")),
            ("http://localhost:8080", Ok("\"http://localhost:8080\"")),
            ("http://10.0.0.7:80", Ok("\"http://10.0.0.7\"")),
            ("http://[2001:DB8::0:1]", Ok("\"http://[2001:db8::1]\"")),
            ("http://my_box", Ok("\"http://my_box\"")),
            ("https://xn--bcher-kva.de", Ok("\"https://xn--bcher-kva.de\"")),
            ("example.org", Err("is not a URL")),
            ("ftp://example.org", Err("is neither http nor https")),
            ("https://", Err("is not a host name")),
            ("https://example.org/app", Err("has a path")),
            ("https://example.org//", Err("has a path")),
            ("https://example.org\\app", Err("has a path")),
            ("https://example.org?a=1", Err("has a query or a fragment")),
            ("https://example.org#a", Err("has a query or a fragment")),
            ("https://a:b@example.org", Err("has a user name or password")),
            ("https://example.org:0", Err("has no port from 1 to 65535")),
            ("https://example.org:", Err("has no port from 1 to 65535")),
            ("https://example.org:+1", Err("has no port from 1 to 65535")),
            ("https://bücher.de", Err("is not a host name")),
            ("https://exa mple.org", Err("is not a host name")),
            ("https://-a.org", Err("is not a host name")),
            ("https://a..org", Err("is not a host name")),
            ("https://2001:db8::1", Err("is not a host name")),
            ("https://[127.0.0.1]", Err("has no IPv6 address in its brackets")),
            ("https://127.1", Err("is not a host name or an IPv4 address")),
            ("https://a.0x7f", Err("is not a host name or an IPv4 address")),
        ],
    );
}

#[test]
fn redirect_hosts_are_exact_names() {
    check_all(
        "redirect_hosts",
        &[
            ("", Ok("[]")),
            ("Wiki.example.org", Ok("[\"wiki.example.org\"]")),
            (
                "a.org, b.org:8443 ,[::1]:80",
                Ok("[\"a.org\", \"b.org:8443\", \"[::1]:80\"]"),
            ),
            ("*.example.org", Err("is not a host name")),
            ("https://a.org", Err("has no port from 1 to 65535")),
            ("a.org,", Err("is not a host name")),
            ("a.org/x", Err("is not a host name")),
        ],
    );
}

#[test]
fn stores_are_named_by_url() {
    for key in ["store", "session_store"] {
        check_all(
            key,
            &[
                ("memory:", Ok("\"memory:\"")),
                ("sqlite:k.db", Ok("\"sqlite:k.db\"")),
                ("sqlite:/srv/k.db", Ok("\"sqlite:/srv/k.db\"")),
                ("sqlite:", Err("has no path")),
                ("sqlite:data/", Err("is a folder")),
                ("sqlite::memory:", Err("is no file; without a file it is memory:")),
                ("sqlite://k.db", Err("has more than a path after sqlite:")),
                ("sqlite:file:k.db", Err("has more than a path after sqlite:")),
                ("memory:x", Err("names no known store")),
                ("oracle:x", Err("names no known store")),
                ("k.db", Err("is not the URL of a store")),
                ("", Err("is not the URL of a store")),
                ("postgres://h/d", Err("this build has no postgres store")),
                ("postgresql://h/d", Err("this build has no postgresql store")),
                ("mysql://h/d", Err("this build has no mysql store")),
                ("redis://h", Err("this build has no redis store")),
                ("rediss://h", Err("this build has no rediss store")),
            ],
        );
    }
}

#[test]
fn paths_are_taken_as_they_are() {
    check_all(
        "data",
        &[
            ("/srv/k", Ok("\"/srv/k\"")),
            ("a \"b\" \\c", Ok("\"a \\\"b\\\" \\\\c\"")),
            ("tab\there", Ok("\"tab\\U00000009here\"")),
            ("", Err("has no path")),
            ("a\0b", Err("has a NUL in its path")),
        ],
    );
}

#[test]
fn sizes_take_binary_units() {
    const TOO_MUCH: Result<&str, &str> = Err("is more than SQLite can map");
    const NO_SIZE: Result<&str, &str> = Err("is not a size in bytes, KiB, MiB or GiB");
    check_all(
        "sqlite_mmap",
        &[
            ("0", Ok("\"0\"")),
            ("1000", Ok("\"1000\"")),
            ("1024", Ok("\"1KiB\"")),
            ("64 MiB", Ok("\"64MiB\"")),
            ("1GiB", Ok("\"1GiB\"")),
            ("2047MiB", Ok("\"2047MiB\"")),
            ("2048MiB", TOO_MUCH),
            ("18446744073709551615GiB", TOO_MUCH),
            ("64MB", NO_SIZE),
            ("64m", NO_SIZE),
            ("1.5GiB", NO_SIZE),
            ("MiB", Err("is not a whole number")),
            ("", Err("is not a whole number")),
        ],
    );
}

#[test]
fn durations_are_whole_seconds_up_to_400_days() {
    check_all(
        "browser_idle",
        &[
            ("1s", Ok("\"1s\"")),
            ("90s", Ok("\"90s\"")),
            ("60min", Ok("\"1h\"")),
            ("1h 30m", Ok("\"90m\"")),
            ("24h", Ok("\"1d\"")),
            ("0s", Err("is no time at all")),
            ("500ms", Err("is not in whole seconds")),
            ("1s 1ns", Err("is not in whole seconds")),
            ("401d", Err("is longer than 400 days")),
            ("999999999999999999d", Err("is not a duration")),
            ("7", Err("is not a duration")),
            ("-1h", Err("is not a duration")),
            ("", Err("is not a duration")),
            ("soon", Err("is not a duration")),
        ],
    );
    for key in ["permanent_absolute", "browser_absolute"] {
        check(key, "400d", Ok("\"400d\""));
    }
    check("permanent_idle", "30d", Ok("\"30d\""));
}

#[test]
fn keys_are_hexadecimal_or_base64url() {
    let rows: [(String, Result<&str, &str>); 10] = [
        ("0f".repeat(32), Ok("\"(set)\"")),
        ("0F".repeat(64), Ok("\"(set)\"")),
        (format!("{}-_A", "A".repeat(40)), Ok("\"(set)\"")),
        (format!("{}-_A=", "A".repeat(40)), Ok("\"(set)\"")),
        ("0f".repeat(31), Err("is shorter than 32 bytes")),
        ("-A".repeat(20), Err("is shorter than 32 bytes")),
        ("0".repeat(65), Err("is neither hexadecimal nor base64url")),
        ("+".repeat(44), Err("is neither hexadecimal nor base64url")),
        ("A".repeat(2000), Err("is far longer than a key")),
        (String::new(), Err("is shorter than 32 bytes")),
    ];
    for (text, want) in &rows {
        check("secret_key", text, *want);
    }
    let two = format!("{},{}", "0f".repeat(32), "1e".repeat(32));
    check("secret_key_fallbacks", &two, Ok("[\"(set)\", \"(set)\"]"));
}
