//! `/account/sessions`: listing and ending the sessions of a user.

use std::net::SocketAddr;

use crate::support::{
    ACCEPT_HEADERS, JSON, MINUTE, PAGE, PASSWORD, Site, TEXT, delete, form, get, post, request, sign_in_form,
};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Returns a site where `ada` has two sessions, and their cookies.
fn site() -> (Site, String, String) {
    let site = Site::new();
    let here = site.sign_up("ada");
    site.clock.advance(MINUTE);
    let peer: SocketAddr = "192.0.2.7:4711".parse().unwrap();
    let request = sign_in_form("ada", PASSWORD)
        .header("user-agent", FIREFOX)
        .extension(peer);
    let there = site.send(request).cookie().unwrap();
    site.clock.advance(MINUTE);
    (site, here, there)
}

/// Returns the ids of the user's sessions, and the id of the current session.
fn session_ids(site: &Site, cookie: &str) -> (Vec<String>, String) {
    let listed = site.send(get("/api/v1/sessions").cookie(cookie)).json();
    let sessions = listed["sessions"].as_array().unwrap().clone();
    let id = |session: &serde_json::Value| session["id"].as_str().unwrap().to_owned();
    let current = sessions.iter().find(|session| session["current"] == true).map(id);
    (sessions.iter().map(id).collect(), current.unwrap())
}

#[test]
fn session_list_shows_devices_and_no_secrets() {
    let (site, here, there) = site();
    let listed = site.send(get("/api/v1/sessions").cookie(&there)).json();
    let current = &listed["sessions"][0];
    assert_eq!(current["device"], "Firefox on Linux");
    assert_eq!(current["address"], "192.0.2.7");
    assert_eq!(current["started_at"], "2026-11-22T18:16:00Z");
    assert_eq!(current["current"], true);
    let keys: Vec<_> = current.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        keys,
        ["address", "current", "device", "id", "last_seen_at", "started_at"]
    );
    assert_eq!(listed["sessions"][1]["current"], false);
    for accept in ACCEPT_HEADERS {
        let answer = site.send(get("/account/sessions").accept(accept).cookie(&here));
        assert!(answer.body.contains("Firefox on Linux") && answer.body.contains("192.0.2.7"));
        for session in site.live_sessions() {
            let key: String = session
                .key
                .as_bytes()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert!(!answer.body.contains(&key), "{accept}");
        }
        for cookie in [&here, &there] {
            assert!(!answer.body.contains(&cookie[6..49]), "{accept}");
        }
    }
    let text = site.send(get("/account/sessions").cookie(&here)).body;
    assert_eq!(
        (text.lines().count(), text.matches(", this session").count()),
        (2, 1),
        "{text}"
    );
}

#[test]
fn one_session_can_be_ended_by_id() {
    for accept in ACCEPT_HEADERS {
        let (site, here, there) = site();
        let (_, id) = session_ids(&site, &there);
        let request = form("/account/sessions/end", &[("id", &id)]).accept(accept);
        let answer = site.send(request.cookie(&here));
        match accept {
            TEXT => assert_eq!(answer.body, "Session ended\n"),
            JSON => assert_eq!(answer.json()["message"], "Session ended"),
            _ => assert_eq!(answer.header("location"), "/account/sessions"),
        }
        assert_eq!(site.profile(&there), "You are not logged in\n");
        assert_eq!(site.profile(&here), "Welcome, ada\n");
    }
}

#[test]
fn current_session_can_be_ended_by_id() {
    for accept in ACCEPT_HEADERS {
        let (site, here, _) = site();
        let (_, id) = session_ids(&site, &here);
        let request = form("/account/sessions/end", &[("id", &id)]).accept(accept);
        let answer = site.send(request.cookie(&here));
        assert!(answer.set_cookie().unwrap().contains("Max-Age=0"));
        assert!(accept != PAGE || answer.header("location") == "/login");
        assert_eq!(site.profile(&here), "You are not logged in\n");
    }
}

