//! `/api/v1/session/data`: values that an application stores in the session of a visitor or user.
//!
//! The tests of `kunci-domain` cover concurrent changes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use serde_json::{Value, json};
use support::{JSON, PAGE, Site, TestResponse, delete, get, put, sign_up_form};

const DATA: &str = "/api/v1/session/data";

/// Returns the path of a value.
fn at(key: &str) -> String {
    format!("{DATA}/{key}")
}

#[track_caller]
fn check(answer: &TestResponse, status: u16, want: Value) {
    assert_eq!((answer.status, answer.json()), (status, want));
}

#[track_caller]
fn check_error(case: &str, answer: &TestResponse, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (status, code),
        "{case}: {}",
        answer.body
    );
}

#[test]
fn visitors_and_users_can_put_get_and_delete_values() {
    let site = Site::new();
    let visitor = site.client();
    let user = site.client();
    user.send(sign_up_form("ada", support::PASSWORD));
    for client in [visitor, user] {
        check(&client.send(get(DATA)), 200, json!({"data": {}}));
        check(
            &client.send(put(&at("theme"), "\"dark\"")),
            200,
            json!({"key": "theme", "value": "dark"}),
        );
        check(
            &client.send(put(&at("cart"), r#"[1, {"a": null}]"#)),
            200,
            json!({"key": "cart", "value": [1, {"a": null}]}),
        );
        check(
            &client.send(get(&at("theme"))),
            200,
            json!({"key": "theme", "value": "dark"}),
        );
        let both = json!({"data": {"cart": [1, {"a": null}], "theme": "dark"}});
        check(&client.send(get(DATA)), 200, both);
        check(
            &client.send(put(&at("theme"), "1.5")),
            200,
            json!({"key": "theme", "value": 1.5}),
        );
        check(
            &client.send(delete(&at("theme"))),
            200,
            json!({"key": "theme", "value": 1.5}),
        );
        check(
            &client.send(delete(&at("theme"))),
            200,
            json!({"key": "theme", "value": null}),
        );
        check_error("removed", &client.send(get(&at("theme"))), 404, "no_such_value");
        check(&client.send(delete(DATA)), 200, json!({"data": {}}));
        check(&client.send(get(DATA)), 200, json!({"data": {}}));
    }
}

#[test]
fn every_json_type_can_be_stored() {
    let site = Site::new();
    let client = site.client();
    for value in [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1.25e-7),
        json!(""),
        json!("\u{0}é🔑</script>"),
        json!([]),
        json!({}),
        json!({"a": {"b": [1, 2, {"c": "d"}]}}),
    ] {
        let want = json!({"key": "k", "value": value});
        check(&client.send(put(&at("k"), &value.to_string())), 200, want.clone());
        check(&client.send(get(&at("k"))), 200, want);
    }
}

#[test]
fn integers_of_more_than_64_bits_are_refused() {
    let site = Site::new();
    let client = site.client();
    for value in [
        "18446744073709551616",
        "-9223372036854775809",
        "123456789012345678901234567890",
        r#"["\\", {"a\"": [1, -99999999999999999999]}]"#,
    ] {
        check_error(value, &client.send(put(&at("k"), value)), 422, "number_too_large");
    }
    assert_eq!(client.cookie(), None, "no session started");
    for value in [
        "18446744073709551615",
        "-9223372036854775808",
        "1e30",
        "12345678901234567890.5",
        r#""18446744073709551616""#,
        r#""\\\" 18446744073709551616""#,
        r#"{"18446744073709551616":1}"#,
    ] {
        assert_eq!(client.send(put(&at("k"), value)).status, 200, "{value}");
    }
}

#[test]
fn values_belong_to_one_client_and_survive_sign_up() {
    let site = Site::new();
    let (one, two) = (site.client(), site.client());
    one.send(put(&at("k"), "1"));
    check_error("another client", &two.send(get(&at("k"))), 404, "no_such_value");
    one.send(sign_up_form("ada", support::PASSWORD));
    check(&one.send(get(&at("k"))), 200, json!({"key": "k", "value": 1}));
    one.send(support::post("/logout"));
    check_error(
        "after signing out",
        &one.send(get(&at("k"))),
        404,
        "no_such_value",
    );
}

#[test]
fn clearing_the_data_keeps_the_user_signed_in() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    site.send(put(&at("k"), "1").cookie(&ada));
    site.send(delete(DATA).cookie(&ada));
    assert_eq!(site.profile(&ada), "Welcome, ada\n");
    check(&site.send(get(DATA).cookie(&ada)), 200, json!({"data": {}}));
}

