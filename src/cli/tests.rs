//! Tests of the command line: what each command takes, and what wrong use says.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use clap::CommandFactory;

use super::{Cli, Stop, parse};
use crate::config::{Config, settings_table_markdown};

fn arguments(line: &str) -> Vec<OsString> {
    let words = line.split(' ').filter(|word| !word.is_empty());
    ["kunci"].into_iter().chain(words).map(Into::into).collect()
}

#[track_caller]
fn stop(line: &str) -> Stop {
    match parse(arguments(line)) {
        Err(stop) => stop,
        Ok(cli) => panic!("{line}: {cli:?}"),
    }
}

/// Wants the command as `Debug` writes it.
#[track_caller]
fn check(line: &str, want: &str) {
    match parse(arguments(line)) {
        Ok(cli) => assert_eq!(format!("{:?}", cli.command), want, "{line}"),
        Err(stop) => panic!("{line}: {stop:?}"),
    }
}

#[test]
fn clap_finds_no_fault() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_is_there() {
    let rows = [
        (
            "serve",
            "Serve(Serve { listen: None, transport: None, tls_cert: None, tls_key: None })",
        ),
        (
            "serve --listen unix:k --transport hyper --public-url u",
            "Serve(Serve { listen: Some(\"unix:k\"), transport: Some(\"hyper\"), tls_cert: None, tls_key: None })",
        ),
        (
            "user add ana",
            "User(Add { name: \"ana\", email: None, admin: false, password_stdin: false })",
        ),
        (
            "user add ana --email a@b.org --admin --password-stdin",
            "User(Add { name: \"ana\", email: Some(\"a@b.org\"), admin: true, password_stdin: true })",
        ),
        ("user list", "User(List { json: false })"),
        ("user list --json", "User(List { json: true })"),
        ("user show ana --json", "User(Show { name: \"ana\", json: true })"),
        (
            "user passwd ana",
            "User(Passwd { name: \"ana\", password_stdin: false })",
        ),
        (
            "user passwd ana --password-stdin",
            "User(Passwd { name: \"ana\", password_stdin: true })",
        ),
        ("user enable ana", "User(Enable { name: \"ana\" })"),
        ("user disable ana", "User(Disable { name: \"ana\" })"),
        ("user delete ana", "User(Delete { name: \"ana\", yes: false })"),
        (
            "user delete ana --yes",
            "User(Delete { name: \"ana\", yes: true })",
        ),
        ("user link ana", "User(Link { name: \"ana\", reset: false })"),
        (
            "user link ana --reset",
            "User(Link { name: \"ana\", reset: true })",
        ),
        ("user remove-factor ana", "User(RemoveFactor { name: \"ana\" })"),
        ("invitation add", "Invitation(Add { uses: 1, valid: 604800s })"),
        (
            "invitation add --uses 10 --valid 2h",
            "Invitation(Add { uses: 10, valid: 7200s })",
        ),
        ("invitation list --json", "Invitation(List { json: true })"),
        ("invitation revoke 4f2a", "Invitation(Revoke { id: \"4f2a\" })"),
        ("session list", "Session(List { user: None, json: false })"),
        (
            "session list --user ana --json",
            "Session(List { user: Some(\"ana\"), json: true })",
        ),
        ("session revoke 4f2a", "Session(Revoke { id: \"4f2a\" })"),
        (
            "session revoke-all ana",
            "Session(RevokeAll { name: Some(\"ana\"), everybody: false })",
        ),
        (
            "session revoke-all --everybody",
            "Session(RevokeAll { name: None, everybody: true })",
        ),
        ("config check", "Config(Check)"),
        ("config show", "Config(Show)"),
    ];
    for (line, want) in rows {
        check(line, want);
    }
}

