//! Tests in Chromium, controlled by chromedriver. Kunci's pages use no JavaScript.
//!
//! If Chromium or chromedriver is missing, these tests pass without checks, and `make test` reports
//! them as skipped. With `KUNCI_TEST_REQUIRE=1` they fail instead.

use crate::support::{Browser, Driver, PASSWORD, Server, Transport, for_each_transport};

for_each_transport!(
    user_signs_up_signs_out_and_signs_in_again,
    back_button_after_sign_out_shows_no_private_page,
    forms_work_in_two_tabs_and_when_sent_twice,
    page_of_another_site_can_neither_sign_in_nor_out,
    content_security_policy_allows_style_sheet_and_logo,
);

/// Starts a server and chromedriver. Returns `None` if there is no browser.
pub(crate) fn server_and_driver(transport: Transport) -> Option<(Server, Driver)> {
    let driver = Driver::start();
    assert!(
        driver.is_some() || std::env::var_os("KUNCI_TEST_REQUIRE").is_none(),
        "Chromium or chromedriver is missing"
    );
    driver.map(|driver| (Server::start(transport), driver))
}

/// Returns the address of a page as a user enters it.
pub(crate) fn url(server: &Server, path: &str) -> String {
    // Browsers treat `localhost` as a secure context.
    format!("http://localhost:{}{path}", server.address().port())
}

fn register(browser: &Browser<'_>, server: &Server, name: &str) {
    browser.open(&url(server, "/register"));
    browser.fill("username", name);
    browser.fill("password", PASSWORD);
    browser.submit();
    browser.wait_for_path("/profile");
}

fn user_signs_up_signs_out_and_signs_in_again(transport: Transport) {
    let Some((server, driver)) = server_and_driver(transport) else {
        return;
    };
    let browser = driver.browser();
    browser.open(&url(&server, "/"));
    browser.follow("Create account");
    browser.fill("username", "ada");
    browser.fill("password", "short");
    browser.open(&url(&server, "/register"));
    register(&browser, &server, "ada");
    browser.wait_for_path("/profile");
    browser.wait_for_text("Welcome, ada");
    browser.press("Sign out");
    browser.wait_for_path("/login");
    browser.open(&url(&server, "/profile"));
    browser.wait_for_path("/login?next=/profile");
    browser.fill("username", "ada");
    browser.fill("password", "wrong horse battery");
    browser.submit();
    browser.wait_for_text("Wrong username or password");
    assert_eq!(
        (browser.value("username"), browser.value("password")),
        ("ada".into(), String::new())
    );
    browser.fill("password", PASSWORD);
    browser.submit();
    browser.wait_for_path("/profile");
}

fn back_button_after_sign_out_shows_no_private_page(transport: Transport) {
    let Some((server, driver)) = server_and_driver(transport) else {
        return;
    };
    let browser = driver.browser();
    register(&browser, &server, "ada");
    browser.press("Sign out");
    browser.wait_for_path("/login");
    browser.back();
    browser.wait_for_text("Sign in");
    assert!(!browser.text().contains("Welcome, ada"), "{}", browser.text());
    browser.open(&url(&server, "/login"));
    browser.fill("username", "ada");
    browser.fill("password", PASSWORD);
    browser.submit();
    browser.wait_for_path("/profile");
    browser.back();
    // A signed-in user does not get the sign-in form.
    browser.wait_for_path("/profile");
}

fn forms_work_in_two_tabs_and_when_sent_twice(transport: Transport) {
    let Some((server, driver)) = server_and_driver(transport) else {
        return;
    };
    let browser = driver.browser();
    register(&browser, &server, "ada");
    browser.press("Sign out");
    browser.wait_for_path("/login");
    let first = browser.tab();
    browser.open(&url(&server, "/login"));
    let second = browser.new_tab();
    browser.open(&url(&server, "/login"));
    for tab in [&second, &first] {
        browser.switch_to(tab);
        browser.fill("username", "ada");
        browser.fill("password", PASSWORD);
        browser.submit();
        browser.wait_for_path("/profile");
    }
    browser.switch_to(&second);
    browser.press("Sign out");
    browser.wait_for_path("/login");
    browser.switch_to(&first);
    browser.press("Sign out");
    // Signing out twice works.
    browser.wait_for_path("/login");
}

fn page_of_another_site_can_neither_sign_in_nor_out(transport: Transport) {
    let Some((server, driver)) = server_and_driver(transport) else {
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
    browser.wait_for_text("another site");
    browser.open(&form(
        "/login",
        "<input name=username value=ada><input name=password value=x>",
    ));
    browser.press("go");
    browser.wait_for_text("another site");
    browser.open(&url(&server, "/profile"));
    browser.wait_for_text("Welcome, ada");
}

fn content_security_policy_allows_style_sheet_and_logo(transport: Transport) {
    let Some((server, driver)) = server_and_driver(transport) else {
        return;
    };
    let browser = driver.browser();
    browser.open(&url(&server, "/login"));
    let min_height = browser.css("input[name=username]", "min-height");
    assert_ne!(min_height, "auto", "the style sheet is not applied");
    assert_eq!(browser.console_messages(), Vec::<String>::new());
}