#[test]
fn unknown_and_foreign_session_ids_return_404() {
    let (site, here, _) = site();
    let bob = site.sign_up("bob");
    let (_, bobs_id) = session_ids(&site, &bob);
    let before = site.live_sessions().len();
    let upper = bobs_id.to_uppercase();
    for id in ["", "0", "none", "000000000000", "%2e%2e", &bobs_id, &upper] {
        for accept in ACCEPT_HEADERS {
            let request = form("/account/sessions/end", &[("id", id)]).accept(accept);
            let answer = site.send(request.cookie(&here));
            assert_eq!(answer.status, 404, "{id} as {accept}");
            assert!(accept != JSON || answer.code() == "no_such_session");
        }
        if !id.is_empty() {
            let answer = site.send(delete(&format!("/api/v1/sessions/{id}")).cookie(&here));
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (404, "no_such_session"),
                "{id}"
            );
        }
    }
    assert_eq!(site.live_sessions().len(), before);
    assert_eq!(site.profile(&bob), "Welcome, bob\n");
}

#[test]
fn ending_other_sessions_rotates_the_current_one() {
    for (method, path) in [
        ("POST", "/account/sessions/end_others"),
        ("DELETE", "/api/v1/sessions"),
    ] {
        for accept in ACCEPT_HEADERS {
            let (site, here, there) = site();
            let bob = site.sign_up("bob");
            let answer = site.send(request(method, path).accept(accept).cookie(&here));
            if accept == TEXT && method == "POST" {
                assert_eq!(answer.body, "Other sessions ended\n");
            }
            let new = answer.cookie().expect("a new cookie");
            assert_eq!(site.profile(&new), "Welcome, ada\n");
            assert_eq!(site.profile(&here), "You are not logged in\n");
            assert_eq!(site.profile(&there), "You are not logged in\n");
            assert_eq!(site.profile(&bob), "Welcome, bob\n");
        }
    }
}

#[test]
fn ending_sessions_does_not_renew_the_proof() {
    let (site, here, _) = site();
    site.clock.advance(MINUTE * 10);
    let new = site
        .send(post("/account/sessions/end_others").cookie(&here))
        .cookie()
        .unwrap();
    let request = form("/account/email", &[("email", "new@example.org")]);
    assert_eq!(site.send(request.cookie(&new)).status, 403);
}

#[test]
fn further_sessions_are_on_further_pages() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    assert_eq!(
        site.send(get("/api/v1/sessions").cookie(&ada)).json()["next"],
        serde_json::Value::Null
    );
    for _ in 0..1_000 {
        site.sign_in("ada");
    }
    let first = site.send(get("/api/v1/sessions").cookie(&ada)).json();
    assert_eq!(first["sessions"].as_array().unwrap().len(), 1_000);
    let next = first["next"].as_str().unwrap();
    assert_eq!(next.split_once("?from=").unwrap().0, "/api/v1/sessions");
    let last = site.send(get(next).cookie(&ada)).json();
    assert_eq!(last["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(last["next"], serde_json::Value::Null);
    let page = next.replace("/api/v1/", "/account/");
    let html = site.send(get("/account/sessions").accept(PAGE).cookie(&ada)).body;
    assert!(
        html.contains(&format!(r#"href="{page}">More</a>"#)),
        "the page links to the next one"
    );
    let text = site.send(get("/account/sessions").cookie(&ada)).body;
    assert_eq!(text.lines().last(), Some(&*format!("more at {page}")));
    for accept in ACCEPT_HEADERS {
        let rest = site.send(get(&page).accept(accept).cookie(&ada)).body;
        assert!(
            rest.contains(last["sessions"][0]["id"].as_str().unwrap())
                || last["sessions"][0]["current"] == true
        );
        assert!(!rest.contains("?from="), "{rest}");
    }
    let id = last["sessions"][0]["id"].as_str().unwrap();
    let answer = site.send(delete(&format!("/api/v1/sessions/{id}")).cookie(&ada));
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[test]
fn malformed_page_ids_are_refused() {
    let (site, here, _) = site();
    for id in ["", "0", "none", "ABCDEFABCDEF", "0123456789abc", "%00"] {
        for accept in ACCEPT_HEADERS {
            let request = get(&format!("/account/sessions?from={id}")).accept(accept);
            let answer = site.send(request.cookie(&here));
            assert_eq!(answer.status, 400, "{id} as {accept}");
            assert!(answer.body.contains("the field from has an invalid value"));
        }
    }
}
