//! Links in Chromium: two of them in two tabs, and a browser that stores no cookies.

use crate::browser::{server_and_driver, url};
use crate::links::token;
use crate::support::{Browser, PASSWORD, Server, Transport, for_each_transport};

for_each_transport!(
    reset_form_changes_the_password_that_its_tab_showed,
    browser_without_cookies_is_asked_to_allow_them,
);

const NEW_PASSWORD: &str = "another horse battery";

/// Adds a user and opens a link to reset the password in the current tab.
fn open_reset_link(browser: &Browser<'_>, server: &Server, name: &str) {
    server.command(&["user", "add", name, "--password-stdin"], PASSWORD);
    let token = token(server, &["user", "link", name, "--reset"]);
    browser.open(&url(server, &format!("/link?token={token}")));
}

fn choose_password(browser: &Browser<'_>) {
    browser.fill("new_password", NEW_PASSWORD);
    browser.fill("repeat_password", NEW_PASSWORD);
    browser.press("Change password");
}

fn sign_in(browser: &Browser<'_>, name: &str, password: &str) {
    browser.fill("username", name);
    browser.fill("password", password);
    browser.submit();
}

fn reset_form_changes_the_password_that_its_tab_showed(transport: Transport) {
    let Some((server, driver)) = server_and_driver(transport) else {
        return;
    };
    let browser = driver.browser();
    let first = browser.tab();
    open_reset_link(&browser, &server, "ada");
    browser.wait_for_path("/link");
    let second = browser.new_tab();
    open_reset_link(&browser, &server, "grace");
    browser.wait_for_path("/link");
    browser.switch_to(&first);
    browser.wait_for_text("the password of ada");
    choose_password(&browser);
    browser.wait_for_path("/login?changed");
    sign_in(&browser, "ada", NEW_PASSWORD);
    browser.wait_for_path("/profile");
    browser.switch_to(&second);
    browser.wait_for_text("the password of grace");
    choose_password(&browser);
    browser.wait_for_path("/profile");
    browser.wait_for_text("The password of grace has been changed. You are still signed in as ada.");
}

fn browser_without_cookies_is_asked_to_allow_them(transport: Transport) {
    let Some((server, driver)) = server_and_driver(transport) else {
        return;
    };
    let browser = driver.browser_without_cookies();
    open_reset_link(&browser, &server, "ada");
    browser.wait_for_text("Cookies are needed");
    browser.open(&url(&server, "/login"));
    sign_in(&browser, "ada", PASSWORD);
    browser.wait_for_text("Allow cookies for this site");
}
