//! What settings that are texts accept: hosts, stores, paths, proxies, mail and keys.

use super::Given;
use super::values::{FORM, check};
use crate::wire;

#[test]
fn public_url_is_brought_into_the_form_of_an_origin() {
    const HOST: Result<&str, &str> = Err("its host name is not valid");
    const PORT: Result<&str, &str> = Err("its port is not from 1 to 65535");
    const WILDCARD: Result<&str, &str> = Err("no link can lead to its host");
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
            ("http://0.0.0.0:80", WILDCARD),
            ("https://[::]", WILDCARD),
            ("http://[::ffff:0.0.0.0]", WILDCARD),
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
fn cookie_names_have_letters_digits_and_two_signs() {
    check(
        "sessions.cookie_name",
        &[
            ("wiki_2-a", Ok("\"wiki_2-a\"")),
            ("__Host-wiki", FORM),
            ("9000", FORM),
            ("a=b", FORM),
            (&"x".repeat(33), FORM),
        ],
    );
}

#[test]
fn default_cookie_name_depends_on_the_port_of_local_http() {
    for (url, want) in [
        (None, "kunci"),
        (Some("http://localhost:8080"), "kunci"),
        (Some("http://localhost:9000"), "kunci-9000"),
        (Some("http://127.0.0.2:9000"), "kunci-9000"),
        (Some("http://[::1]:9000"), "kunci-9000"),
        (Some("http://localhost"), "kunci-80"),
        (Some("https://localhost:9000"), "kunci"),
        (Some("http://192.0.2.1:9000"), "kunci"),
        (Some("https://id.example.org"), "kunci"),
    ] {
        let config = Given::nothing().config();
        assert_eq!(wire::cookie_name(&config, url).as_str(), want, "{url:?}");
        let config = Given::nothing()
            .flags(&[("sessions.cookie_name", "wiki")])
            .config();
        assert_eq!(wire::cookie_name(&config, url).as_str(), "wiki", "{url:?}");
    }
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
                ("mysql://h/d", Err("this build has no mysql store")),
                ("rediss://h", Err("this build has no rediss store")),
            ],
        );
    }
}

#[test]
fn stores_on_servers_are_urls_without_a_visible_password() {
    let rows: &[(&str, Result<&str, &str>)] = if cfg!(feature = "postgres") {
        &[
            ("postgres://ada@h/d", Ok("\"postgres://ada@h/d\"")),
            ("postgresql://ada@h/d", Ok("\"postgres://ada@h/d\"")),
            ("postgres://ada:hunter2@h/d", Ok("\"postgres://ada@h/d\"")),
            ("postgres://h", Err("it has no database")),
            (
                "postgres://h/d?sslmode=allow",
                Err("its sslmode is not disable, prefer, require or verify-full"),
            ),
        ]
    } else {
        &[("postgres://h/d", Err("this build has no postgres store"))]
    };
    check("store.url", rows);
    check("store.sessions", rows);
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
fn reserved_names_are_usernames() {
    check(
        "accounts.reserved_names",
        &[
            ("boss,Größe.1", Ok("[\"boss\",\"Größe.1\"]")),
            (
                "two words",
                Err("a username may only contain letters, digits and . _ - + @"),
            ),
            (&"x".repeat(65), Err("a username has at most 64 characters")),
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
