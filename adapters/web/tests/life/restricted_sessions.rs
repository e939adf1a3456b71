//! Restricted sessions: a pending sign-in, or a user who must enrol a second factor first.

use kunci_domain::{AccountPolicy, SecondFactorRule};

use crate::support::{
    ACCEPT_HEADERS, JSON, PAGE, PASSWORD, Setup, Site, TEXT, TestResponse, all_routes, form, get, json,
    sign_in_form, valid_request,
};

/// Routes that require no sign-in.
const OPEN_ROUTES: [(&str, &str); 30] = [
    ("GET", "/"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/login/code"),
    ("POST", "/login/code"),
    ("GET", "/register"),
    ("POST", "/register"),
    ("GET", "/reset"),
    ("POST", "/reset"),
    ("GET", "/link"),
    ("POST", "/link"),
    ("GET", "/profile"),
    ("GET", "/logout"),
    ("POST", "/logout"),
    ("GET", "/logout_all"),
    ("POST", "/logout_all"),
    ("POST", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("POST", "/api/v1/session/code"),
    ("GET", "/api/v1/session/data"),
    ("DELETE", "/api/v1/session/data"),
    ("GET", "/api/v1/session/data/k"),
    ("PUT", "/api/v1/session/data/k"),
    ("DELETE", "/api/v1/session/data/k"),
    ("POST", "/api/v1/users"),
    ("POST", "/api/v1/reset"),
    ("POST", "/api/v1/link"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/assets/none"),
];

/// Returns whether a route is open to users who must still enrol a second factor.
fn is_open_for_enrolment(path: &str) -> bool {
    path.starts_with("/account/second-factor")
        || path.starts_with("/api/v1/account/second-factor")
        || path.ends_with("/recovery-codes")
        || matches!(path, "/account/confirm" | "/api/v1/session/proof")
}

fn protected_routes() -> impl Iterator<Item = (&'static str, &'static str)> {
    all_routes()
        .into_iter()
        .filter(|route| !OPEN_ROUTES.contains(route))
}

/// Asserts that a route is refused with a status and code, or redirects a browser to `location`.
#[track_caller]
fn check_refused(
    case: &str,
    path: &str,
    accept: &str,
    answer: &TestResponse,
    want: (u16, &str),
    location: &str,
) {
    if accept == PAGE && !path.starts_with("/api/") {
        assert_eq!(answer.status, 303, "{case}: {}", answer.body);
        assert!(
            answer.header("location").starts_with(location),
            "{case}: {answer:?}"
        );
        return;
    }
    assert_eq!(answer.status, want.0, "{case}: {}", answer.body);
    if accept == JSON || path.starts_with("/api/") {
        assert_eq!(answer.code(), want.1, "{case}");
    }
}

#[test]
fn pending_sign_in_cannot_use_protected_routes() {
    let site = Site::new();
    site.add_user("ada", kunci_domain::Role::Administrator);
    site.add_second_factor("ada");
    let before = site.user("ada");
    for (method, path) in protected_routes() {
        for accept in ACCEPT_HEADERS {
            let pending = site.first_step("ada").cookie().unwrap();
            let answer = site.send(valid_request(method, path).accept(accept).cookie(&pending));
            let case = format!("{method} {path} as {accept}");
            check_refused(&case, path, accept, &answer, (401, "not_signed_in"), "/login");
        }
    }
    assert_eq!(site.user("ada"), before, "no request changes the user");
}

#[test]
fn pending_sign_in_looks_signed_out_on_open_routes() {
    let site = Site::new();
    site.add_user("ada", kunci_domain::Role::Administrator);
    site.add_second_factor("ada");
    let pending = site.first_step("ada").cookie().unwrap();
    for path in ["/", "/profile", "/login", "/register"] {
        for accept in ACCEPT_HEADERS {
            let answer = site.send(get(path).accept(accept).cookie(&pending));
            assert_eq!(
                answer.body,
                site.send(get(path).accept(accept)).body,
                "{path} as {accept}"
            );
        }
    }
    for session in site.live_sessions() {
        assert_eq!(session.authentication(), None);
    }
}

fn site_requiring_second_factor() -> Site {
    Site::with(Setup {
        account_policy: AccountPolicy {
            second_factor: SecondFactorRule::Everybody,
            ..AccountPolicy::default()
        },
        ..Setup::default()
    })
}

#[test]
fn missing_second_factor_blocks_protected_routes() {
    let site = site_requiring_second_factor();
    let ada = site.sign_up("ada");
    site.make_administrator("ada");
    let before = (site.user("ada"), site.live_sessions());
    for (method, path) in protected_routes().filter(|(_, path)| !is_open_for_enrolment(path)) {
        for accept in ACCEPT_HEADERS {
            let answer = site.send(valid_request(method, path).accept(accept).cookie(&ada));
            let case = format!("{method} {path} as {accept}");
            let want = (403, "second_factor_needed");
            check_refused(&case, path, accept, &answer, want, "/account/second-factor");
        }
    }
    assert_eq!((site.user("ada"), site.live_sessions()), before);
    assert_eq!(site.profile(&ada), "You are not logged in\n");
}

#[test]
fn enrolment_unlocks_protected_routes() {
    let site = site_requiring_second_factor();
    let ada = site.sign_up("ada");
    let page = site.send(get("/account/second-factor").accept(PAGE).cookie(&ada));
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains(r#"action="/logout""#),
        "the page has no sign-out button: {}",
        page.body
    );
    let code = site.begin_enrolment(&ada).code(&site);
    let done = site.send(form("/account/second-factor/confirm", &[("code", &code)]).cookie(&ada));
    assert_eq!(done.body.lines().count(), 10, "{}", done.body);
    let ada = done.cookie().unwrap();
    assert_eq!(site.profile(&ada), "Welcome, ada\n");
    let off = site.send(
        valid_request("POST", "/account/second-factor/disable")
            .accept(JSON)
            .cookie(&ada),
    );
    assert_eq!((off.status, off.code().as_str()), (403, "second_factor_required"));
    assert!(site.user("ada").unwrap().second_factor.is_some());
}

#[test]
fn sign_in_without_the_required_factor_leads_to_enrolment() {
    let site = site_requiring_second_factor();
    site.add_user("ada", kunci_domain::Role::Member);
    for (accept, status, place) in [
        (TEXT, 403, ""),
        (JSON, 403, ""),
        (PAGE, 303, "/account/second-factor"),
    ] {
        let answer = site.send(sign_in_form("ada", PASSWORD).accept(accept));
        assert_eq!((answer.status, answer.header("location")), (status, place));
        let begun =
            site.send(json("POST", "/api/v1/account/second-factor", "").cookie(&answer.cookie().unwrap()));
        assert_eq!(begun.status, 200, "the session can enrol");
    }
}

#[test]
fn sign_out_works_without_the_required_factor() {
    for path in ["/logout", "/logout_all"] {
        let site = site_requiring_second_factor();
        let ada = site.sign_up("ada");
        site.clock.advance(crate::support::DAY);
        assert_eq!(
            site.send(crate::support::post(path).cookie(&ada)).status,
            200,
            "{path}"
        );
        assert_eq!(site.live_sessions(), [], "{path}");
    }
}

#[test]
fn administrator_rule_does_not_affect_members() {
    let site = Site::with(Setup {
        account_policy: AccountPolicy {
            second_factor: SecondFactorRule::Administrators,
            ..AccountPolicy::default()
        },
        ..Setup::default()
    });
    let (ada, bob) = (site.sign_up("ada"), site.sign_up("bob"));
    site.make_administrator("ada");
    assert_eq!(site.profile(&bob), "Welcome, bob\n");
    assert_eq!(
        site.profile(&ada),
        "You are not logged in\n",
        "the rule applies to the next request"
    );
}
