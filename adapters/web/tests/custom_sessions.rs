//! Sessions in routes of an application: when changes are committed and when they are discarded.
//!
//! `custom_routes.rs` tests the other features of these routes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use std::thread;

use http::{Method, StatusCode};
use kunci_domain::Permanence;
use kunci_web::{Error, Request, Response, Route, redirect, text};
use support::{ACCEPT_HEADERS, JSON, Site, get, post, sign_up_form};

fn count(request: &mut Request) -> Result<Response, Error> {
    let n = request
        .session()
        .update("items", |n: Option<u64>| n.unwrap_or(0) + 1)?;
    Ok(text(format!("{n} items")))
}

#[test]
fn counter_works_for_visitors_and_users() {
    let site = Site::with_routes(vec![Route::new(Method::POST, "/cart", count)]);
    let client = site.client();
    assert_eq!(client.send(post("/cart")).body, "1 items\n");
    assert_eq!(client.send(post("/cart")).body, "2 items\n");
    client.send(sign_up_form("ada", support::PASSWORD));
    assert_eq!(
        client.send(post("/cart")).body,
        "3 items\n",
        "the counter survives sign-up"
    );
    assert_eq!(
        site.client().send(post("/cart")).body,
        "1 items\n",
        "another client has its own counter"
    );
}

#[test]
fn concurrent_updates_of_one_session_are_all_counted() {
    let site = Site::with_routes(vec![Route::new(Method::POST, "/cart", count)]);
    let cookie = site.send(post("/cart")).cookie().unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    assert_eq!(site.send(post("/cart").cookie(&cookie)).status, 200);
                }
            });
        }
    });
    assert_eq!(site.send(post("/cart").cookie(&cookie)).body, "202 items\n");
}

#[test]
fn failing_handler_changes_nothing() {
    let fail = |request: &mut Request| {
        request.session().insert("k", 1)?;
        request.session().flash("hello");
        Err(Error::refuse(StatusCode::CONFLICT, "no", "No"))
    };
    let site = Site::with_routes(vec![Route::new(Method::POST, "/fail", fail)]);
    assert_eq!(site.send(post("/fail")).set_cookie(), None);
    assert_eq!(site.live_sessions(), []);
    let ada = site.sign_up("ada");
    let before = site.live_sessions();
    assert_eq!(site.send(post("/fail").cookie(&ada)).status, 409);
    assert_eq!(site.live_sessions(), before);
}

#[test]
fn session_ended_during_a_request_is_not_revived() {
    let slow = |request: &mut Request| {
        request.session().insert("late", 1)?;
        Ok(text("done"))
    };
    let site = Site::with_routes(vec![Route::new(Method::POST, "/slow", slow)]);
    for accept in ACCEPT_HEADERS {
        let ada = match site.user("ada") {
            Some(_) => site.sign_in("ada"),
            None => site.sign_up("ada"),
        };
        let (sessions, id) = (
            std::sync::Arc::clone(&site.sessions),
            site.user("ada").unwrap().id,
        );
        site.watch.before("sessions.update", move || {
            kunci_domain::ports::SessionStore::delete_all_of(&*sessions, id).unwrap();
        });
        let answer = site.send(post("/slow").accept(accept).cookie(&ada));
        assert_eq!(answer.status, 401, "as {accept}");
        assert!(answer.body.contains("Your session has ended"), "{}", answer.body);
        assert!(
            !answer.body.contains("ada"),
            "the page still shows a signed-in user"
        );
        assert_eq!(answer.set_cookie(), None);
        assert_eq!(site.live_sessions(), []);
    }
}

#[test]
fn handlers_can_set_permanence_rotate_and_flash() {
    let keep = |request: &mut Request| {
        request.session().set_permanent(Permanence::Permanent);
        request.session().insert("k", 1)?;
        Ok(text("kept"))
    };
    let rotate = |request: &mut Request| {
        request.session().rotate()?;
        request.session().flash("Rotated");
        Ok(redirect("/said"))
    };
    let take = |request: &mut Request| Ok(text(request.session().take_flashes().join(",")));
    let site = Site::with_routes(vec![
        Route::new(Method::POST, "/keep", keep),
        Route::new(Method::POST, "/rotate", rotate),
        Route::new(Method::GET, "/said", take),
    ]);
    let client = site.client();
    assert!(
        client
            .send(post("/keep"))
            .set_cookie()
            .unwrap()
            .ends_with("; Max-Age=604800")
    );
    let old = client.cookie().unwrap();
    let answer = client.send(post("/rotate"));
    assert_eq!((answer.status, answer.header("location")), (303, "/said"));
    assert_ne!(client.cookie().unwrap(), old);
    assert_eq!(
        site.send(get("/said").cookie(&old)).body,
        "\n",
        "the old cookie is invalid"
    );
    assert_eq!(client.send(get("/said")).body, "Rotated\n");
    assert_eq!(client.send(get("/said")).body, "\n");
}

#[test]
fn reading_a_value_as_another_type_returns_422() {
    let read = |request: &mut Request| {
        let n: Option<u32> = request.session().get("k")?;
        Ok(text(format!("{n:?}")))
    };
    let site = Site::with_routes(vec![Route::new(Method::GET, "/read", read)]);
    let client = site.client();
    client.send(support::put("/api/v1/session/data/k", "\"x\""));
    let answer = client.send(get("/read").accept(JSON));
    assert_eq!((answer.status, answer.code().as_str()), (422, "wrong_type"));
}
