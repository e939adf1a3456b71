//! Messages, word by word: each is one line that says where, what, and what is accepted.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::{Given, Pairs};
use crate::store_url::StoreUrl;

#[test]
fn refused_value_has_source_and_accepted_values() {
    type Row<'a> = (Pairs<'a>, Pairs<'a>, &'a str, &'a str);
    let rows: [Row<'_>; 9] = [
        (
            &[("server.listen", "foo")],
            &[],
            "",
            "--flag: invalid value \"foo\" for server.listen: expected ADDRESS:PORT, localhost:PORT or unix:PATH",
        ),
        (
            &[],
            &[("KUNCI_SERVER__WORKERS", "abc")],
            "",
            "KUNCI_SERVER__WORKERS: invalid value \"abc\" for server.workers: expected an integer from 1 to 256",
        ),
        (
            &[],
            &[],
            "data = \"d\"\n\n[sessions]\nbrowser_idle = \"soon\"\n",
            "/w/kunci.toml:4: invalid value \"soon\" for sessions.browser_idle: it is not a duration; expected a duration from 1s to 400d, such as 90s or 1h",
        ),
        (
            &[],
            &[],
            "[store]\nsessions = \"redis://localhost\"",
            "/w/kunci.toml:2: invalid value \"redis://localhost\" for store.sessions: this build has no redis store; expected {stores}",
        ),
        (
            &[],
            &[("KUNCI_SERVER__WORKERS", "4")],
            "[server]\nworkers = 0",
            "/w/kunci.toml:2: invalid value 0 for server.workers: expected an integer from 1 to 256",
        ),
        (
            &[("log.level", "\u{1b}[2J\nok \u{202e}")],
            &[],
            "",
            "--flag: invalid value \"\\u{1b}[2J\\nok \\u{202e}\" for log.level: it contains a control character; expected error, warn, info or debug",
        ),
        (
            &[("server.transport", "nginx")],
            &[],
            "",
            if cfg!(feature = "hyper") {
                "--flag: invalid value \"nginx\" for server.transport: expected auto, tiny_http or hyper"
            } else {
                "--flag: invalid value \"nginx\" for server.transport: expected auto or tiny_http"
            },
        ),
        (
            &[],
            &[],
            "[accounts]\nproof_lifetime = \"2d\"",
            "/w/kunci.toml:2: invalid value \"2d\" for accounts.proof_lifetime: expected a duration from 1m to 1d, such as 90s or 1h",
        ),
        (
            &[],
            &[("KUNCI_MAIL__FROM", "The Library")],
            "",
            "KUNCI_MAIL__FROM: invalid value \"The Library\" for mail.from: expected an address such as no-reply@example.org or Some Name <no-reply@example.org>",
        ),
    ];
    for (flags, variables, file, want) in rows {
        let given = Given::nothing().flags(flags).variables(variables).file(file);
        let want = want.replace("{stores}", &StoreUrl::forms());
        assert_eq!(given.message(), want);
    }
}

#[test]
fn long_value_is_cut() {
    let long = "x".repeat(1000);
    let message = Given::nothing().flags(&[("log.level", &long)]).message();
    let want = format!(
        "--flag: invalid value \"{}... (1002 bytes) for log.level: expected",
        "x".repeat(79)
    );
    assert!(message.starts_with(&want), "{message}");
}

#[test]
fn wrong_type_in_the_file_is_refused() {
    let integer = "expected an integer from 1 to 256";
    let path = "expected a path";
    let hosts = "expected exact host names with an optional :PORT";
    let rows = [
        ("server", "workers = \"x\"", "\"x\"", integer),
        ("server", "workers = \"4\"", "\"4\"", integer),
        ("server", "workers = 1.5", "1.5", integer),
        ("server", "workers = -1", "-1", integer),
        ("server", "workers = true", "true", integer),
        ("server", "workers = 0x1_000", "0x1_000", integer),
        ("server", "workers = {a = 1}", "(a table)", integer),
        ("server.tls", "cert = 8080", "8080", path),
        ("server.tls", "cert = [\n1]", "[\\n1]", path),
        ("server.tls", "cert = 1979-05-27", "1979-05-27", path),
        ("server", "redirect_hosts = 1", "1", hosts),
        (
            "server",
            "redirect_hosts = [1]",
            "[1]",
            "an item is not a string; expected exact host names with an optional :PORT",
        ),
        (
            "server",
            "redirect_hosts = [\"\"]",
            "[\"\"]",
            "it is empty; expected exact host names with an optional :PORT",
        ),
    ];
    for (section, line, shown, text) in rows {
        let key = line.split(' ').next().unwrap();
        let want = format!("/w/kunci.toml:2: invalid value {shown} for {section}.{key}: {text}");
        let message = Given::nothing().file(&format!("[{section}]\n{line}")).message();
        assert_eq!(message, want);
    }
}

