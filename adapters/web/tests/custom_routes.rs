//! Routes of an application: required users, request data, errors, headers, and handlers that panic.
//!
//! `custom_sessions.rs` tests their sessions, `routing.rs` how routes are added.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use http::{HeaderValue, Method, StatusCode};
use kunci_domain::Role;
use kunci_web::{Error, Request, Response, Route, redirect, text};
use serde::Deserialize;
use serde_json::json;
use support::{ACCEPT_HEADERS, JSON, PAGE, Site, TEXT, form, get, post, request};

fn greet_user(request: &mut Request) -> Result<Response, Error> {
    Ok(text(format!("hello {}", request.require_user()?.name)))
}

fn greet_administrator(request: &mut Request) -> Result<Response, Error> {
    Ok(text(format!("hail {}", request.require_administrator()?.name)))
}

#[test]
fn user_and_administrator_routes_check_the_role() {
    let routes = vec![
        Route::new(Method::GET, "/user", greet_user),
        Route::new(Method::GET, "/admin", greet_administrator),
    ];
    let site = Site::with_routes(routes);
    site.add_user("root", Role::Administrator);
    let (ada, root) = (site.sign_up("ada"), site.sign_in("root"));
    for (path, cookie, status, line) in [
        ("/user", "", 401, "You are not logged in\n"),
        ("/user", &ada, 200, "hello ada\n"),
        ("/user", &root, 200, "hello root\n"),
        ("/admin", "", 401, "You are not logged in\n"),
        ("/admin", &ada, 403, "This is for administrators only\n"),
        ("/admin", &root, 200, "hail root\n"),
    ] {
        let answer = site.send(get(path).cookie(cookie));
        assert_eq!((answer.status, answer.body.as_str()), (status, line), "{path}");
        let program = site.send(get(path).accept(JSON).cookie(cookie));
        assert_eq!(program.status, status, "{path}");
        let page = site.send(get(path).accept(PAGE).cookie(cookie));
        assert_eq!(page.status, if status == 401 { 303 } else { status }, "{path}");
    }
    let refused = site.send(get("/admin?x=1").accept(PAGE));
    assert_eq!(refused.header("location"), "/login?next=/admin%3Fx%3D1");
    assert_eq!(
        site.send(get("/admin").accept(JSON).cookie(&ada)).code(),
        "forbidden"
    );
}

#[test]
fn signed_out_post_returns_to_the_page_of_its_path() {
    let site = Site::with_routes(vec![
        Route::new(Method::GET, "/order", greet_user),
        Route::new(Method::POST, "/order", greet_user),
        Route::new(Method::POST, "/like", greet_user),
        Route::new(Method::GET, "/orders/{id}", greet_user),
        Route::new(Method::POST, "/orders/{id}", greet_user),
    ]);
    for (path, want) in [
        ("/order", "/login?next=/order"),
        ("/order?x=1", "/login?next=/order"),
        // These have no page, or their path has a parameter.
        ("/like", "/login"),
        ("/orders/7", "/login"),
        ("/account/password", "/login?next=/account/password"),
        ("/account/email/resend", "/login?next=/account/email"),
        ("/account/confirm", "/login?next=/account"),
    ] {
        let answer = site.send(post(path).accept(PAGE));
        assert_eq!((answer.status, answer.header("location")), (303, want), "{path}");
    }
}

#[test]
fn custom_errors_follow_the_accept_header() {
    let fail = |_: &mut Request| Err(Error::refuse(StatusCode::GONE, "sold_out", "No <more> of these"));
    let site = Site::with_routes(vec![Route::new(Method::GET, "/tickets", fail)]);
    let ada = site.sign_up("ada");
    let send = |accept: &str| site.send(get("/tickets").accept(accept).cookie(&ada));
    assert_eq!(
        (send(TEXT).status, send(TEXT).body.as_str()),
        (410, "No <more> of these\n")
    );
    assert_eq!(
        send(JSON).json(),
        json!({"error": {"code": "sold_out", "message": "No <more> of these"}})
    );
    let page = send(PAGE);
    assert_eq!(page.status, 410);
    assert!(page.body.contains("No &lt;more&gt; of these") && page.body.contains("Signed in as <b>ada</b>"));
}

#[test]
fn panicking_handler_returns_500_and_commits_nothing() {
    let panic = |request: &mut Request| {
        request.session().insert("k", 1)?;
        panic!(
            "the secret of {:?}",
            request.user().map(|user| user.name.to_string())
        )
    };
    let site = Site::with_routes(vec![Route::new(Method::POST, "/panic", panic)]);
    let ada = site.sign_up("ada");
    let before = site.live_sessions();
    for accept in ACCEPT_HEADERS {
        let answer = site.send(post("/panic").accept(accept).cookie(&ada));
        assert_eq!(answer.status, 500, "as {accept}");
        assert!(answer.body.contains("Something went wrong") && !answer.body.contains("secret"));
        assert_eq!(answer.set_cookie(), None);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        if accept == JSON {
            assert_eq!(answer.code(), "internal");
        }
        assert_eq!(site.profile(&ada), "Welcome, ada\n");
    }
    assert_eq!(site.live_sessions(), before, "no change is committed");
}

#[derive(Deserialize)]
struct Order {
    item: String,
}

