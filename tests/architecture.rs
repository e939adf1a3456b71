//! Checks the manifests and the code against the rules of `ARCHITECTURE.md`.
//!
//! Dev-dependencies are not checked.

#![allow(clippy::unwrap_used, missing_docs, reason = "a failed step ends the test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The packages, and the packages of this workspace on which each one depends.
const MAP: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("adapters/argon2", &["kunci-domain"]),
    ("adapters/hyper", &["kunci-transport"]),
    ("adapters/mail", &["kunci-domain"]),
    ("adapters/maud", &[]),
    ("adapters/memory", &["kunci-domain"]),
    ("adapters/crypto", &["kunci-domain"]),
    ("adapters/postgres", &["kunci-domain"]),
    ("adapters/smtp", &["kunci-domain", "kunci-mail"]),
    ("adapters/sqlite", &["kunci-domain"]),
    ("adapters/tiny_http", &["kunci-transport"]),
    ("adapters/transport", &[]),
    ("adapters/web", &["kunci-domain", "kunci-maud"]),
    ("tests/kit", &["kunci-domain"]),
];

/// External dependencies of the domain: small pure crates, and serde for the session data of an application.
const DOMAIN_DEPENDENCIES: &[&str] = &[
    "idna",
    "serde",
    "serde_json",
    "sha2",
    "subtle",
    "thiserror",
    "totp-rs",
    "unicode-normalization",
    "unicode-properties",
    "unicode-security",
    "zeroize",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the names in the `[dependencies]` section of a package.
fn dependencies(package: &str) -> BTreeSet<String> {
    let manifest = std::fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    manifest
        .get("dependencies")
        .and_then(toml::Value::as_table)
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with(".git") {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn dependencies_follow_the_map() {
    for (package, allowed) in MAP {
        let found: BTreeSet<String> = dependencies(package)
            .into_iter()
            .filter(|name| name.starts_with("kunci"))
            .collect();
        let allowed = allowed.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(found, allowed, "{package}");
    }
}

#[test]
fn map_lists_every_package() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains(r#"members = ["domain", "adapters/*", "tests/kit"]"#));
    let mut found: BTreeSet<String> = std::fs::read_dir(root().join("adapters"))
        .unwrap()
        .map(|entry| format!("adapters/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    found.extend(["domain".to_owned(), "tests/kit".to_owned()]);
    assert_eq!(
        found,
        MAP.iter().map(|(package, _)| (*package).to_owned()).collect()
    );
}

#[test]
fn domain_has_only_allowed_dependencies() {
    let allowed: BTreeSet<String> = DOMAIN_DEPENDENCIES
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    assert_eq!(dependencies("domain"), allowed);
}

#[test]
fn domain_uses_no_clock_thread_or_io() {
    for file in rust_files(&root().join("domain/src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for word in [
            "SystemTime",
            "Instant::",
            "std::fs",
            "std::net::Tcp",
            "std::thread",
            "std::env",
            "async fn",
            "println!",
        ] {
            assert!(!text.contains(word), "{} contains {word}", file.display());
        }
    }
}

#[test]
fn sql_stays_in_its_store_and_cookies_in_the_web_adapter() {
    let places = [
        ("INSERT INTO", &["adapters/sqlite", "adapters/postgres"][..]),
        ("rusqlite", &["adapters/sqlite"]),
        ("tokio_postgres", &["adapters/postgres"]),
        ("SET_COOKIE", &["adapters/web"]),
        ("tokio::", &["adapters/hyper", "adapters/postgres"]),
        ("tiny_http::", &["adapters/tiny_http"]),
        ("PreEscaped", &[]),
    ];
    let sources = ["domain/src", "adapters", "tests/kit/src", "src"];
    for file in sources.iter().flat_map(|folder| rust_files(&root().join(folder))) {
        let path = file.strip_prefix(root()).unwrap().display().to_string();
        if path.contains("/tests/") || path.contains("/examples/") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for (word, homes) in places {
            let in_composition_root = word == "tiny_http::" && path.starts_with("src/");
            assert!(
                !text.contains(word)
                    || homes.iter().any(|home| path.starts_with(home))
                    || in_composition_root,
                "{path} contains {word}"
            );
        }
    }
}

/// `println!` and its like panic if the reader has gone or the disk is full.
#[test]
fn no_program_panics_if_output_cannot_be_written() {
    let sources = ["domain/src", "adapters", "src"];
    for file in sources.iter().flat_map(|folder| rust_files(&root().join(folder))) {
        let path = file.strip_prefix(root()).unwrap().display().to_string();
        if path.contains("/tests/") || path.contains("/examples/") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let panics = ["println!(", "print!("].iter().any(|word| line.contains(word));
            assert!(!panics, "{path}: {line}");
        }
    }
}

#[test]
fn only_the_registry_names_a_store() {
    for file in ["src", "domain/src", "adapters/web/src"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
    {
        let text = std::fs::read_to_string(&file).unwrap();
        let uses = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let names_one = uses
            .into_iter()
            .any(|line| line.contains("kunci_sqlite") || line.contains("kunci_postgres"));
        assert_eq!(
            names_one,
            file.ends_with("src/wire/backends.rs"),
            "{}",
            file.display()
        );
    }
}

#[test]
fn every_file_has_a_header() {
    let folders = ["domain", "adapters", "tests", "src", "examples"];
    for file in folders.iter().flat_map(|folder| rust_files(&root().join(folder))) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            text.starts_with("//!"),
            "{} does not begin with //!",
            file.display()
        );
    }
}

#[test]
fn every_invariant_names_tests_that_exist() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let code: String = ["domain", "adapters", "tests", "src"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    let invariants: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("- **Invariant:"))
        .collect();
    assert!(invariants.len() >= 10);
    for line in invariants {
        let (_, proved_by) = line
            .split_once("Proved by")
            .unwrap_or_else(|| panic!("no test is named: {line}"));
        for name in proved_by
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| name.contains('_') && !name.contains(['/', '!']))
        {
            let exists = code.contains(&format!("fn {name}(")) || code.contains(&format!("{name},"));
            assert!(exists || name.contains(' '), "{name} is not a test");
        }
    }
}

#[test]
fn every_dependency_is_listed_in_architecture_md() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut packages: Vec<&str> = MAP.iter().map(|(package, _)| *package).collect();
    packages.push(".");
    for dependency in packages.iter().flat_map(|package| dependencies(package)) {
        let own = dependency.starts_with("kunci");
        assert!(
            own || text.contains(&format!("\n- `{dependency}`")),
            "{dependency} has no line in ARCHITECTURE.md"
        );
    }
}
