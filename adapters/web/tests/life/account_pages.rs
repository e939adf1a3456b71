//! Account pages in their three representations, and the matching API routes.

use kunci_domain::ports::AccountStore;

use crate::support::{
    ACCEPT_HEADERS, Expected, JSON, PAGE, PASSWORD, Site, TEXT, all_routes, check, form, get, json,
    prepare_request,
};

#[test]
fn account_pages_follow_the_accept_header() {
    use Expected::{Json, Line, Page, Redirect};
    let message = |line: &'static str| -> &'static str { format!(r#"{{"message":"{line}"}}"#).leak() };
    let code = "Send code as a form by POST";
    let who = "Send who (a username or an email address) as a form by POST";
    let proof = "Send password and, with a second factor, code as a form by POST";
    let delete = "Send POST to delete the account";
    let factor = r#"{"enabled":false,"since":null,"recovery_codes_left":0,"waiting":false,"required":false}"#;
    for (path, text, json, page) in [
        (
            "/login/code",
            Line(200, code),
            Json(200, message(code)),
            Redirect("/profile"),
        ),
        (
            "/reset",
            Line(200, who),
            Json(200, message(who)),
            Page(200, "Forgot your password?"),
        ),
        (
            "/account/confirm",
            Line(200, proof),
            Json(200, message(proof)),
            Page(200, "Confirm that it is you"),
        ),
        (
            "/account/delete",
            Line(200, delete),
            Json(200, message(delete)),
            Page(200, "Delete your account?"),
        ),
        (
            "/account/email",
            Line(200, "No address"),
            Json(200, r#"{"email":null,"confirmed":false}"#),
            Page(200, "Email"),
        ),
        (
            "/account/second-factor",
            Line(200, "The second factor is off"),
            Json(200, factor),
            Page(200, "Second factor"),
        ),
        (
            "/admin/invitations",
            Line(200, ""),
            Json(200, r#"{"invitations":[]}"#),
            Page(200, "Invitations"),
        ),
    ] {
        for (accept, want) in ACCEPT_HEADERS.into_iter().zip([text, json, page]) {
            let site = Site::new();
            let ada = site.sign_up("ada");
            site.make_administrator("ada");
            let answer = site.send(get(path).accept(accept).cookie(&ada));
            check(&format!("{path} as {accept}"), &answer, want);
        }
    }
    for (path, heading) in [("/account/sessions", "Devices"), ("/account/history", "History")] {
        let site = Site::new();
        let ada = site.sign_up("ada");
        check(
            path,
            &site.send(get(path).accept(PAGE).cookie(&ada)),
            Page(200, heading),
        );
    }
}

#[test]
fn every_signed_in_page_has_a_sign_out_button() {
    for (_, path) in all_routes().into_iter().filter(|(method, _)| *method == "GET") {
        let site = Site::new();
        let answer = site.send(prepare_request(&site, "GET", path).accept(PAGE));
        if answer.status == 200 && answer.header("content-type").starts_with("text/html") {
            assert!(answer.body.contains(r#"action="/logout""#), "{path}");
        }
    }
}

#[test]
fn account_pages_require_sign_in() {
    for path in [
        "/account/email",
        "/account/sessions",
        "/account/confirm",
        "/account/history",
        "/account/delete",
        "/account/second-factor",
        "/admin/invitations",
    ] {
        let site = Site::new();
        for (accept, status) in [(TEXT, 401), (JSON, 401), (PAGE, 303)] {
            let answer = site.send(get(path).accept(accept));
            assert_eq!(answer.status, status, "{path} as {accept}");
            if accept == PAGE {
                assert_eq!(answer.header("location"), format!("/login?next={path}"));
            }
        }
    }
}

#[test]
fn account_deletion_removes_the_user_and_all_sessions() {
    for (accept, want) in [
        (TEXT, Expected::Line(200, "Account deleted")),
        (JSON, Expected::Json(200, r#"{"message":"Account deleted"}"#)),
        (PAGE, Expected::Redirect("/")),
    ] {
        let site = Site::new();
        let (ada, there) = (site.sign_up("ada"), site.sign_in("ada"));
        let id = site.user("ada").unwrap().id;
        let answer = site.send(form("/account/delete", &[]).accept(accept).cookie(&ada));
        check(accept, &answer, want);
        assert!(answer.set_cookie().unwrap().contains("Max-Age=0"));
        assert_eq!(
            (site.accounts.find(id).unwrap(), site.live_sessions()),
            (None, vec![])
        );
        assert_eq!(site.profile(&there), "You are not logged in\n");
        site.sign_up("ada");
    }
}

#[test]
fn api_account_routes_match_the_forms() {
    let site = Site::new();
    let body = format!(r#"{{"username":"ada","password":"{PASSWORD}","email":"ada@example.org"}}"#);
    let created = site.send(json("POST", "/api/v1/users", &body));
    assert_eq!(
        (created.status, created.json()["user"]["email"].as_str()),
        (201, Some("ada@example.org"))
    );
    let ada = created.cookie().unwrap();
    let account = site.send(get("/api/v1/account").cookie(&ada)).json();
    assert_eq!(
        (
            account["email_confirmed"].as_bool(),
            account["second_factor"].as_bool()
        ),
        (Some(false), Some(false))
    );
    let body = format!(r#"{{"current_password":"{PASSWORD}","new_password":"a new secret"}}"#);
    let changed = site.send(json("PUT", "/api/v1/account/password", &body).cookie(&ada));
    assert_eq!(changed.json(), serde_json::json!({"message": "Password changed"}));
    let ada = changed.cookie().unwrap();
    let deleted = site.send(crate::support::delete("/api/v1/account").cookie(&ada));
    assert_eq!(deleted.json(), serde_json::json!({"message": "Account deleted"}));
    assert!(site.user("ada").is_none());
}

#[test]
fn read_requests_change_nothing() {
    for (_, path) in all_routes().into_iter().filter(|(method, _)| *method == "GET") {
        for accept in ACCEPT_HEADERS {
            for method in ["GET", "HEAD", "OPTIONS"] {
                let site = Site::new();
                let request = prepare_request(&site, "GET", path).method(method);
                let before = (site.user("ada"), site.live_sessions());
                site.send(request.accept(accept));
                let case = format!("{method} {path} as {accept}");
                assert_eq!((site.user("ada"), site.live_sessions()), before, "{case}");
                assert!(site.take_notices().is_empty(), "{case}");
            }
        }
    }
}
