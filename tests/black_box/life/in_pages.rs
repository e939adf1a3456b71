//! The life of an account through pages and forms.

use super::{ADDRESS, Authenticator, SECOND_PASSWORD, THIRD_PASSWORD, invitation, outbox};
use crate::support::{Answer, Client, PASSWORD, Server};

pub(super) fn live(server: &Server) {
    let mut laptop = server.browser();
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
fn leads(answer: &Answer, to: &str) {
    let location = answer.header("location");
    assert_eq!((answer.status, location), (303, Some(to)), "{}", answer.body);
}

#[track_caller]
fn shows(client: &mut Client, path: &str, words: &str) -> String {
    let page = client.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    assert!(page.body.contains(words), "{path} lacks {words:?}: {}", page.body);
    page.body
}

fn sign_up(server: &Server, laptop: &mut Client) {
    let account = [("username", "ada"), ("password", PASSWORD), ("email", ADDRESS)];
    assert_eq!(laptop.post("/register", &account).status, 403);
    let token = invitation(server);
    let entry = laptop.get(&format!("/link?token={token}"));
    leads(&entry, "/link");
    assert!(!entry.body.contains(&token), "the token has left the address bar");
    leads(&laptop.get("/link"), "/register");
    shows(laptop, "/register", "username");
    leads(&laptop.post("/register", &account), "/profile");
    shows(laptop, "/profile", "Welcome, ada");
}

fn confirm(server: &Server, laptop: &mut Client) {
    let token = outbox::latest_token(server, ADDRESS);
    leads(&laptop.get(&format!("/link?token={token}")), "/link");
    shows(laptop, "/link", r#"action="/link""#);
    leads(&laptop.post("/link", &[]), "/account");
    shows(laptop, "/account/email", ADDRESS);
    let again = laptop.post("/link", &[("token", &token)]);
    assert_eq!(again.status, 410);
}

fn second_device(server: &Server, laptop: &mut Client) -> Client {
    let mut phone = server.browser();
    let credentials = [("username", "ada"), ("password", PASSWORD)];
    leads(&phone.post("/login", &credentials), "/profile");
    let page = shows(laptop, "/account/sessions", "/account/sessions/end");
    assert_eq!(
        session_ids(&page).len(),
        1,
        "this device is signed out instead: {page}"
    );
    phone
}

fn second_factor(laptop: &mut Client, phone: &mut Client) -> (Authenticator, Vec<String>) {
    shows(laptop, "/account/second-factor", "/account/second-factor/begin");
    leads(
        &laptop.post("/account/second-factor/begin", &[]),
        "/account/second-factor",
    );
    let page = shows(laptop, "/account/second-factor", "/account/second-factor/qr.svg");
    let qr = laptop.get("/account/second-factor/qr.svg");
    assert_eq!(qr.header("content-type"), Some("image/svg+xml"));
    let (_, rest) = page
        .split_once("secret=")
        .expect("the page has the otpauth address");
    let secret: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    let authenticator = Authenticator::new(&secret);
    let asking = std::cell::RefCell::new(laptop);
    let page = authenticator.try_earlier(|code| {
        let answer = asking
            .borrow_mut()
            .post("/account/second-factor/confirm", &[("code", code)]);
        (answer.status == 200).then_some(answer.body)
    });
    let codes = recovery_codes(&page);
    assert_eq!(codes.len(), 10, "{page}");
    let laptop = asking.into_inner();
    shows(laptop, "/profile", "Welcome, ada");
    leads(&phone.get("/profile"), "/login?next=/profile");
    (authenticator, codes)
}

fn sign_in_with_code(client: &mut Client, password: &str, code: &str) {
    let credentials = [("username", "ada"), ("password", password)];
    let half = client.post("/login", &credentials);
    assert_eq!(half.status, 303, "{}", half.body);
    let place = half.header("location").unwrap();
    assert!(place.starts_with("/login/code"), "{place}");
    leads(&client.get("/profile"), "/login?next=/profile");
    shows(client, "/login/code", r#"name="code""#);
    assert_eq!(client.post("/login/code", &[("code", "000000")]).status, 401);
    leads(&client.post("/login/code", &[("code", code)]), "/profile");
    shows(client, "/profile", "Welcome, ada");
}

fn change_password(laptop: &mut Client, phone: &mut Client) {
    let change = [
        ("current_password", PASSWORD),
        ("new_password", SECOND_PASSWORD),
        ("repeat_password", SECOND_PASSWORD),
    ];
    leads(&laptop.post("/account/password", &change), "/account");
    shows(laptop, "/account", "Your password has been changed");
    leads(&phone.get("/profile"), "/login?next=/profile");
}

fn end_device(laptop: &mut Client, phone: &mut Client) {
    let page = shows(laptop, "/account/sessions", "/account/sessions/end");
    let ids = session_ids(&page);
    assert_eq!(ids.len(), 1, "{page}");
    leads(
        &laptop.post("/account/sessions/end", &[("id", &ids[0])]),
        "/account/sessions",
    );
    leads(&phone.get("/profile"), "/login?next=/profile");
    shows(laptop, "/profile", "Welcome, ada");
}

fn reset(server: &Server, laptop: &mut Client) {
    let mut anybody = server.browser();
    let unknown = anybody.post("/reset", &[("who", "nobody-here")]);
    let known = anybody.post("/reset", &[("who", "ada")]);
    assert_eq!((unknown.status, unknown.body), (known.status, known.body));
    let token = outbox::latest_token(server, ADDRESS);
    leads(&anybody.get(&format!("/link?token={token}")), "/link");
    shows(&mut anybody, "/link", r#"name="new_password""#);
    let common = [("new_password", "password1"), ("repeat_password", "password1")];
    assert_eq!(anybody.post("/link", &common).status, 422);
    let good = [
        ("new_password", THIRD_PASSWORD),
        ("repeat_password", THIRD_PASSWORD),
    ];
    let done = anybody.post("/link", &good);
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(done.header("location").unwrap().starts_with("/login"), "{done:?}");
    leads(&anybody.get("/profile"), "/login?next=/profile");
    leads(&laptop.get("/profile"), "/login?next=/profile");
}

fn history_tells(laptop: &mut Client) {
    let page = laptop.get("/account/history");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("password"), "{}", page.body);
}

fn delete(laptop: &mut Client) {
    shows(laptop, "/account/delete", r#"action="/account/delete""#);
    leads(&laptop.post("/account/delete", &[]), "/");
    leads(&laptop.get("/profile"), "/login?next=/profile");
    let credentials = [("username", "ada"), ("password", THIRD_PASSWORD)];
    assert_eq!(laptop.post("/login", &credentials).status, 401);
}

/// Returns the ids in the forms that end a session.
fn session_ids(page: &str) -> Vec<String> {
    page.split(r#"name="id" value=""#)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// Returns all texts on a page that have the form of a recovery code.
fn recovery_codes(page: &str) -> Vec<String> {
    page.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|word| word.len() == 30 && word.matches('-').count() == 4)
        .map(str::to_owned)
        .collect()
}
