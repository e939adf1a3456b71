//! The security log: sign-ins, refusals and operators' acts, with account, client address and request id.

use std::net::SocketAddr;

use kunci_domain::ports::Clock;
use kunci_domain::use_cases::invitations;
use kunci_domain::{Purpose, Role};

use crate::support::{
    ACCEPT_HEADERS, MINUTE, NEW_PASSWORD, PASSWORD, Setup, Site, TestRequest, delete, form, get, json,
    operator, post, sign_in_form, sign_up_form, take_log,
};

const WRONG: &str = "wrong password";

/// Sends a request from an address and returns what it logged, one line per event, without request ids.
fn log_of(site: &Site, request: TestRequest) -> Vec<String> {
    take_log();
    let peer: SocketAddr = "192.0.2.7:4711".parse().unwrap();
    site.send(request.extension(peer));
    let log = take_log();
    let lines = log.lines().filter(|line| !line.is_empty());
    lines.map(without_request_id).collect()
}

fn without_request_id(line: &str) -> String {
    let (start, rest) = line.split_once(" request: id=\"").unwrap();
    let (id, rest) = rest.split_once('"').unwrap();
    assert_eq!(id.len(), 16, "{line}");
    format!("{start}{rest}")
}

/// Returns a line of the security log.
fn line(event: &str, result: &str, rest: &str, route: (&str, &str)) -> String {
    let (method, path) = route;
    format!(
        "INFO event=\"{event}\" result=\"{result}\"{rest} address=192.0.2.7 method=\"{method}\" path=\"{path}\""
    )
}

/// Returns the end of a line about something that the owner did.
fn owner(site: &Site, name: &str) -> String {
    format!(" account={} actor=\"owner\"", site.user(name).unwrap().id)
}

fn account(site: &Site, name: &str) -> String {
    format!(" account={}", site.user(name).unwrap().id)
}

