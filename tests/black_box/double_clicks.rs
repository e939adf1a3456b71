//! A form that is sent twice, as by a double click, is answered as if it were sent once.
//!
//! Requests of a client are sent at the same time, and Chromium clicks twice.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use crate::browser::{server_and_driver, url};
use crate::support::{Browser, Client, PASSWORD, Response, Server, Transport, for_each_transport};

for_each_transport!(
    forms_that_are_sent_twice_at_once_are_done_once,
    double_click_creates_an_account_once_and_keeps_the_values,
    double_click_signs_in_once_and_keeps_the_values,
    double_click_changes_the_password_once,
    double_click_uses_a_link_once,
);

const NEW_PASSWORD: &str = "staple of the battery";
/// Times between the clicks in milliseconds.
const PAUSES: [u64; 3] = [10, 25, 40];
const VALUE: &str = "/api/v1/session/data/cart";

/// Opens a page and sends its form twice at the same time. Returns the second response, whose cookies the client
/// stores.
fn send_twice(client: &mut Client, page: &str, action: &str, fields: &[(&str, &str)]) -> Response {
    let page = client.get(page).body;
    let id = page.split_once(r#"name="form_id" value=""#).unwrap().1;
    let (id, _) = id.split_once('"').unwrap();
    let fields = [&[("form_id", id)][..], fields].concat();
    let (mut first, start) = (client.clone(), Barrier::new(2));
    let send = |client: &mut Client| {
        start.wait();
        client.post(action, &fields)
    };
    thread::scope(|scope| {
        scope.spawn(|| send(&mut first));
        send(client)
    })
}

#[track_caller]
fn expect_redirect(response: &Response, to: &str) {
    assert_eq!(response.header("location"), Some(to), "{}", response.body);
}

fn forms_that_are_sent_twice_at_once_are_done_once(transport: Transport) {
    let server = Server::start(transport);
    let mut client = server.browser_client();
    client.json("PUT", VALUE, "3");
    let account = [("username", "ada"), ("password", PASSWORD)];
    let answer = send_twice(&mut client, "/register", "/register", &account);
    expect_redirect(&answer, "/profile");
    assert_eq!(client.get(VALUE).json()["value"], 3);
    let passwords = [("current_password", PASSWORD), ("new_password", NEW_PASSWORD)];
    let answer = send_twice(&mut client, "/account/password", "/account/password", &passwords);
    expect_redirect(&answer, "/account");
    assert!(
        client
            .get("/account")
            .body
            .contains("Your password has been changed")
    );
    expect_redirect(&send_twice(&mut client, "/profile", "/logout", &[]), "/login");
    client.json("PUT", VALUE, "4");
    let account = [("username", "ada"), ("password", NEW_PASSWORD)];
    let answer = send_twice(&mut client, "/login", "/login", &account);
    expect_redirect(&answer, "/profile");
    assert_eq!(client.get(VALUE).json()["value"], 4);
}

/// Clicks twice, with different times between the clicks, in a new browser each.
///
/// `prepare` opens the page of a form and fills it in. The account in it has the given name. `check` looks at what
/// follows.
fn double_click(
    transport: Transport,
    prepare: impl Fn(&Browser<'_>, &Server, &str),
    check: impl Fn(&Browser<'_>, &Server, &str),
) {
    let Some((server, driver)) = server_and_driver(transport) else {
        return;
    };
    for pause in PAUSES {
        let browser = driver.browser();
        let name = format!("ada{pause}");
        prepare(&browser, &server, &name);
        browser.double_click("main form button", Duration::from_millis(pause));
        check(&browser, &server, &name);
    }
}

/// Gives the browser the session of a visitor with a value.
fn keep_value(browser: &Browser<'_>, server: &Server) {
    let mut visitor = server.text_client();
    visitor.json("PUT", VALUE, "3");
    browser.open(&url(server, "/login"));
    browser.set_cookie("kunci", &visitor.session_token());
}

fn sign_up(client: &mut Client, name: &str) {
    let account = [("username", name), ("password", PASSWORD)];
    assert_eq!(client.post("/register", &account).status, 201);
}

#[track_caller]
fn expect_signed_in_with_value(browser: &Browser<'_>, server: &Server, name: &str) {
    browser.wait_for_text(&format!("Welcome, {name}"));
    browser.open(&url(server, VALUE));
    browser.wait_for_text(r#""value":3"#);
}

fn double_click_creates_an_account_once_and_keeps_the_values(transport: Transport) {
    let prepare = |browser: &Browser<'_>, server: &Server, name: &str| {
        keep_value(browser, server);
        browser.open(&url(server, "/register"));
        browser.fill("username", name);
        browser.fill("password", PASSWORD);
    };
    double_click(transport, prepare, expect_signed_in_with_value);
}

fn double_click_signs_in_once_and_keeps_the_values(transport: Transport) {
    let prepare = |browser: &Browser<'_>, server: &Server, name: &str| {
        sign_up(&mut server.text_client(), name);
        keep_value(browser, server);
        browser.open(&url(server, "/login"));
        browser.fill("username", name);
        browser.fill("password", PASSWORD);
    };
    double_click(transport, prepare, expect_signed_in_with_value);
}

/// Gives the browser the session of a new account.
fn arrive(browser: &Browser<'_>, server: &Server, name: &str) {
    let mut client = server.text_client();
    sign_up(&mut client, name);
    browser.open(&url(server, "/login"));
    browser.set_cookie("kunci", &client.session_token());
}

fn double_click_changes_the_password_once(transport: Transport) {
    let prepare = |browser: &Browser<'_>, server: &Server, name: &str| {
        arrive(browser, server, name);
        browser.open(&url(server, "/account/password"));
        browser.fill("current_password", PASSWORD);
        browser.fill("new_password", NEW_PASSWORD);
        browser.fill("repeat_password", NEW_PASSWORD);
    };
    double_click(transport, prepare, |browser, _, name| {
        browser.wait_for_text("Your password has been changed");
        browser.wait_for_text(&format!("Signed in as {name}"));
    });
}

fn double_click_uses_a_link_once(transport: Transport) {
    let prepare = |browser: &Browser<'_>, server: &Server, name: &str| {
        sign_up(&mut server.text_client(), name);
        let link = server.command(&["user", "link", name], "");
        let link = String::from_utf8(link.stdout).unwrap();
        let (_, token) = link.trim().split_once("token=").unwrap();
        browser.open(&url(server, &format!("/link?token={token}")));
        browser.wait_for_path("/link");
    };
    double_click(transport, prepare, |browser, _, name| {
        browser.wait_for_text(&format!("Welcome, {name}"));
    });
}
