//! Tests of links.

use super::*;
use crate::config::Flags;

fn config(flags: &[(&'static str, &str)]) -> Config {
    let given = flags.iter().map(|(path, text)| ("--flag", *path, text.into()));
    let flags = Flags {
        config: None,
        given: given.collect(),
    };
    Config::load(&flags, []).unwrap()
}

#[test]
fn base_follows_the_settings() {
    let rows: [(&[(&str, &str)], _); 12] = [
        (&[], Some("http://localhost:8080")),
        (
            &[("server.listen", "127.0.0.1:9000")],
            Some("http://localhost:9000"),
        ),
        (&[("server.listen", "[::1]:80")], Some("http://[::1]:80")),
        (
            &[("public_url", "https://example.org"), ("server.listen", "unix:k")],
            Some("https://example.org"),
        ),
        (&[("server.listen", "127.0.0.1:0")], None),
        (&[("server.listen", "unix:k.sock")], None),
        (&[("server.listen", "0.0.0.0:80")], None),
        (&[("server.listen", "[::]:80")], None),
        (&[("server.listen", "[::ffff:0.0.0.0]:80")], None),
        (
            &[
                ("public_url", "https://example.org"),
                ("server.listen", "0.0.0.0:80"),
            ],
            Some("https://example.org"),
        ),
        (
            &[("server.listen", "0.0.0.0:80,192.0.2.1:80")],
            Some("http://192.0.2.1:80"),
        ),
        (
            &[("server.listen", "unix:k,127.0.0.1:80")],
            Some("http://localhost:80"),
        ),
    ];
    for (flags, want) in rows {
        assert_eq!(base(&config(flags)).as_deref(), want, "{flags:?}");
    }
}

fn base_at(flags: &[(&'static str, &str)], addresses: &[String]) -> Result<String, Failure> {
    let url = url_of_server(&config(flags), addresses);
    base_of_server(url.as_deref(), addresses)
}

#[test]
fn base_of_a_server_is_the_first_address_that_a_link_can_name() {
    for (addresses, want) in [
        (&["http://127.0.0.1:4711"][..], "http://localhost:4711"),
        (&["https://192.0.2.1:443"], "https://192.0.2.1:443"),
        (&["unix:/run/kunci.sock"], "http://localhost"),
        (&["unix:k", "http://192.0.2.1:80"], "http://192.0.2.1:80"),
        (
            &["http://0.0.0.0:80", "http://[2001:db8::1]:80"],
            "http://[2001:db8::1]:80",
        ),
    ] {
        let addresses: Vec<String> = addresses.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(base_at(&[], &addresses).unwrap(), want, "{addresses:?}");
    }
}

#[test]
fn server_on_all_addresses_needs_a_public_url() {
    let with_url = [("public_url", "https://example.org")];
    for address in [
        "http://0.0.0.0:80",
        "http://[::]:80",
        "https://[::ffff:0.0.0.0]:443",
    ] {
        for addresses in [
            vec![address.to_owned()],
            vec![address.to_owned(), "unix:k".to_owned()],
        ] {
            let failure = base_at(&[], &addresses).unwrap_err();
            let asks = failure.line.contains(address) && failure.line.contains("--public-url URL");
            assert!(failure.status == 2 && asks, "{addresses:?}: {}", failure.line);
            assert_eq!(base_at(&with_url, &addresses).unwrap(), "https://example.org");
        }
    }
}

#[test]
fn how_to_look_is_a_command_that_works() {
    assert_eq!(
        how_to_look("http://localhost:8080"),
        "open http://localhost:8080 in a browser, or: curl http://localhost:8080/profile"
    );
    assert_eq!(
        how_to_look("unix:/run/kunci.sock"),
        "try it: curl --unix-socket /run/kunci.sock http://localhost/profile"
    );
}