#[test]
fn unknown_key_has_a_hint_only_if_one_is_near() {
    const LIST: &str = "; kunci config init lists all keys";
    let rows = [
        (
            "[server]\nworkers = 2\nworker = 3",
            3,
            "server.worker",
            "; did you mean server.workers?",
        ),
        (
            "listen = \"127.0.0.1:1\"",
            1,
            "listen",
            "; did you mean server.listen?",
        ),
        (
            "listne = \"127.0.0.1:1\"",
            1,
            "listne",
            "; did you mean server.listen?",
        ),
        (
            "log_level = \"info\"",
            1,
            "log_level",
            "; did you mean log.level?",
        ),
        (
            "tls_cert = \"c.pem\"",
            1,
            "tls_cert",
            "; did you mean server.tls.cert?",
        ),
        (
            "secretkey = \"hunter2\"",
            1,
            "secretkey",
            "; did you mean secret_key?",
        ),
        (
            "[sessions]\nbrowser-idle = \"1h\"",
            2,
            "sessions.browser-idle",
            "; did you mean sessions.browser_idle?",
        ),
        ("[server]\nserver = 1", 2, "server.server", LIST),
        ("telnet_pw = \"x\"", 1, "telnet_pw", LIST),
        ("[branding]\nname = \"x\"", 1, "branding", LIST),
        ("[server.tls]\n\"a\\nb\" = 1", 2, "server.tls.a\\nb", LIST),
        (
            "store = \"memory:\"",
            1,
            "store",
            "; [store] is a section with store.connect_timeout, store.pool_size, store.query_timeout, store.sessions, store.sessions_file, store.sqlite_mmap_mib, store.sqlite_reserve_mib, store.url, store.url_file",
        ),
    ];
    for (file, line, key, hint) in rows {
        let want = format!("/w/kunci.toml:{line}: unknown key {key}{hint}");
        assert_eq!(Given::nothing().file(file).message(), want);
    }
}

#[test]
fn unknown_variable_has_the_name_of_the_nearest() {
    let rows = [
        ("KUNCI_LISTEN", "listen; did you mean KUNCI_SERVER__LISTEN?"),
        (
            "KUNCI_SERVER_LISTEN",
            "server_listen; did you mean KUNCI_SERVER__LISTEN?",
        ),
        ("KUNCI_LOG_FROMAT", "log_fromat; did you mean KUNCI_LOG__FORMAT?"),
        ("KUNCI_TELNET_PW", "telnet_pw; kunci config init lists all keys"),
    ];
    for (name, want) in rows {
        let message = Given::nothing().variables(&[(name, "x")]).message();
        assert_eq!(message, format!("{name}: unknown key {want}"));
    }
}

#[test]
fn unusable_file_is_reported_with_its_line() {
    let rows: [(&[u8], &str); 5] = [
        (
            b"data = \"a\"\n\ndata = \"b\"\n",
            "/w/kunci.toml:3: invalid TOML: duplicate key",
        ),
        (
            b"data = \"a\"\npublic_url = 127.0.0.1:80\n",
            "/w/kunci.toml:2: invalid TOML: ",
        ),
        (b"\ndata =\n", "/w/kunci.toml:2: invalid TOML: "),
        (b"data = \"x", "/w/kunci.toml:1: invalid TOML: "),
        (b"# a\n# b\ndata = \"\xff\"\n", "/w/kunci.toml:3: not UTF-8"),
    ];
    for (bytes, want) in rows {
        let message = Given::nothing().file_named("kunci.toml", bytes).message();
        assert!(message.starts_with(want), "{message}");
    }
}

#[test]
fn unreadable_file_is_reported_with_what_names_it() {
    let mut given = Given::nothing();
    given.flags.config = Some(given.folder.path().join("x.toml"));
    let want = "--config: \"/w/x.toml\" cannot be read: No such file or directory (os error 2)";
    assert_eq!(given.message(), want);
    let rows = [
        (
            "/proc",
            "KUNCI_CONFIG: \"/proc\" cannot be read: Is a directory (os error 21)",
        ),
        (
            "/dev/zero",
            "KUNCI_CONFIG: \"/dev/zero\" cannot be read: it is larger than 1 MiB",
        ),
    ];
    given.flags.config = None;
    for (path, want) in rows {
        given.env = vec![("KUNCI_CONFIG".into(), path.into())];
        assert_eq!(given.message(), want);
    }
}

#[test]
fn value_that_is_not_utf8_is_refused() {
    let mut given = Given::nothing();
    let value = OsString::from_vec(b"/srv/\xff".to_vec());
    given.env.push(("KUNCI_DATA".into(), value));
    let want = "KUNCI_DATA: invalid value \"/srv/\u{fffd}\" for data: it is not UTF-8; expected a path";
    assert_eq!(given.message(), want);
}