#[test]
fn wrong_use_is_one_line_and_status_2() {
    let rows = [
        (
            "serve --lisen x",
            "kunci: unexpected argument '--lisen' found; tip: a similar argument exists: '--listen' (see kunci --help)\n",
        ),
        (
            "sreve",
            "kunci: unrecognized subcommand 'sreve'; tip: a similar subcommand exists: 'serve' (see kunci --help)\n",
        ),
        (
            "user add",
            "kunci: the following required arguments were not provided: <NAME> (see kunci --help)\n",
        ),
        (
            "serve --listen",
            "kunci: a value is required for '--listen <ADDR:PORT|unix:PATH>' but none was supplied (see kunci --help)\n",
        ),
        (
            "serve --listen a --listen b",
            "kunci: the argument '--listen <ADDR:PORT|unix:PATH>' cannot be used multiple times (see kunci --help)\n",
        ),
        (
            "user list --listen a",
            "kunci: unexpected argument '--listen' found; tip: a similar argument exists: '--store' (see kunci --help)\n",
        ),
        (
            "invitation add --uses 0",
            "kunci: invalid value '0' for '--uses <N>': 0 is not in 1..=10000 (see kunci --help)\n",
        ),
        (
            "invitation add --valid soon",
            "kunci: invalid value 'soon' for '--valid <TIME>': it is not a duration (see kunci --help)\n",
        ),
        (
            "invitation add --valid 401d",
            "kunci: invalid value '401d' for '--valid <TIME>': it is longer than 400 days (see kunci --help)\n",
        ),
        (
            "config show \u{1b}[2J\nUsage:",
            "kunci: unexpected argument '\\u{1b}[2J (see kunci --help)\n",
        ),
    ];
    for (line, want) in rows {
        let Stop { text, status } = stop(line);
        assert_eq!(text, want, "{line}");
        assert_eq!(status, 2, "{line}");
    }
}

#[test]
fn no_command_prints_the_help_and_is_wrong_use() {
    for line in ["", "user", "invitation", "session", "config"] {
        let Stop { text, status } = stop(line);
        assert!(text.contains("Usage: kunci"), "{line}: {text}");
        assert!(text.contains("Commands:"), "{line}: {text}");
        assert_eq!(status, 2, "{line}");
    }
}

#[test]
fn flags_without_a_command_are_wrong_use() {
    assert_eq!(stop("--data d").status, 2);
}

#[test]
fn help_and_version_are_fine() {
    for line in ["--help", "serve --help", "user add --help", "--version", "help"] {
        assert_eq!(stop(line).status, 0, "{line}");
    }
    let version = format!("kunci {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(stop("--version").text, version);
}

#[test]
fn no_command_takes_a_secret_as_an_argument() {
    for command in ["user add ana", "user passwd ana", "serve"] {
        for flag in [
            "--password",
            "--secret-key",
            "--secret-key-fallbacks",
            "--smtp-password",
            "--key",
        ] {
            for line in [
                format!("{command} {flag} hunter2"),
                format!("{command} {flag}=hunter2"),
            ] {
                let Stop { text, status } = stop(&line);
                assert_eq!(status, 2, "{line}");
                assert!(!text.contains("hunter2"), "{line}: {text}");
            }
        }
    }
    assert_eq!(stop("user add ana hunter2").status, 2);
    assert_eq!(stop("user passwd ana hunter2").status, 2);
    assert_eq!(stop("user add ana --password-stdin=hunter2").status, 2);
}

#[test]
fn common_flags_stand_before_or_after_the_command() {
    for line in [
        "--store memory: --data d serve --listen localhost:1",
        "serve --listen localhost:1 --store memory: --data d",
    ] {
        let cli = parse(arguments(line)).unwrap();
        let config = Config::load(&cli.flags(), [], Path::new("/nowhere")).unwrap();
        let from_flags: Vec<String> = config
            .show()
            .iter()
            .map(ToString::to_string)
            .filter(|line| line.contains("# flag"))
            .collect();
        assert_eq!(
            from_flags,
            [
                "listen = \"127.0.0.1:1\"  # flag --listen",
                "data = \"d\"  # flag --data",
                "store = \"memory:\"  # flag --store",
            ],
            "{line}"
        );
    }
}

#[test]
fn the_config_flag_names_the_file() {
    let cli = parse(arguments("config check --config x.toml")).unwrap();
    let error = Config::load(&cli.flags(), [], Path::new("/nowhere")).unwrap_err();
    let want = "file /nowhere/x.toml: named by flag --config, cannot be read";
    assert!(error.to_string().starts_with(want), "{error}");
}

/// A flag in the table that the command line lacks, or the other way round, would be a promise broken.
#[test]
fn the_flags_are_those_of_the_table() {
    let cli = Cli::command();
    let serve = cli.find_subcommand("serve").unwrap();
    let here: BTreeSet<String> = cli
        .get_arguments()
        .chain(serve.get_arguments())
        .filter_map(|argument| argument.get_long())
        .map(|long| format!("`--{long}`"))
        .filter(|flag| flag != "`--help`" && flag != "`--version`")
        .collect();
    let markdown = settings_table_markdown();
    let table: BTreeSet<String> = markdown
        .lines()
        .skip(2)
        .filter_map(|line| line.split('|').nth(2))
        .map(|flag| flag.trim().to_owned())
        .filter(|flag| !flag.is_empty())
        .collect();
    assert_eq!(here, table);
}
