//! The life of an account through `/api/v1`.

use serde_json::{Value, json};

use super::{ADDRESS, Authenticator, SECOND_PASSWORD, THIRD_PASSWORD, invitation, outbox};
use crate::support::{Answer, Client, PASSWORD, Server};

pub(super) fn live(server: &Server) {
    let mut laptop = server.program();
    sign_up(server, &mut laptop);
    confirm(server, &mut laptop);
    let mut phone = second_device(server, &mut laptop);
    let (authenticator, recovery) = second_factor(&mut laptop, &mut phone);
    sign_in_with_code(&mut phone, PASSWORD, &authenticator.code(0));
    change_password(&mut laptop, &mut phone);
    sign_in_with_code(&mut phone, SECOND_PASSWORD, &recovery[0]);
    end_device(&mut laptop, &mut phone);
    reset(server, &mut laptop);
    sign_in_with_code(&mut laptop, THIRD_PASSWORD, &recovery[1]);
    history_tells(&mut laptop);
    delete(&mut laptop);
}

#[track_caller]
fn send(client: &mut Client, method: &str, path: &str, body: &Value, status: u16) -> Value {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let answer: Answer = client.json(method, path, &body);
    assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
    answer.json()
}

fn sign_up(server: &Server, laptop: &mut Client) {
    let mut account = json!({"username": "ada", "password": PASSWORD, "email": ADDRESS});
    let refused = send(laptop, "POST", "/api/v1/users", &account, 403);
    assert_eq!(refused["error"]["code"], "not_invited");
    account["invitation"] = invitation(server).into();
    send(laptop, "POST", "/api/v1/users", &account, 201);
    // The invitation was for one account.
    account["username"] = "eve".into();
    send(&mut server.program(), "POST", "/api/v1/users", &account, 410);
    assert_eq!(whose(laptop).as_deref(), Some("ada"));
}

fn confirm(server: &Server, laptop: &mut Client) {
    let account = send(laptop, "GET", "/api/v1/account", &Value::Null, 200);
    assert_eq!(account["email_confirmed"], false, "{account}");
    let link = json!({"token": outbox::latest_token(server, ADDRESS)});
    send(&mut server.program(), "POST", "/api/v1/link", &link, 200);
    send(&mut server.program(), "POST", "/api/v1/link", &link, 410);
    let account = send(laptop, "GET", "/api/v1/account", &Value::Null, 200);
    assert_eq!(account["email_confirmed"], true, "{account}");
}

fn second_device(server: &Server, laptop: &mut Client) -> Client {
    let mut phone = server.program();
    let credentials = json!({"username": "ada", "password": PASSWORD});
    send(&mut phone, "POST", "/api/v1/session", &credentials, 200);
    let sessions = sessions(laptop);
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    let current = sessions.iter().filter(|session| session["current"] == true);
    assert_eq!(current.count(), 1);
    phone
}

fn second_factor(laptop: &mut Client, phone: &mut Client) -> (Authenticator, Vec<String>) {
    let path = "/api/v1/account/second-factor";
    let begun = send(laptop, "POST", path, &Value::Null, 200);
    let authenticator = Authenticator::new(begun["secret"].as_str().unwrap());
    let uri = begun["uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/"), "{uri}");
    send(laptop, "PUT", path, &json!({"code": "000000x"}), 422);
    let mut answers = std::cell::RefCell::new(laptop);
    let done = authenticator.try_earlier(|code| {
        let body = json!({"code": code}).to_string();
        let answer = answers.borrow_mut().json("PUT", path, &body);
        (answer.status == 200).then(|| answer.json())
    });
    let laptop = answers.get_mut();
    let codes: Vec<String> = done["recovery_codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), 10);
    assert_eq!(whose(laptop).as_deref(), Some("ada"));
    assert_eq!(whose(phone), None, "other devices are signed out");
    (authenticator, codes)
}

fn sign_in_with_code(client: &mut Client, password: &str, code: &str) {
    let credentials = json!({"username": "ada", "password": password});
    let half = send(client, "POST", "/api/v1/session", &credentials, 401);
    assert_eq!(half["error"]["code"], "code_needed");
    assert_eq!(whose(client), None, "a half-finished sign-in opens nothing");
    send(
        client,
        "POST",
        "/api/v1/session/code",
        &json!({"code": code}),
        200,
    );
    assert_eq!(whose(client).as_deref(), Some("ada"));
}

fn change_password(laptop: &mut Client, phone: &mut Client) {
    let change = json!({"current_password": PASSWORD, "new_password": SECOND_PASSWORD});
    send(laptop, "PUT", "/api/v1/account/password", &change, 200);
    assert_eq!(whose(laptop).as_deref(), Some("ada"));
    assert_eq!(whose(phone), None);
}

fn end_device(laptop: &mut Client, phone: &mut Client) {
    let other = sessions(laptop)
        .into_iter()
        .find(|session| session["current"] == false)
        .expect("the phone is listed");
    let path = format!("/api/v1/sessions/{}", other["id"].as_str().unwrap());
    send(laptop, "DELETE", &path, &Value::Null, 200);
    send(laptop, "DELETE", &path, &Value::Null, 404);
    assert_eq!(whose(phone), None);
    assert_eq!(sessions(laptop).len(), 1);
}

fn reset(server: &Server, laptop: &mut Client) {
    let mut anybody = server.program();
    send(
        &mut anybody,
        "POST",
        "/api/v1/reset",
        &json!({"who": "nobody-here"}),
        200,
    );
    send(
        &mut anybody,
        "POST",
        "/api/v1/reset",
        &json!({"who": ADDRESS}),
        200,
    );
    let token = outbox::latest_token(server, ADDRESS);
    let common = json!({"token": token, "new_password": "password1"});
    send(&mut anybody, "POST", "/api/v1/link", &common, 422);
    let good = json!({"token": token, "new_password": THIRD_PASSWORD});
    send(&mut anybody, "POST", "/api/v1/link", &good, 200);
    assert_eq!(whose(&mut anybody), None, "a reset signs nobody in");
    assert_eq!(whose(laptop), None, "all sessions have ended");
    send(&mut anybody, "POST", "/api/v1/link", &good, 410);
}

fn history_tells(laptop: &mut Client) {
    let history = send(laptop, "GET", "/api/v1/account/history", &Value::Null, 200);
    let events = history["events"].as_array().unwrap();
    let kinds: Vec<&str> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    for kind in [
        "signed_up",
        "address_confirmed",
        "signed_in_on_new_device",
        "second_factor_enabled",
        "password_changed",
        "recovery_code_used",
        "session_ended",
        "password_reset",
    ] {
        assert!(kinds.contains(&kind), "{kind} is missing in {kinds:?}");
    }
}

fn delete(laptop: &mut Client) {
    send(laptop, "DELETE", "/api/v1/account", &Value::Null, 200);
    assert_eq!(whose(laptop), None);
    let credentials = json!({"username": "ada", "password": THIRD_PASSWORD});
    let gone = send(laptop, "POST", "/api/v1/session", &credentials, 401);
    assert_eq!(gone["error"]["code"], "wrong_credentials");
}

/// Returns the signed-in user.
fn whose(client: &mut Client) -> Option<String> {
    let answer = client.get("/api/v1/session");
    let name = || answer.json()["user"]["name"].as_str().map(str::to_owned);
    (answer.status == 200).then(name).flatten()
}

fn sessions(client: &mut Client) -> Vec<Value> {
    let listed = send(client, "GET", "/api/v1/sessions", &Value::Null, 200);
    listed["sessions"].as_array().unwrap().clone()
}
