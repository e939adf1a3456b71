//! What is generated from the settings: the reference, the commented file, the settings in use.

use super::{Given, Pairs};
use crate::commands::settings::{commented_file, in_use, markdown};
use crate::config::{KEYS, json_schema};

/// `docs/settings.md` is generated. After a change of the settings,
/// `KUNCI_TEST_WRITE=1 cargo test -p kunci settings_md` writes it.
#[cfg(all(feature = "hyper", feature = "smtp"))]
#[test]
fn settings_md_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/settings.md");
    if std::env::var_os("KUNCI_TEST_WRITE").is_some() {
        std::fs::write(path, markdown()).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == markdown(),
        "run KUNCI_TEST_WRITE=1 cargo test -p kunci settings_md"
    );
}

#[test]
fn every_key_is_documented() {
    for key in KEYS.iter() {
        let (about, default) = (key.text("description"), key.text("x-default"));
        assert!(about.ends_with('.') && !key.accepted().is_empty(), "{key:?}");
        assert!(
            key.schema.get("default").is_some() == default.is_empty(),
            "{key:?}"
        );
        let cells = markdown()
            .lines()
            .find(|line| line.contains(&format!("`{}`", key.variable())))
            .map(|line| line.matches('|').count());
        assert_eq!(cells, Some(6), "{key:?}");
    }
}

#[test]
fn commented_file_has_every_key_and_no_effect() {
    let text = commented_file();
    let given = Given::nothing().file(&text);
    for key in KEYS.iter().filter(|key| key.in_file().is_none()) {
        assert_eq!(given.shown(&key.path).1, "default", "{}", key.path);
        assert!(text.contains(&format!("\n#{} = ", key.name())), "{}", key.path);
    }
}

#[test]
fn commented_defaults_are_the_defaults() {
    // Keys whose default has no fixed value have an empty text, which is not a value.
    let lines = commented_file();
    let lines = lines.lines().filter(|line| !line.ends_with("= \"\""));
    let text: String = lines
        .map(|line| format!("{}\n", line.strip_prefix('#').unwrap_or(line)))
        .collect();
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with(' '))
        .map(|line| format!("{line}\n"))
        .collect();
    let (uncommented, default) = (Given::nothing().file(&text), Given::nothing());
    for key in KEYS.iter().filter(|key| key.in_file().is_none()) {
        assert_eq!(
            uncommented.shown(&key.path).0,
            default.shown(&key.path).0,
            "{}",
            key.path
        );
    }
}

#[test]
fn settings_in_use_are_a_file_with_the_same_meaning() {
    let variables: Pairs<'_> = &[
        ("KUNCI_SERVER__LISTEN", "localhost:0"),
        ("KUNCI_DATA", "odd \"name\"\\é'"),
        ("KUNCI_SERVER__REDIRECT_HOSTS", "a.org,b.org:1"),
        ("KUNCI_SESSIONS__PERMANENT_IDLE", "1h 1s"),
        ("KUNCI_STORE__SQLITE_MMAP_MIB", "64"),
    ];
    for variables in [&[], variables] {
        let first = Given::nothing().variables(variables);
        let second = Given::nothing().file(&in_use(&first.config()));
        for key in KEYS.iter().filter(|key| key.in_file().is_none()) {
            assert_eq!(
                first.shown(&key.path).0,
                second.shown(&key.path).0,
                "{}",
                key.path
            );
        }
    }
}

#[test]
fn settings_in_use_have_their_sources() {
    let given = Given::nothing()
        .variables(&[("KUNCI_SERVER__WORKERS", "8")])
        .flags(&[("data", "elsewhere")]);
    let text = in_use(&given.config());
    for want in [
        "data = \"elsewhere\"  # --flag",
        "workers = 8  # KUNCI_SERVER__WORKERS",
        "level = \"info\"  # default",
        "redirect_hosts = []  # default",
        "# cookie_name = (`kunci`, or `kunci-PORT` with http on this machine on a port other than 8080)  # default",
    ] {
        assert!(text.lines().any(|line| line == want), "{want}\n{text}");
    }
}

#[test]
fn schema_refuses_unknown_keys_and_has_the_files_of_secrets() {
    let schema = json_schema();
    assert_eq!(schema["additionalProperties"], false);
    let mail = &schema["properties"]["mail"];
    assert_eq!(mail["additionalProperties"], false);
    assert_eq!(mail["properties"]["password"]["writeOnly"], true);
    assert_eq!(mail["properties"]["password_file"]["type"], "string");
    let workers = &schema["properties"]["server"]["properties"]["workers"];
    assert_eq!(
        (&workers["type"], &workers["maximum"]),
        (&"integer".into(), &256.into())
    );
}