#[test]
fn handler_can_read_the_request() {
    let read_form = |request: &mut Request| {
        let form = request.form()?;
        let keep = form.choice("keep", false)?;
        Ok(text(format!(
            "{} {keep} {}",
            form.require("item")?,
            request.param("shelf")?
        )))
    };
    let read_json = |request: &mut Request| Ok(text(request.json::<Order>()?.item));
    let describe = |request: &mut Request| {
        let agent = request
            .headers()
            .get("user-agent")
            .and_then(|agent| agent.to_str().ok());
        let head = format!(
            "{} {} {:?} {}",
            request.method(),
            request.uri(),
            agent,
            request.body().len()
        );
        Ok(text(format!(
            "{head} {:?} {}",
            request.representation(),
            request.now().unix_millis()
        )))
    };
    let site = Site::with_routes(vec![
        Route::new(Method::POST, "/shelf/{shelf}", read_form),
        Route::new(Method::PUT, "/shelf/{shelf}", read_json),
        Route::new(Method::PATCH, "/look", describe),
    ]);
    let answer = site.send(form(
        "/shelf/to%70%20%C3%B6",
        &[("item", "tea & more"), ("keep", "on")],
    ));
    assert_eq!(answer.body, "tea & more true top ö\n");
    assert_eq!(site.send(form("/shelf/a", &[])).status, 400);
    assert_eq!(
        site.send(support::json("PUT", "/shelf/a", r#"{"item":"tea"}"#))
            .body,
        "tea\n"
    );
    assert_eq!(
        site.send(support::json("PUT", "/shelf/a", r#"{"item":1}"#))
            .status,
        422
    );
    let answer = site.send(
        request("PATCH", "/look?a=b")
            .header("user-agent", "curl/8")
            .body("x/y", "12345"),
    );
    assert_eq!(
        answer.body,
        "PATCH /look?a=b Some(\"curl/8\") 5 Text 1795371300000\n"
    );
}

#[test]
fn cross_site_requests_do_not_reach_custom_routes() {
    let store = |request: &mut Request| {
        request.session().insert("k", 1)?;
        Ok(text("stored"))
    };
    let site = Site::with_routes(vec![Route::new(Method::POST, "/cart", store)]);
    let answer = site.send(post("/cart").header("sec-fetch-site", "cross-site"));
    assert_eq!((answer.status, site.live_sessions().len()), (403, 0));
}

#[test]
fn handler_headers_override_the_defaults() {
    let set_headers = |request: &mut Request| {
        request.session().insert("k", 1)?;
        let mut response = text("dressed");
        for (name, value) in [
            ("set-cookie", "theme=dark"),
            ("set-cookie", "lang=id"),
            ("cache-control", "max-age=60"),
            ("content-security-policy", "default-src 'self'"),
            ("x-mine", "1"),
        ] {
            response
                .headers_mut()
                .append(name, HeaderValue::from_static(value));
        }
        Ok(response)
    };
    let site = Site::with_routes(vec![Route::new(Method::GET, "/dress", set_headers)]);
    let answer = site.send(get("/dress"));
    let cookies: Vec<_> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap())
        .collect();
    assert_eq!(cookies.len(), 3, "{cookies:?}");
    assert_eq!(cookies[..2], ["theme=dark", "lang=id"]);
    assert!(cookies[2].starts_with("kunci="));
    assert_eq!(answer.header("cache-control"), "max-age=60");
    assert_eq!(answer.header("content-security-policy"), "default-src 'self'");
    assert_eq!(answer.header("x-mine"), "1");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[test]
fn invalid_redirect_target_becomes_the_home_page() {
    let redirect_home = |_: &mut Request| Ok(redirect("/a\r\nSet-Cookie: kunci=evil"));
    let site = Site::with_routes(vec![Route::new(Method::GET, "/go", redirect_home)]);
    let answer = site.send(get("/go"));
    assert_eq!(
        (answer.status, answer.header("location"), answer.set_cookie()),
        (303, "/", None)
    );
}

#[test]
fn unserializable_json_returns_500() {
    let serialize = |_: &mut Request| Ok(kunci_web::json(&std::collections::HashMap::from([(vec![1], 1)])));
    let site = Site::with_routes(vec![Route::new(Method::GET, "/list", serialize)]);
    let answer = site.send(get("/list"));
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (500, "Something went wrong\n")
    );
}

#[test]
fn custom_head_route_is_refused() {
    let route = Route::new(Method::HEAD, "/mine", |_| Ok(text("")));
    let setup = support::Setup::default();
    let core = std::sync::Arc::clone(&Site::new().core);
    let clock = std::sync::Arc::new(kunci_testkit::fakes::FakeClock::new(kunci_domain::Timestamp::MAX));
    let refused = kunci_web::App::new(core, clock, support::settings(&setup), vec![route]);
    assert!(refused.unwrap_err().to_string().contains("/mine"));
}

#[test]
fn head_request_keeps_flash_messages() {
    let route = Route::new(Method::POST, "/note", |request| {
        request.session().flash("a message that waits");
        Ok(text("noted"))
    });
    let site = Site::with_routes(vec![route]);
    let cookie = site.sign_up("ada");
    site.send(post("/note").cookie(&cookie));
    site.send(request("HEAD", "/profile").accept(PAGE).cookie(&cookie));
    let page = site.send(get("/profile").accept(PAGE).cookie(&cookie)).body;
    assert!(page.contains("a message that waits"), "{page}");
}
