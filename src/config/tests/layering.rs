//! Which layer decides, which file is read, and which variables are ignored.

use super::{Given, Pairs, variable};
use crate::config::Transport;

#[test]
fn strongest_layer_decides() {
    let flag: Pairs<'_> = &[("server.listen", "127.0.0.1:1")];
    let var: Pairs<'_> = &[("KUNCI_SERVER__LISTEN", "127.0.0.1:2")];
    let file = "# a comment\n[server]\nlisten = \"127.0.0.1:3\"\n";
    let rows: [(Pairs<'_>, Pairs<'_>, &str, &str, &str); 5] = [
        (flag, var, file, "[\"127.0.0.1:1\"]", "--flag"),
        (flag, &[], file, "[\"127.0.0.1:1\"]", "--flag"),
        (&[], var, file, "[\"127.0.0.1:2\"]", "KUNCI_SERVER__LISTEN"),
        (&[], &[], file, "[\"127.0.0.1:3\"]", "/w/kunci.toml:3"),
        (&[], &[], "", "[\"127.0.0.1:8080\"]", "default"),
    ];
    for (flags, variables, file, value, source) in rows {
        let given = Given::nothing().flags(flags).variables(variables).file(file);
        assert_eq!(given.shown("server.listen"), (value.into(), source.into()));
    }
}

#[test]
fn layers_merge_key_by_key() {
    let given = Given::nothing()
        .variables(&[("KUNCI_ACCOUNTS__SIGN_UP", "closed")])
        .file("[accounts]\nsign_up = \"invitation\"\nsecond_factor = \"all\"");
    for (path, value, source) in [
        ("accounts.sign_up", "\"closed\"", "KUNCI_ACCOUNTS__SIGN_UP"),
        ("accounts.second_factor", "\"all\"", "/w/kunci.toml:3"),
        ("throttle.guess_every", "\"10m\"", "default"),
    ] {
        assert_eq!(given.shown(path), (value.into(), source.into()));
    }
}

#[test]
fn every_key_has_a_variable_that_is_read() {
    for (path, text) in [
        ("public_url", "https://example.org"),
        ("server.tls.cert", "c.pem"),
        ("hashing.memory_kib", "20000"),
        ("store.sqlite_mmap_mib", "64"),
    ] {
        let given = Given::nothing().variables(&[
            (variable(path), text),
            ("KUNCI_SERVER__TLS__KEY", "k.pem"),
            ("KUNCI_SERVER__TLS__CERT", "c.pem"),
        ]);
        if cfg!(feature = "hyper") {
            assert_eq!(given.shown(path).1, variable(path), "{path}");
        }
    }
}

#[test]
fn derived_defaults_follow_their_origin() {
    let rows: [(Pairs<'_>, &str, &str); 6] = [
        (&[], "store.url", "\"sqlite:./data/kunci.db\""),
        (&[], "store.sessions", "\"sqlite:./data/kunci.db\""),
        (&[("data", "/srv/k")], "store.url", "\"sqlite:/srv/k/kunci.db\""),
        (
            &[("data", "/srv/k")],
            "store.sessions",
            "\"sqlite:/srv/k/kunci.db\"",
        ),
        (&[("store.url", "memory:")], "store.sessions", "\"memory:\""),
        (
            &[("store.sessions", "memory:")],
            "store.url",
            "\"sqlite:./data/kunci.db\"",
        ),
    ];
    for (flags, path, want) in rows {
        let (value, source) = Given::nothing().flags(flags).shown(path);
        assert_eq!((&*value, &*source), (want, "default"), "{flags:?} {path}");
    }
    let config = Given::nothing().flags(&[("store.sessions", "memory:")]).config();
    assert_eq!(config.session_store.show(), "memory:");
    assert_eq!(config.account_store.show(), "sqlite:./data/kunci.db");
}

#[test]
fn default_transport_is_hyper_in_builds_that_have_it() {
    let (local, remote) = if cfg!(feature = "hyper") {
        ("Hyper", "Hyper")
    } else {
        ("TinyHttp", "refused")
    };
    let rows: [(Pairs<'_>, &str); 8] = [
        (&[], local),
        (&[("server.listen", "unix:k.sock")], local),
        (&[("server.listen", "[::1]:80")], local),
        (&[("server.listen", "0.0.0.0:80")], remote),
        (&[("server.listen", "127.0.0.1:1,unix:k.sock")], remote),
        (
            &[("server.tls.cert", "c.pem"), ("server.tls.key", "k.pem")],
            remote,
        ),
        (&[("server.transport", "tiny_http")], "TinyHttp"),
        (
            &[
                ("server.transport", "tiny_http"),
                ("server.listen", "[::ffff:127.0.0.1]:80"),
            ],
            "TinyHttp",
        ),
    ];
    for (flags, want) in rows {
        let loaded = Given::nothing().flags(flags).load();
        let found = loaded.map_or("refused".to_owned(), |config| format!("{:?}", config.transport));
        assert_eq!(found, want, "{flags:?}");
    }
    assert_eq!(Given::nothing().config().server.transport, Transport::Auto);
    let tiny_http = Given::nothing().flags(&[("server.transport", "tiny_http")]);
    assert_eq!(tiny_http.config().workers, 4);
}

#[test]
fn flag_and_variable_name_the_file() {
    for (flag, variable, want) in [
        (Some("flag.toml"), Some("variable.toml"), 1),
        (None, Some("variable.toml"), 2),
    ] {
        let mut given = Given::nothing()
            .file_named("flag.toml", b"[hashing]\nqueue = 1")
            .file_named("variable.toml", b"[hashing]\nqueue = 2");
        let path = |name| given.folder.path().join(name);
        given.env = variable
            .map(|name| ("KUNCI_CONFIG".into(), path(name).into()))
            .into_iter()
            .collect();
        given.flags.config = flag.map(path);
        assert_eq!(given.config().hashing.queue, want);
    }
}

#[test]
fn file_may_have_windows_line_ends_and_a_byte_order_mark() {
    let given = Given::nothing().file("\u{feff}[server]\r\nworkers = 2\r\n[hashing]\r\nqueue = 3\r\n");
    assert_eq!((given.config().workers, given.config().hashing.queue), (2, 3));
}

#[test]
fn variables_of_tests_and_service_links_are_ignored() {
    let variables: Pairs<'_> = &[
        ("KUNCI_TEST_POSTGRES_URL", "postgres://localhost"),
        ("KUNCI_TEST_REQUIRE", "1"),
        ("KUNCI_SERVICE_HOST", "10.0.0.7"),
        ("KUNCI_SERVICE_PORT", "80"),
        ("KUNCI_SERVICE_PORT_HTTP", "80"),
        ("KUNCI_PORT", "tcp://10.0.0.7:80"),
        ("KUNCI_PORT_80_TCP", "tcp://10.0.0.7:80"),
        ("KUNCI_PORT_80_TCP_ADDR", "10.0.0.7"),
        ("KUNCI_WEB_SERVICE_HOST", "10.0.0.8"),
        ("KUNCI_WEB_PORT", "tcp://10.0.0.8:80"),
        ("kunci_server__workers", "not ours"),
        ("PATH", "/bin"),
    ];
    assert!(Given::nothing().variables(variables).load().is_ok());
    for name in [
        "KUNCI_PORT",
        "KUNCI_PORT_NUMBER",
        "KUNCI_TESTS",
        "KUNCI_SERVICE",
        "KUNCI_SERVER__Workers",
        "KUNCI_SERVER_WORKERS",
    ] {
        let given = Given::nothing().variables(&[(name, "80")]);
        assert!(given.load().is_err(), "{name}");
    }
}
