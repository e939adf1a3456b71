//! The lifecycle of an account through pages and forms.

use super::{ADDRESS, SECOND_PASSWORD, THIRD_PASSWORD, invitation, outbox};
use crate::support::{Authenticator, Client, PASSWORD, Response, Server};

pub(super) fn run(server: &Server) {
    let mut laptop = server.browser_client();
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

/// Checks that the response redirects to this path.
#[track_caller]
fn expect_redirect(response: &Response, to: &str) {
    let location = response.header("location");
    assert_eq!((response.status, location), (303, Some(to)), "{}", response.body);
}

/// Requests a page, checks that it contains the text, and returns it.
#[track_caller]
fn expect_page(client: &mut Client, path: &str, text: &str) -> String {
    let page = client.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    assert!(page.body.contains(text), "{path} lacks {text:?}: {}", page.body);
    page.body
}

fn sign_up(server: &Server, laptop: &mut Client) {
    let account = [("username", "ada"), ("password", PASSWORD), ("email", ADDRESS)];
    assert_eq!(laptop.post("/register", &account).status, 403);
    let token = invitation(server);
    let account = [&account[..], &[("invitation", token.as_str())]].concat();
    let entry = laptop.get(&format!("/link?token={token}"));
    expect_redirect(&entry, "/link");
    assert!(
        !entry.body.contains(&token),
        "the redirect must not contain the token"
    );
    expect_redirect(&laptop.get("/link"), "/register");
    expect_page(laptop, "/register", &token);
    expect_redirect(&laptop.post("/register", &account), "/profile");
    expect_page(laptop, "/profile", "Welcome, ada");
}

fn confirm(server: &Server, laptop: &mut Client) {
    let token = outbox::latest_token(server, ADDRESS);
    expect_redirect(&laptop.get(&format!("/link?token={token}")), "/link");
    expect_page(laptop, "/link", r#"action="/link""#);
    expect_redirect(&laptop.post("/link", &[("token", &token)]), "/account");
    expect_page(laptop, "/account/email", ADDRESS);
    let again = laptop.post("/link", &[("token", &token)]);
    assert_eq!(again.status, 410);
}

fn second_device(server: &Server, laptop: &mut Client) -> Client {
    let mut phone = server.browser_client();
    let credentials = [("username", "ada"), ("password", PASSWORD)];
    expect_redirect(&phone.post("/login", &credentials), "/profile");
    let page = expect_page(laptop, "/account/sessions", "/account/sessions/end");
    assert_eq!(
        session_ids(&page).len(),
        1,
        "the current session cannot be ended here: {page}"
    );
    phone
}

fn second_factor(laptop: &mut Client, phone: &mut Client) -> (Authenticator, Vec<String>) {
    expect_page(laptop, "/account/second-factor", "/account/second-factor/begin");
    expect_redirect(
        &laptop.post("/account/second-factor/begin", &[]),
        "/account/second-factor",
    );
    let page = expect_page(laptop, "/account/second-factor", "/account/second-factor/qr.svg");
    let qr = laptop.get("/account/second-factor/qr.svg");
    assert_eq!(qr.header("content-type"), Some("image/svg+xml"));
    let (_, rest) = page.split_once("secret=").expect("the page has the otpauth URI");
    let secret: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    let authenticator = Authenticator::new(&secret);
    let laptop = std::cell::RefCell::new(laptop);
    let page = authenticator.try_previous_code(|code| {
        let response = laptop
            .borrow_mut()
            .post("/account/second-factor/confirm", &[("code", code)]);
        (response.status == 200).then_some(response.body)
    });
    let codes = recovery_codes(&page);
    assert_eq!(codes.len(), 10, "{page}");
    let laptop = laptop.into_inner();
    expect_page(laptop, "/profile", "Welcome, ada");
    expect_redirect(&phone.get("/profile"), "/login?next=/profile");
    (authenticator, codes)
}

fn sign_in_with_code(client: &mut Client, password: &str, code: &str) {
    let credentials = [("username", "ada"), ("password", password)];
    let first_step = client.post("/login", &credentials);
    assert_eq!(first_step.status, 303, "{}", first_step.body);
    let location = first_step.header("location").unwrap();
    assert!(location.starts_with("/login/code"), "{location}");
    expect_redirect(&client.get("/profile"), "/login?next=/profile");
    expect_page(client, "/login/code", r#"name="code""#);
    assert_eq!(client.post("/login/code", &[("code", "000000")]).status, 401);
    expect_redirect(&client.post("/login/code", &[("code", code)]), "/profile");
    expect_page(client, "/profile", "Welcome, ada");
}

fn change_password(laptop: &mut Client, phone: &mut Client) {
    let change = [
        ("current_password", PASSWORD),
        ("new_password", SECOND_PASSWORD),
        ("repeat_password", SECOND_PASSWORD),
    ];
    expect_redirect(&laptop.post("/account/password", &change), "/account");
    expect_page(laptop, "/account", "Your password has been changed");
    expect_redirect(&phone.get("/profile"), "/login?next=/profile");
}

fn revoke_other_device(laptop: &mut Client, phone: &mut Client) {
    let page = expect_page(laptop, "/account/sessions", "/account/sessions/end");
    let ids = session_ids(&page);
    assert_eq!(ids.len(), 1, "{page}");
    expect_redirect(
        &laptop.post("/account/sessions/end", &[("id", &ids[0])]),
        "/account/sessions",
    );
    expect_redirect(&phone.get("/profile"), "/login?next=/profile");
    expect_page(laptop, "/profile", "Welcome, ada");
}

fn reset(server: &Server, laptop: &mut Client) {
    let mut visitor = server.browser_client();
    let unknown = visitor.post("/reset", &[("who", "nobody-here")]);
    let known = visitor.post("/reset", &[("who", "ada")]);
    assert_eq!((unknown.status, unknown.body), (known.status, known.body));
    let token = outbox::latest_token(server, ADDRESS);
    expect_redirect(&visitor.get(&format!("/link?token={token}")), "/link");
    expect_page(&mut visitor, "/link", r#"name="new_password""#);
    let weak = [
        ("token", token.as_str()),
        ("new_password", "password1"),
        ("repeat_password", "password1"),
    ];
    assert_eq!(visitor.post("/link", &weak).status, 422);
    let good = [
        ("token", token.as_str()),
        ("new_password", THIRD_PASSWORD),
        ("repeat_password", THIRD_PASSWORD),
    ];
    let done = visitor.post("/link", &good);
    assert_eq!(done.status, 303, "{}", done.body);
    assert!(done.header("location").unwrap().starts_with("/login"), "{done:?}");
    expect_redirect(&visitor.get("/profile"), "/login?next=/profile");
    expect_redirect(&laptop.get("/profile"), "/login?next=/profile");
}

fn check_history(laptop: &mut Client) {
    let page = laptop.get("/account/history");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("password"), "{}", page.body);
}

fn delete(laptop: &mut Client) {
    expect_page(laptop, "/account/delete", r#"action="/account/delete""#);
    expect_redirect(&laptop.post("/account/delete", &[]), "/");
    expect_redirect(&laptop.get("/profile"), "/login?next=/profile");
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

/// Returns all texts on a page that look like a recovery code.
fn recovery_codes(page: &str) -> Vec<String> {
    page.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|word| word.len() == 30 && word.matches('-').count() == 4)
        .map(str::to_owned)
        .collect()
}
