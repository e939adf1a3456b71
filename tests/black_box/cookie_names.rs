//! Cookies of several servers on one host. Browsers send cookies to every port of a host.

use crate::support::{PASSWORD, Setup, Transport, for_each_transport};

for_each_transport!(
    servers_on_two_ports_keep_both_sign_ins,
    configured_name_applies_to_every_cookie,
);

const ADA: &[(&str, &str)] = &[("username", "ada"), ("password", PASSWORD)];

fn servers_on_two_ports_keep_both_sign_ins(transport: Transport) {
    let start = || Setup::new(transport).default_cookie_name().start();
    let (first, second) = (start(), start());
    let mut browser = first.text_client();
    assert_eq!(browser.post("/register", ADA).body, "Account created\n");
    browser = browser.at(second.address());
    assert_eq!(browser.post("/register", ADA).body, "Account created\n");
    for server in [&first, &second] {
        browser = browser.at(server.address());
        assert_eq!(browser.get("/profile").body, "Welcome, ada\n");
    }
    assert_eq!(browser.post("/logout", &[]).body, "Logged out\n");
    assert_eq!(browser.get("/profile").body, "You are not logged in\n");
    let mut browser = browser.at(first.address());
    assert_eq!(browser.get("/profile").body, "Welcome, ada\n");
}

fn configured_name_applies_to_every_cookie(transport: Transport) {
    let server = Setup::new(transport)
        .default_cookie_name()
        .settings("sessions.cookie_name = \"wiki\"")
        .start();
    let mut client = server.text_client();
    client.post("/register", ADA);
    let cookies = client.cookie();
    let names: Vec<&str> = cookies
        .split("; ")
        .filter_map(|pair| Some(pair.split_once('=')?.0))
        .collect();
    assert_eq!(names, ["wiki", "wiki-device"]);
}