#[test]
fn keys_can_be_any_text_that_a_path_can_encode() {
    let site = Site::new();
    let client = site.client();
    for (path, key) in [
        ("a", "a"),
        ("a%20b", "a b"),
        ("a+b", "a+b"),
        ("a%2Fb", "a/b"),
        ("%2e%2e%2F", "../"),
        ("..", ".."),
        ("%25", "%"),
        ("%C3%B6", "ö"),
        ("%F0%9F%94%91", "🔑"),
        ("a?x=1", "a"),
        ("%3Fx", "?x"),
        ("a;b=c", "a;b=c"),
        ("%22%3Cb%3E", "\"<b>"),
        ("A", "A"),
        ("{key}", "{key}"),
    ] {
        let want = json!({"key": key, "value": path});
        check(
            &client.send(put(&at(path), &json!(path).to_string())),
            200,
            want.clone(),
        );
        check(&client.send(get(&at(path))), 200, want.clone());
        assert_eq!(client.send(get(DATA)).json()["data"][key], path);
        check(&client.send(delete(&at(path))), 200, want);
    }
}

#[test]
fn invalid_keys_are_refused_on_every_method() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let before = site.live_sessions();
    let long = "x".repeat(129);
    for (path, status, code) in [
        (long.as_str(), 400, "bad_key"),
        ("_flash", 400, "bad_key"),
        ("%5Fflash", 400, "bad_key"),
        ("_", 400, "bad_key"),
        ("a%00", 400, "bad_key"),
        ("a%0A", 400, "bad_key"),
        ("%C2%85", 400, "bad_key"),
        ("%", 400, "bad_request"),
        ("%4", 400, "bad_request"),
        ("%zz", 400, "bad_request"),
        ("%ff", 400, "bad_request"),
        ("%C0%80", 400, "bad_request"),
        ("", 404, "not_found"),
        ("a/b", 404, "not_found"),
    ] {
        for request in [get(&at(path)), put(&at(path), "1"), delete(&at(path))] {
            check_error(path, &site.send(request.cookie(&ada)), status, code);
        }
    }
    assert_eq!(site.live_sessions(), before);
    assert_eq!(
        site.send(put(&at(&"x".repeat(128)), "1").cookie(&ada)).status,
        200
    );
}

#[test]
fn oversized_values_are_refused_and_old_values_remain() {
    let site = Site::new();
    let client = site.client();
    let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    // {"k":..} takes six bytes in addition to the value.
    check_error(
        "one byte too many",
        &client.send(put(&at("k"), &text(32 * 1024 - 5))),
        413,
        "session_full",
    );
    assert_eq!(client.cookie(), None, "no session started");
    assert_eq!(client.send(put(&at("k"), &text(32 * 1024 - 6))).status, 200);
    check_error(
        "another key",
        &client.send(put(&at("l"), "1")),
        413,
        "session_full",
    );
    check_error(
        "another value",
        &client.send(put(&at("k"), &text(40_000))),
        413,
        "session_full",
    );
    assert_eq!(
        client.send(get(&at("k"))).json()["value"].as_str().unwrap().len(),
        32 * 1024 - 8
    );
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(client.send(put(&at("k"), &nested(64))).status, 200);
    check_error(
        "too deep",
        &client.send(put(&at("k"), &nested(65))),
        422,
        "too_deep",
    );
    check_error(
        "far too deep",
        &client.send(put(&at("k"), &nested(200))),
        400,
        "bad_json",
    );
    assert_eq!(client.send(get(&at("k"))).json()["value"].to_string(), nested(64));
}

#[test]
fn objects_with_duplicate_keys_are_refused() {
    let site = Site::new();
    for value in [r#"{"a":1,"a":2}"#, r#"[{"b":{"a":1,"\u0061":1}}]"#] {
        check_error(value, &site.send(put(&at("k"), value)), 400, "bad_json");
    }
    assert_eq!(site.live_sessions(), []);
}

#[test]
fn only_a_successful_put_starts_a_visitor_session() {
    let site = Site::new();
    for request in [
        get(DATA),
        get(&at("k")),
        delete(&at("k")),
        delete(DATA),
        put(&at("_k"), "1"),
        put(&at("k"), "{"),
    ] {
        let answer = site.send(request);
        assert_eq!(answer.set_cookie(), None);
    }
    assert_eq!(site.live_sessions(), []);
    assert!(site.send(put(&at("k"), "1")).set_cookie().is_some());
    assert_eq!(site.live_sessions().len(), 1);
}

#[test]
fn flash_messages_are_not_readable_as_data() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let fields = [
        ("current_password", support::PASSWORD),
        ("new_password", support::NEW_PASSWORD),
    ];
    let changed = site.send(
        support::form("/account/password", &fields)
            .accept(PAGE)
            .cookie(&ada),
    );
    let ada = changed.cookie().unwrap();
    check(&site.send(get(DATA).cookie(&ada)), 200, json!({"data": {}}));
    check_error(
        "_flash",
        &site.send(get(&at("_flash")).cookie(&ada)),
        400,
        "bad_key",
    );
}

#[test]
fn responses_are_inert_json_in_a_browser() {
    let site = Site::new();
    let client = site.client();
    client.send(put(&at("k"), "\"<script>1</script>\""));
    let answer = client.send(get(DATA).accept(PAGE).header("sec-fetch-dest", "document"));
    assert_eq!(answer.header("content-type"), JSON);
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-security-policy").ends_with("; sandbox"));
}
