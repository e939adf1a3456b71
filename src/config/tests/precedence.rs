//! Which source decides, which file is read, and which variables are left alone.

use std::path::{Path, PathBuf};

use super::{Given, Pairs, shown};
use crate::config::{Flags, Listen, StoreUrl};

struct Sources<'a> {
    flags: Pairs<'a>,
    variables: Pairs<'a>,
    file: &'a str,
}

#[track_caller]
fn check(name: &str, sources: &Sources<'_>, key: &str, want: (&str, &str)) {
    let given = Given::nothing()
        .flags(sources.flags)
        .variables(sources.variables)
        .file(sources.file);
    let (value, source) = shown(&given, key);
    assert_eq!((value.as_str(), source.as_str()), want, "{name}");
}

#[test]
fn the_strongest_source_decides() {
    let flag: Pairs<'_> = &[("listen", "127.0.0.1:1")];
    let variable: Pairs<'_> = &[("KUNCI_LISTEN", "127.0.0.1:2")];
    let file = "# a comment\nlisten = \"127.0.0.1:3\"\n";
    let rows = [
        (
            "a flag beats all",
            (flag, variable, file),
            ("\"127.0.0.1:1\"", "flag --listen"),
        ),
        (
            "a flag beats the file",
            (flag, &[][..], file),
            ("\"127.0.0.1:1\"", "flag --listen"),
        ),
        (
            "a variable beats the file",
            (&[], variable, file),
            ("\"127.0.0.1:2\"", "variable KUNCI_LISTEN"),
        ),
        (
            "the file beats the default",
            (&[], &[], file),
            ("\"127.0.0.1:3\"", "file /w/kunci.toml, line 2"),
        ),
        (
            "else the default holds",
            (&[], &[], ""),
            ("\"127.0.0.1:8080\"", "default"),
        ),
    ];
    for (name, (flags, variables, file), want) in rows {
        let sources = Sources {
            flags,
            variables,
            file,
        };
        check(name, &sources, "listen", want);
    }
}

#[test]
fn derived_defaults_follow_what_they_derive_from() {
    let rows: [(&str, Pairs<'_>, &str, &str); 6] = [
        ("bare", &[], "store", "\"sqlite:./data/kunci.db\""),
        ("bare", &[], "session_store", "\"sqlite:./data/kunci.db\""),
        (
            "data moved",
            &[("data", "/srv/k")],
            "store",
            "\"sqlite:/srv/k/kunci.db\"",
        ),
        (
            "data moved",
            &[("data", "/srv/k")],
            "session_store",
            "\"sqlite:/srv/k/kunci.db\"",
        ),
        (
            "store given",
            &[("data", "/srv/k"), ("store", "memory:")],
            "session_store",
            "\"memory:\"",
        ),
        (
            "sessions apart",
            &[("session_store", "memory:")],
            "store",
            "\"sqlite:./data/kunci.db\"",
        ),
    ];
    for (name, flags, key, want) in rows {
        let given = Given::nothing().flags(flags);
        assert_eq!(shown(&given, key).0, want, "{name}: {key}");
    }
}

#[test]
fn relative_paths_are_joined_to_the_working_folder() {
    let flags: Pairs<'_> = &[
        ("listen", "unix:k.sock"),
        ("data", "d"),
        ("session_store", "sqlite:s.db"),
    ];
    let given = Given::nothing().flags(flags);
    let config = given.load().unwrap();
    let folder = given.folder();
    assert_eq!(config.data(), folder.join("d"));
    assert_eq!(config.listen(), [Listen::Unix(folder.join("k.sock"))]);
    assert_eq!(config.stores().main, StoreUrl::Sqlite(folder.join("d/kunci.db")));
    assert_eq!(config.stores().sessions, StoreUrl::Sqlite(folder.join("s.db")));

    let bare = crate::config::Config::load(&Flags::default().with("data", "d"), [], Path::new(""));
    assert_eq!(
        bare.unwrap().data(),
        Path::new("d"),
        "an empty folder adds nothing"
    );
}

#[test]
fn the_named_file_is_read_instead_of_the_usual_one() {
    type Row<'a> = (&'a str, Option<&'a str>, Pairs<'a>, Option<&'a str>, &'a str);
    let rows: [Row<'_>; 4] = [
        (
            "the flag",
            Some("flag.toml"),
            &[("KUNCI_CONFIG", "variable.toml")],
            Some("flag.toml"),
            "1",
        ),
        (
            "the variable",
            None,
            &[("KUNCI_CONFIG", "variable.toml")],
            Some("variable.toml"),
            "2",
        ),
        ("the usual", None, &[], Some("kunci.toml"), "3"),
        ("none", None, &[], None, "4"),
    ];
    for (name, flag, variables, file, workers) in rows {
        let mut given = Given::nothing().variables(variables);
        if file.is_some() {
            given = given
                .file_named("flag.toml", b"workers = 1")
                .file_named("variable.toml", b"workers = 2")
                .file_named("kunci.toml", b"workers = 3");
        }
        if let Some(flag) = flag {
            given.flags = given.flags.with_config_file(flag);
        }
        let path: Option<PathBuf> = file.map(|file| given.folder().join(file));
        assert_eq!(given.load().unwrap().file(), path.as_deref(), "{name}");
        assert_eq!(shown(&given, "workers").0, workers, "{name}");
    }
}

#[test]
fn variables_of_tests_and_of_service_links_are_left_alone() {
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
        ("kunci_workers", "a variable of somebody else"),
        ("PATH", "/bin"),
    ];
    assert!(Given::nothing().variables(variables).load().is_ok());
}

#[test]
fn variables_that_only_resemble_service_links_are_not_left_alone() {
    for name in [
        "KUNCI_PORT",
        "KUNCI_PORT_NUMBER",
        "KUNCI_TESTS",
        "KUNCI_SERVICE",
        "KUNCI_Workers",
    ] {
        let given = Given::nothing().variables(&[(name, "80")]);
        assert!(given.load().is_err(), "{name}");
    }
}