#[test]
fn every_way_to_sign_in_is_logged() {
    for accept in ACCEPT_HEADERS {
        let site = Site::new();
        let log = log_of(&site, sign_up_form("ada", PASSWORD).accept(accept));
        let ada = owner(&site, "ada");
        assert_eq!(log, [line("signed_up", "done", &ada, ("POST", "/register"))]);
        let log = log_of(&site, sign_in_form("ada", PASSWORD).accept(accept));
        assert_eq!(
            log,
            [line("signed_in_on_new_device", "done", &ada, ("POST", "/login"))]
        );
        let body = format!(r#"{{"username":"ada","password":"{PASSWORD}"}}"#);
        let route = ("POST", "/api/v1/session");
        let log = log_of(&site, json(route.0, route.1, &body));
        assert_eq!(log, [line("signed_in_on_new_device", "done", &ada, route)]);
        let link = site.issue_link("ada", Purpose::SignIn);
        let request = form("/link", &[("token", &link.expose())]).accept(accept);
        let log = log_of(&site, request);
        assert_eq!(
            log,
            [line("signed_in_on_new_device", "done", &ada, ("POST", "/link"))]
        );
    }
}

#[test]
fn both_steps_of_a_sign_in_are_logged() {
    for accept in ACCEPT_HEADERS {
        let site = Site::new();
        site.add_user("ada", Role::Member);
        let authenticator = site.add_second_factor("ada");
        let ada = owner(&site, "ada");
        let log = log_of(&site, sign_in_form("ada", PASSWORD).accept(accept));
        assert_eq!(log, [line("first_step_passed", "done", &ada, ("POST", "/login"))]);
        let pending = site.first_step("ada").cookie().unwrap();
        let enter = |code: &str| {
            form("/login/code", &[("code", code)])
                .accept(accept)
                .cookie(&pending)
        };
        let route = ("POST", "/login/code");
        let log = log_of(&site, enter(&authenticator.wrong_code(&site)));
        assert_eq!(
            log,
            [line("wrong_code", "refused", &account(&site, "ada"), route)]
        );
        let log = log_of(&site, enter(&authenticator.code(&site)));
        assert_eq!(log, [line("signed_in_on_new_device", "done", &ada, route)]);
    }
}

#[test]
fn re_authentication_and_sign_out_are_logged() {
    let site = Site::new();
    let cookie = site.sign_up("ada");
    let ada = owner(&site, "ada");
    let route = ("POST", "/account/confirm");
    let prove = |password| form(route.1, &[("password", password)]).cookie(&cookie);
    let log = log_of(&site, prove(WRONG));
    assert_eq!(
        log,
        [line("wrong_password", "refused", &account(&site, "ada"), route)]
    );
    assert_eq!(
        log_of(&site, prove(PASSWORD)),
        [line("reauthenticated", "done", &ada, route)]
    );
    let cookie = site.sign_in("ada");
    let log = log_of(&site, post("/logout").cookie(&cookie));
    assert_eq!(log, [line("signed_out", "done", &ada, ("POST", "/logout"))]);
    assert_eq!(log_of(&site, post("/logout").cookie(&cookie)), [""; 0]);
    let cookie = site.sign_in("ada");
    let log = log_of(&site, post("/logout_all").cookie(&cookie));
    assert_eq!(
        log,
        [line("all_sessions_ended", "done", &ada, ("POST", "/logout_all"))]
    );
    let cookie = site.sign_in("ada");
    let log = log_of(&site, delete("/api/v1/account").cookie(&cookie));
    assert_eq!(
        log,
        [line(
            "account_deleted",
            "done",
            &ada,
            ("DELETE", "/api/v1/account")
        )]
    );
}

#[test]
fn refused_sign_ins_are_logged_without_the_entered_name() {
    for accept in ACCEPT_HEADERS {
        let site = Site::new();
        let cookie = site.sign_up("ada");
        site.sign_up("bob");
        let route = ("POST", "/login");
        for (name, of) in [
            ("ada", "ada"),
            ("BOB", "bob"),
            ("eve", ""),
            (PASSWORD, ""),
            ("", ""),
        ] {
            let of = if of.is_empty() {
                String::new()
            } else {
                account(&site, of)
            };
            let request = sign_in_form(name, WRONG).accept(accept);
            // The account of the browser's session is not the one that the client named.
            let log = log_of(&site, request.cookie(&cookie));
            assert_eq!(
                log,
                [line("wrong_credentials", "refused", &of, route)],
                "{name} as {accept}"
            );
        }
    }
}

#[test]
fn refusals_without_a_rate_limit_are_logged_once_a_minute() {
    let dead = "ab".repeat(32);
    for accept in ACCEPT_HEADERS {
        let site = Site::new();
        let ada = site.sign_up("ada");
        let of_ada = account(&site, "ada");
        for (event, of, route, request) in [
            ("link_dead", "", ("POST", "/link"), &|| {
                form("/link", &[("token", &dead)])
            }),
            ("link_dead", "", ("GET", "/link"), &|| {
                get("/link?token=malformed")
            }),
            ("cross_site", "", ("POST", "/login"), &|| {
                sign_in_form("ada", PASSWORD).header("sec-fetch-site", "cross-site")
            }),
            ("forbidden", &*of_ada, ("GET", "/admin/invitations"), &|| {
                get("/admin/invitations").cookie(&ada)
            }),
        ]
            as [(&str, &str, (&str, &str), &dyn Fn() -> TestRequest); 4]
        {
            let send = || log_of(&site, request().accept(accept));
            assert_eq!(send(), [line(event, "refused", of, route)], "{event} as {accept}");
            assert_eq!((send(), send()), (Vec::new(), Vec::new()), "{event}");
            site.clock.advance(MINUTE);
            let again = format!("{of} unlogged=2");
            assert_eq!(
                send(),
                [line(event, "refused", &again, route)],
                "{event} as {accept}"
            );
            site.clock.advance(MINUTE);
        }
    }
}

#[test]
fn flood_of_throttled_requests_is_one_line_a_minute() {
    let site = Site::new();
    site.add_user("ada", Role::Member);
    let mut log = Vec::new();
    for _ in 0..500 {
        log.extend(log_of(&site, sign_in_form("ada", WRONG)));
    }
    let (refused, throttled) = log.split_at(10);
    let (route, of) = (("POST", "/login"), account(&site, "ada"));
    assert_eq!(
        refused,
        vec![line("wrong_credentials", "refused", &of, route); 10]
    );
    assert_eq!(throttled, [line("throttled", "refused", &of, route)]);
    site.clock.advance(MINUTE);
    let log = log_of(&site, sign_in_form("ada", WRONG));
    assert_eq!(
        log,
        [line("throttled", "refused", &format!("{of} unlogged=489"), route)]
    );
}

#[test]
fn acts_of_administrators_are_logged() {
    let site = Site::new();
    let administrator = site.add_user("root", Role::Administrator);
    let cookie = site.sign_in("root");
    for (interface, path, api) in [
        ("page", "/admin/invitations", false),
        ("api", "/api/v1/invitations", true),
    ] {
        let by = format!(" actor=\"{interface}\" administrator={}", administrator.id);
        let request = if api {
            json("POST", path, "{}")
        } else {
            form(path, &[("uses", "1")])
        };
        let log = log_of(&site, request.cookie(&cookie));
        assert_eq!(log, [line("invitation_created", "done", &by, ("POST", path))]);
        let listed = invitations(&site.core, &operator(), site.clock.now()).unwrap();
        let id = listed[0].key.public_id();
        let log = log_of(
            &site,
            delete(&format!("/api/v1/invitations/{id}")).cookie(&cookie),
        );
        let by = by.replace("page", "api");
        let route = ("DELETE", "/api/v1/invitations/{id}");
        assert_eq!(log, [line("invitation_revoked", "done", &by, route)]);
    }
}

#[test]
fn changes_of_an_account_are_logged() {
    let site = Site::new();
    let cookie = site.sign_up("ada");
    let ada = owner(&site, "ada");
    let fields = [("current_password", PASSWORD), ("new_password", NEW_PASSWORD)];
    let log = log_of(&site, form("/account/password", &fields).cookie(&cookie));
    assert_eq!(
        log,
        [line(
            "password_changed",
            "done",
            &ada,
            ("POST", "/account/password")
        )]
    );
}

#[test]
fn reads_log_nothing() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for path in [
        "/profile",
        "/account/sessions",
        "/api/v1/session",
        "/none?password=x",
    ] {
        assert_eq!(log_of(&site, get(path).cookie(&ada)), [""; 0], "{path}");
    }
}

#[test]
fn log_and_response_have_the_same_request_id() {
    let site = Site::with(Setup {
        proxies: vec!["10.0.0.1"],
        ..Setup::default()
    });
    for (peer, sent, kept) in [
        ("192.0.2.7:1", "", false),
        ("192.0.2.7:1", "abc-1", false),
        ("10.0.0.1:1", "abc-1", true),
        ("10.0.0.1:1", "abc 1", false),
    ] {
        take_log();
        let peer: SocketAddr = peer.parse().unwrap();
        let request = sign_in_form("ada", WRONG).header("x-request-id", sent);
        let answer = site.app.call(request.extension(peer).0);
        let id = answer.headers()["x-request-id"].to_str().unwrap();
        assert_eq!(id == sent, kept, "{peer} sends {sent:?}");
        let log = take_log();
        assert!(log.contains(&format!(" request: id=\"{id}\"")), "{id} in {log}");
    }
}
