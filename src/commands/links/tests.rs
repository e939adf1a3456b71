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
    let rows: [(&[(&str, &str)], _); 6] = [
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
    ];
    for (flags, want) in rows {
        assert_eq!(base(&config(flags)).as_deref(), want, "{flags:?}");
    }
}

#[test]
fn base_of_a_server_has_the_picked_port() {
    let config = config(&[]);
    let base = |address: &str| base_of_server(&config, &[address.to_owned()]);
    assert_eq!(base("http://127.0.0.1:4711"), "http://localhost:4711");
    assert_eq!(base("https://192.0.2.1:443"), "https://192.0.2.1:443");
    assert_eq!(base("unix:/run/kunci.sock"), "http://localhost");
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
