//! A real browser: Chromium, controlled by chromedriver, without JavaScript on Kunci's pages.
//!
//! Without chromedriver these tests pass without checks, which `make test` reports. With
//! `KUNCI_TEST_REQUIRE=1` a missing browser fails them.

use crate::support::{Browser, Driver, PASSWORD, Server, Transport, for_each_transport};

for_each_transport!(
    user_signs_up_looks_around_and_signs_out,
    back_button_after_sign_out_shows_no_private_page,
    forms_work_in_two_tabs_and_when_sent_twice,
    page_of_another_site_can_neither_sign_in_nor_out,
    content_security_policy_allows_style_sheet_and_logo,
);

/// Starts a server and a browser; `None` if there is no browser.
fn stage(transport: Transport) -> Option<(Server, Driver)> {
    let driver = Driver::start();
    assert!(
        driver.is_some() || std::env::var_os("KUNCI_TEST_REQUIRE").is_none(),
        "there is no chromedriver"
    );
    driver.map(|driver| (Server::start(transport), driver))
}

fn url(server: &Server, path: &str) -> String {
    // Browsers treat this name as a secure context.
    format!("http://localhost:{}{path}", server.address().port())
}

fn register(browser: &Browser<'_>, server: &Server, name: &str) {
    browser.open(&url(server, "/register"));
    browser.fill("username", name);
    browser.fill("password", PASSWORD);
    browser.submit();
}

fn user_signs_up_looks_around_and_signs_out(transport: Transport) {
    let Some((server, driver)) = stage(transport) else {
        return;
    };
    let browser = driver.browser();
    browser.open(&url(&server, "/"));
    browser.follow("Create account");
    browser.fill("username", "ada");
    browser.fill("password", "short");
    browser.open(&url(&server, "/register"));
    register(&browser, &server, "ada");
    browser.arrives_at("/profile");
    browser.shows("Welcome, ada");
    browser.press("Sign out");
    browser.arrives_at("/login");
    browser.open(&url(&server, "/profile"));
    browser.arrives_at("/login?next=/profile");
    browser.fill("username", "ada");
    browser.fill("password", "wrong horse battery");
    browser.submit();
    browser.shows("Wrong username or password");
    assert_eq!(
        (browser.value("username"), browser.value("password")),
        ("ada".into(), String::new())
    );
    browser.fill("password", PASSWORD);
    browser.submit();
    browser.arrives_at("/profile");
}

fn back_button_after_sign_out_shows_no_private_page(transport: Transport) {
    let Some((server, driver)) = stage(transport) else {
        return;
    };
    let browser = driver.browser();
    register(&browser, &server, "ada");
    browser.press("Sign out");
    browser.arrives_at("/login");
    browser.back();
    browser.shows("Sign in");
    assert!(!browser.text().contains("Welcome, ada"), "{}", browser.text());
    browser.open(&url(&server, "/login"));
    browser.fill("username", "ada");
    browser.fill("password", PASSWORD);
    browser.submit();
    browser.arrives_at("/profile");
    browser.back();
    // A signed-in user does not get the sign-in form.
    browser.arrives_at("/profile");
}

fn forms_work_in_two_tabs_and_when_sent_twice(transport: Transport) {
    let Some((server, driver)) = stage(transport) else {
        return;
    };
    let browser = driver.browser();
    register(&browser, &server, "ada");
    browser.press("Sign out");
    let first = browser.tab();
    browser.open(&url(&server, "/login"));
    let second = browser.new_tab();
    browser.open(&url(&server, "/login"));
    for tab in [&second, &first] {
        browser.switch_to(tab);
        browser.fill("username", "ada");
        browser.fill("password", PASSWORD);
        browser.submit();
        browser.arrives_at("/profile");
    }
    browser.switch_to(&second);
    browser.press("Sign out");
    browser.switch_to(&first);
    browser.press("Sign out");
    // Signing out twice works.
    browser.arrives_at("/login");
}

fn page_of_another_site_can_neither_sign_in_nor_out(transport: Transport) {
    let Some((server, driver)) = stage(transport) else {
        return;
    };
    let browser = driver.browser();
    register(&browser, &server, "ada");
    let form = |path: &str, fields: &str| {
        format!(
            "data:text/html,<form method=post action='{}'>{fields}<button>go</button></form>",
            url(&server, path)
        )
    };
    browser.open(&form("/logout", ""));
    browser.press("go");
    browser.shows("another site");
    browser.open(&form(
        "/login",
        "<input name=username value=ada><input name=password value=x>",
    ));
    browser.press("go");
    browser.shows("another site");
    browser.open(&url(&server, "/profile"));
    browser.shows("Welcome, ada");
}

fn content_security_policy_allows_style_sheet_and_logo(transport: Transport) {
    let Some((server, driver)) = stage(transport) else {
        return;
    };
    let browser = driver.browser();
    browser.open(&url(&server, "/login"));
    let font = browser.css("input[name=username]", "min-height");
    assert_ne!(font, "auto", "the style sheet is in force");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
