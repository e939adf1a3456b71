//! The lifecycle of an account through `/api/v1`.

use serde_json::{Value, json};

use super::{ADDRESS, SECOND_PASSWORD, THIRD_PASSWORD, invitation, outbox};
use crate::support::{Authenticator, Client, PASSWORD, Response, Server};

pub(super) fn run(server: &Server) {
    let mut laptop = server.json_client();
    sign_up(server, &mut laptop);
    confirm(server, &mut laptop);
    let mut phone = second_device(server, &mut laptop);
    let (authenticator, recovery_codes) = second_factor(&mut laptop, &mut phone);
    sign_in_with_code(&mut phone, PASSWORD, &authenticator.code(0));
    change_password(&mut laptop, &mut phone);
    sign_in_with_code(&mut phone, SECOND_PASSWORD, &recovery_codes[0]);
    revoke_other_device(&mut laptop, &mut phone);
    reset(server, &mut laptop);
    sign_in_with_code(&mut laptop, THIRD_PASSWORD, &recovery_codes[1]);
    check_history(&mut laptop);
    delete(&mut laptop);
}

/// Sends a request, checks the status of its response, and returns the response body.
#[track_caller]
fn send(client: &mut Client, method: &str, path: &str, body: &Value, status: u16) -> Value {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let response: Response = client.json(method, path, &body);
    assert_eq!(response.status, status, "{method} {path}: {}", response.body);
    response.json()
}

fn sign_up(server: &Server, laptop: &mut Client) {
    let mut account = json!({"username": "ada", "password": PASSWORD, "email": ADDRESS});
    let refused = send(laptop, "POST", "/api/v1/users", &account, 403);
    assert_eq!(refused["error"]["code"], "not_invited");
    account["invitation"] = invitation(server).into();
    send(laptop, "POST", "/api/v1/users", &account, 201);
    // The invitation is valid for one account.
    account["username"] = "eve".into();
    send(&mut server.json_client(), "POST", "/api/v1/users", &account, 410);
    assert_eq!(signed_in_user(laptop).as_deref(), Some("ada"));
}

fn confirm(server: &Server, laptop: &mut Client) {
    let account = send(laptop, "GET", "/api/v1/account", &Value::Null, 200);
    assert_eq!(account["email_confirmed"], false, "{account}");
    let link = json!({"token": outbox::latest_token(server, ADDRESS)});
    send(&mut server.json_client(), "POST", "/api/v1/link", &link, 200);
    send(&mut server.json_client(), "POST", "/api/v1/link", &link, 410);
    let account = send(laptop, "GET", "/api/v1/account", &Value::Null, 200);
    assert_eq!(account["email_confirmed"], true, "{account}");
}

fn second_device(server: &Server, laptop: &mut Client) -> Client {
    let mut phone = server.json_client();
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
    let setup = send(laptop, "POST", path, &Value::Null, 200);
    let authenticator = Authenticator::new(setup["secret"].as_str().unwrap());
    let uri = setup["uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/"), "{uri}");
    send(laptop, "PUT", path, &json!({"code": "000000x"}), 422);
    let mut laptop = std::cell::RefCell::new(laptop);
    let done = authenticator.try_previous_code(|code| {
        let body = json!({"code": code}).to_string();
        let response = laptop.borrow_mut().json("PUT", path, &body);
        (response.status == 200).then(|| response.json())
    });
    let laptop = laptop.get_mut();
    let codes: Vec<String> = done["recovery_codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), 10);
    assert_eq!(signed_in_user(laptop).as_deref(), Some("ada"));
    assert_eq!(signed_in_user(phone), None, "other devices are signed out");
    (authenticator, codes)
}

fn sign_in_with_code(client: &mut Client, password: &str, code: &str) {
    let credentials = json!({"username": "ada", "password": password});
    let first_step = send(client, "POST", "/api/v1/session", &credentials, 401);
    assert_eq!(first_step["error"]["code"], "code_needed");
    assert_eq!(signed_in_user(client), None, "a password alone does not sign in");
    send(
        client,
        "POST",
        "/api/v1/session/code",
        &json!({"code": code}),
        200,
    );
    assert_eq!(signed_in_user(client).as_deref(), Some("ada"));
}

fn change_password(laptop: &mut Client, phone: &mut Client) {
    let change = json!({"current_password": PASSWORD, "new_password": SECOND_PASSWORD});
    send(laptop, "PUT", "/api/v1/account/password", &change, 200);
    assert_eq!(signed_in_user(laptop).as_deref(), Some("ada"));
    assert_eq!(signed_in_user(phone), None);
}

fn revoke_other_device(laptop: &mut Client, phone: &mut Client) {
    let other = sessions(laptop)
        .into_iter()
        .find(|session| session["current"] == false)
        .expect("the phone is listed");
    let path = format!("/api/v1/sessions/{}", other["id"].as_str().unwrap());
    send(laptop, "DELETE", &path, &Value::Null, 200);
    send(laptop, "DELETE", &path, &Value::Null, 404);
    assert_eq!(signed_in_user(phone), None);
    assert_eq!(sessions(laptop).len(), 1);
}

fn reset(server: &Server, laptop: &mut Client) {
    let mut visitor = server.json_client();
    send(
        &mut visitor,
        "POST",
        "/api/v1/reset",
        &json!({"who": "nobody-here"}),
        200,
    );
    send(
        &mut visitor,
        "POST",
        "/api/v1/reset",
        &json!({"who": ADDRESS}),
        200,
    );
    let token = outbox::latest_token(server, ADDRESS);
    let weak = json!({"token": token, "new_password": "password1"});
    send(&mut visitor, "POST", "/api/v1/link", &weak, 422);
    let good = json!({"token": token, "new_password": THIRD_PASSWORD});
    send(&mut visitor, "POST", "/api/v1/link", &good, 200);
    assert_eq!(signed_in_user(&mut visitor), None, "a reset does not sign in");
    assert_eq!(signed_in_user(laptop), None, "all sessions have ended");
    send(&mut visitor, "POST", "/api/v1/link", &good, 410);
}

fn check_history(laptop: &mut Client) {
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
    assert_eq!(signed_in_user(laptop), None);
    let credentials = json!({"username": "ada", "password": THIRD_PASSWORD});
    let refused = send(laptop, "POST", "/api/v1/session", &credentials, 401);
    assert_eq!(refused["error"]["code"], "wrong_credentials");
}

/// Returns the name of the user, if the client is signed in.
fn signed_in_user(client: &mut Client) -> Option<String> {
    let response = client.get("/api/v1/session");
    let name = || response.json()["user"]["name"].as_str().map(str::to_owned);
    (response.status == 200).then(name).flatten()
}

fn sessions(client: &mut Client) -> Vec<Value> {
    let listed = send(client, "GET", "/api/v1/sessions", &Value::Null, 200);
    listed["sessions"].as_array().unwrap().clone()
}
