//! Compares the routes that sign a client in with the list in `docs/accounts.md`.

use std::collections::BTreeSet;

use kunci_domain::Purpose;

use crate::support::{
    Site, TestRequest, all_routes, get, link_form, open_link, prepare_request, request, valid_request,
};

/// Builds a request of a signed-out client with a valid password, pending sign-in or link.
fn signed_out_request(site: &Site, method: &str, path: &str) -> TestRequest {
    match (method, path) {
        ("POST", "/login/code" | "/api/v1/session/code") => prepare_request(site, method, path),
        ("GET", "/link") => {
            site.add_user("ada", kunci_domain::Role::Member);
            let link = open_link(site, &site.issue_link("ada", Purpose::SignIn));
            request(method, path).cookie(&link)
        }
        ("POST", "/link") => {
            site.add_user("ada", kunci_domain::Role::Member);
            link_form(&site.issue_link("ada", Purpose::SignIn), &[])
        }
        ("POST", "/api/v1/link") => {
            site.add_user("ada", kunci_domain::Role::Member);
            let token = site.issue_link("ada", Purpose::SignIn).expose().to_string();
            let body = serde_json::json!({"token": token}).to_string();
            crate::support::json(method, path, &body)
        }
        _ => {
            site.add_user("ada", kunci_domain::Role::Administrator);
            valid_request(method, path)
        }
    }
}

/// Returns the routes in the table under "Ways in".
fn documented() -> BTreeSet<String> {
    let text = include_str!("../../../../docs/accounts.md");
    let (_, rest) = text.split_once("## Ways in").unwrap();
    let (section, _) = rest.split_once("\n## ").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let routes = rows.filter_map(|row| row.split('|').nth(2));
    routes
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

#[test]
fn documentation_lists_exactly_the_ways_in() {
    let mut found = BTreeSet::new();
    for (method, path) in all_routes() {
        let site = Site::new();
        let answer = site.send(signed_out_request(&site, method, path));
        let Some(session) = answer.cookie() else {
            continue;
        };
        if site
            .send(get("/profile").cookie(&session))
            .body
            .starts_with("Welcome")
        {
            found.insert(format!("{method} {path}"));
        }
    }
    assert_eq!(found, documented());
}
