//! Tests of the command line: what each command takes, and the messages of wrong use.

use std::ffi::OsString;

use clap::CommandFactory;

use super::{Cli, Stop, parse};
use crate::config::{Config, KEYS};

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

/// Checks the command as `Debug` writes it.
#[track_caller]
fn check(line: &str, want: &str) {
    match parse(arguments(line)) {
        Ok(cli) => assert_eq!(format!("{:?}", cli.command), want, "{line}"),
        Err(stop) => panic!("{line}: {stop:?}"),
    }
}

#[test]
fn clap_accepts_the_definition() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_is_parsed() {
    let rows = [
        (
            "serve",
            "Serve(Serve { listen: [], transport: None, tls_cert: None, tls_key: None })",
        ),
        (
            "serve --listen unix:k --listen 127.0.0.1:1 --transport hyper --public-url u",
            "Serve(Serve { listen: [\"unix:k\", \"127.0.0.1:1\"], transport: Some(\"hyper\"), tls_cert: None, tls_key: None })",
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
        ("config init", "Config(Init { file: None })"),
        ("config init k.toml", "Config(Init { file: Some(\"k.toml\") })"),
        ("config schema", "Config(Schema { markdown: false })"),
    ];
    for (line, want) in rows {
        check(line, want);
    }
}

/// Accounts of earlier versions may have such names.
#[test]
fn names_after_two_hyphens_are_no_options() {
    let rows = [
        (
            "user add --admin -- --help",
            "User(Add { name: \"--help\", email: None, admin: true, password_stdin: false })",
        ),
        (
            "user show -- --json",
            "User(Show { name: \"--json\", json: false })",
        ),
        (
            "user passwd -- --password-stdin",
            "User(Passwd { name: \"--password-stdin\", password_stdin: false })",
        ),
        ("user enable -- -h", "User(Enable { name: \"-h\" })"),
        ("user disable -- -h", "User(Disable { name: \"-h\" })"),
        (
            "user delete -- --yes",
            "User(Delete { name: \"--yes\", yes: false })",
        ),
        (
            "user link -- --reset",
            "User(Link { name: \"--reset\", reset: false })",
        ),
        (
            "user remove-factor -- --data",
            "User(RemoveFactor { name: \"--data\" })",
        ),
        (
            "session revoke-all -- --everybody",
            "Session(RevokeAll { name: Some(\"--everybody\"), everybody: false })",
        ),
        ("session revoke -- -x", "Session(Revoke { id: \"-x\" })"),
        ("invitation revoke -- -x", "Invitation(Revoke { id: \"-x\" })"),
        ("config init -- -x", "Config(Init { file: Some(\"-x\") })"),
        (
            "session list --user=--json --",
            "Session(List { user: Some(\"--json\"), json: false })",
        ),
        ("user list --", "User(List { json: false })"),
        ("config check --", "Config(Check)"),
    ];
    for (line, want) in rows {
        check(line, want);
    }
}

#[test]
fn wrong_use_is_one_line_with_status_2() {
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
            "serve --data a --data b",
            "kunci: the argument '--data <DIR>' cannot be used multiple times (see kunci --help)\n",
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
            "kunci: invalid value '401d' for '--valid <TIME>': expected a duration from 1s to 400d (see kunci --help)\n",
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
fn missing_command_prints_the_help() {
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
fn help_and_version_have_status_0() {
    for line in ["--help", "serve --help", "user add --help", "--version", "help"] {
        assert_eq!(stop(line).status, 0, "{line}");
    }
    let version = format!("kunci {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(stop("--version").text, version);
}

#[test]
fn help_explains_statuses_and_signals() {
    for (line, part) in [
        (
            "--help",
            "Exit status: 0 for success, 1 for failure, 2 for wrong use.",
        ),
        (
            "serve --help",
            "SIGHUP reloads the certificate. Without a certificate, it does nothing.",
        ),
    ] {
        assert!(stop(line).text.contains(part), "{}", stop(line).text);
    }
}

#[test]
fn no_command_takes_a_secret_as_an_argument() {
    for command in ["user add ana", "user passwd ana", "serve"] {
        for flag in [
            "--password",
            "--secret-key",
            "--secret-key-fallbacks",
            "--mail-password",
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
fn common_flags_are_accepted_around_the_command() {
    for line in [
        "--store memory: --data d serve --listen localhost:1",
        "serve --listen localhost:1 --store memory: --data d",
    ] {
        let cli = parse(arguments(line)).unwrap();
        let config = Config::load(&cli.flags(), []).unwrap();
        let sources = KEYS.iter().map(|key| (&*key.path, config.source(key)));
        let from_flags: Vec<_> = sources.filter(|(_, source)| source.starts_with("--")).collect();
        let want = [
            ("data", "--data".to_owned()),
            ("server.listen", "--listen".to_owned()),
            ("store.url", "--store".to_owned()),
        ];
        assert_eq!(from_flags, want, "{line}");
    }
}

#[test]
fn config_flag_names_the_file() {
    let cli = parse(arguments("config check --config /nowhere/x.toml")).unwrap();
    let error = Config::load(&cli.flags(), []).err().unwrap();
    let want = "--config: \"/nowhere/x.toml\" cannot be read: ";
    assert!(error.to_string().starts_with(want), "{error}");
}

#[test]
fn every_flag_gives_a_key_that_exists() {
    let line = "serve --data d --store memory: --session-store memory: --public-url https://a.org \
                --log-format json --log-level warn --listen unix:k --transport auto --tls-cert c --tls-key k";
    let flags = parse(arguments(line)).unwrap().flags();
    let serve = Cli::command()
        .find_subcommand("serve")
        .unwrap()
        .get_arguments()
        .count();
    let common = Cli::command().get_arguments().count();
    // All but --config, --help and --version.
    let here = serve + common - 1;
    assert_eq!(flags.given.len(), here, "{flags:?}", flags = flags.given);
    for (flag, path, _) in flags.given {
        assert!(KEYS.iter().any(|key| key.path == path), "{flag}");
    }
}
