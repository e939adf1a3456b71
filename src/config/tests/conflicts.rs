//! Settings that contradict one another.

use super::{Given, Pairs};

/// Checks the message, or that there is none.
#[track_caller]
fn check(flags: Pairs<'_>, variables: Pairs<'_>, file: &str, want: Option<&str>) {
    let given = Given::nothing().flags(flags).variables(variables).file(file);
    match want {
        None => assert!(given.load().is_ok(), "{}", given.message()),
        Some(want) => assert_eq!(given.message(), want),
    }
}

#[test]
fn tiny_http_has_one_local_listener_and_no_certificate() {
    let tiny = ("server.transport", "tiny_http");
    let rows: [(Pairs<'_>, &str); 3] = [
        (
            &[tiny, ("server.listen", "0.0.0.0:80")],
            "invalid value [\"0.0.0.0:80\"] for server.listen: tiny_http does not limit connections, so other machines must not reach it; expected a loopback address, unix:PATH, or --transport hyper in a build that has it",
        ),
        (
            &[tiny, ("server.listen", "127.0.0.1:1,unix:k")],
            "invalid value [\"127.0.0.1:1\",\"unix:k\"] for server.listen: tiny_http has one listener; expected one listener, or --transport hyper in a build that has it",
        ),
        (
            &[tiny, ("server.tls.cert", "c.pem"), ("server.tls.key", "k.pem")],
            "invalid value \"c.pem\" for server.tls.cert: tiny_http cannot encrypt; expected --transport hyper in a build that has it",
        ),
    ];
    for (flags, want) in rows {
        check(flags, &[], "", Some(&format!("--flag: {want}")));
    }
    let empty =
        "--flag: invalid value [] for server.listen: the list is empty; expected at least one listener";
    check(&[("server.listen", "")], &[], "", Some(empty));
}

#[cfg(feature = "hyper")]
#[test]
fn certificate_and_key_belong_together() {
    let cert = "--flag: invalid value \"c.pem\" for server.tls.cert: server.tls.key is missing";
    check(&[("server.tls.cert", "c.pem")], &[], "", Some(cert));
    let key =
        "KUNCI_SERVER__TLS__KEY: invalid value \"k.pem\" for server.tls.key: server.tls.cert is missing";
    check(&[], &[("KUNCI_SERVER__TLS__KEY", "k.pem")], "", Some(key));
}

#[test]
fn idle_limit_is_at_most_the_absolute_limit() {
    let both: Pairs<'_> = &[
        ("KUNCI_SESSIONS__PERMANENT_IDLE", "8d"),
        ("KUNCI_SESSIONS__PERMANENT_ABSOLUTE", "8d"),
    ];
    check(&[], both, "", None);
    check(
        &[],
        &[("KUNCI_SESSIONS__PERMANENT_IDLE", "31d")],
        "",
        Some(
            "KUNCI_SESSIONS__PERMANENT_IDLE: invalid value \"31d\" for sessions.permanent_idle: expected at most sessions.permanent_absolute = \"30d\"",
        ),
    );
    check(
        &[],
        &[],
        "[sessions]\npermanent_absolute = \"1d\"",
        Some(
            "/w/kunci.toml:2: invalid value \"1d\" for sessions.permanent_absolute: expected at least sessions.permanent_idle = \"7d\"",
        ),
    );
    check(
        &[],
        &[],
        "[sessions]\nvisitor_idle = \"2d\"",
        Some(
            "/w/kunci.toml:2: invalid value \"2d\" for sessions.visitor_idle: expected at most sessions.visitor_absolute = \"1d\"",
        ),
    );
    check(
        &[],
        &[("KUNCI_SESSIONS__BROWSER_IDLE", "3601s")],
        "[sessions]\nbrowser_absolute = \"1h\"",
        Some(
            "KUNCI_SESSIONS__BROWSER_IDLE: invalid value \"3601s\" for sessions.browser_idle: expected at most sessions.browser_absolute = \"1h\"",
        ),
    );
}

#[test]
fn hashing_is_never_cheaper_than_owasp_recommends() {
    let rows = [
        (47104, 1, None),
        (47103, 1, Some(47104)),
        (19456, 1, Some(47104)),
        (19456, 2, None),
        (19455, 2, Some(19456)),
        (12288, 3, None),
        (12287, 3, Some(12288)),
        (9216, 4, None),
        (9215, 4, Some(9216)),
        (7168, 5, None),
        (7168, 4, Some(9216)),
        (7168, 100, None),
        (1_048_576, 1, None),
    ];
    for (memory, passes, least) in rows {
        let file = format!("[hashing]\nmemory_kib = {memory}\niterations = {passes}");
        let want = least.map(|least| {
            format!("/w/kunci.toml:2: invalid value {memory} for hashing.memory_kib: too weak with hashing.iterations = {passes}; expected {least} or more, or more iterations (1 needs 47104, 2 19456, 3 12288, 4 9216, 5 7168)")
        });
        check(&[], &[], &file, want.as_deref());
    }
    let file = "[hashing]\nmemory_kib = 7167\niterations = 100";
    let message = Given::nothing().file(file).message();
    assert!(
        message.contains("expected an integer from 7168 to 1048576"),
        "{message}"
    );
}

#[cfg(feature = "smtp")]
#[test]
fn login_at_the_mail_server_is_complete_or_absent() {
    let server = "[mail]\nsmtp = \"smtps://mail.example.org\"";
    let login: Pairs<'_> = &[("KUNCI_MAIL__USER", "ada"), ("KUNCI_MAIL__PASSWORD", "secret")];
    check(&[], login, server, None);
    check(&[], &[], server, None);
    let user = "KUNCI_MAIL__USER: invalid value \"ada\" for mail.user: ";
    check(&[], login, "", Some(&format!("{user}mail.smtp is missing")));
    check(
        &[],
        &login[..1],
        server,
        Some(&format!("{user}mail.password is missing")),
    );
    let password = "KUNCI_MAIL__PASSWORD: invalid value (hidden) for mail.password: mail.user is missing";
    check(&[], &login[1..], "", Some(password));
}
