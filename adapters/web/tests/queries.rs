//! Queries of pages: pairs that no handler asked for are ignored.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail at once")]

mod support;

use support::{PAGE, Site, TEXT, get};

/// Pairs that links gain on their way, for example from trackers or from users.
const ODD_PAIRS: [&str; 9] = [
    "utm=50%",
    "utm=%zz",
    "%g0=1",
    "utm=%ff",
    "%ff=1",
    "fbclid=a&fbclid=b",
    "=&=",
    "%",
    "&&;",
];

/// Returns the query with each odd pair before and after it.
fn with_odd_pairs(query: &str) -> Vec<String> {
    let around = |odd| [format!("{odd}&{query}"), format!("{query}&{odd}")];
    ODD_PAIRS.into_iter().flat_map(around).collect()
}

#[test]
fn odd_pairs_do_not_lose_the_way_back() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for query in with_odd_pairs("next=/wiki") {
        let answer = site.send(get(&format!("/login?{query}")).accept(PAGE).cookie(&ada));
        assert_eq!(answer.header("location"), "/wiki", "{query}");
        let form = site.send(get(&format!("/register?{query}")).accept(PAGE)).body;
        assert!(form.contains(r#"name="next" value="/wiki""#), "{query}: {form}");
    }
}

#[test]
fn odd_pairs_do_not_break_a_link() {
    let site = Site::new();
    let token = site.issue_invitation(1);
    for query in with_odd_pairs(&format!("token={}", *token.expose())) {
        let answer = site.send(get(&format!("/link?{query}")));
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/link"),
            "{query}"
        );
        assert!(answer.cookie_of("kunci-link").is_some(), "{query}");
    }
}

#[test]
fn odd_pairs_do_not_change_a_list_or_a_notice() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    let text = |path: &str| site.send(get(path).accept(TEXT).cookie(&ada)).body;
    let first_page = text("/account/history");
    for query in with_odd_pairs("page=2") {
        assert_ne!(text(&format!("/account/history?{query}")), first_page, "{query}");
    }
    for query in with_odd_pairs("from=x") {
        let answer = site.send(get(&format!("/account/sessions?{query}")).cookie(&ada));
        assert_eq!(answer.status, 400, "{query}");
    }
    for query in with_odd_pairs("changed") {
        let page = site.send(get(&format!("/login?{query}")).accept(PAGE)).body;
        assert_eq!(
            page,
            site.send(get("/login?changed").accept(PAGE)).body,
            "{query}"
        );
    }
}

#[test]
fn ambiguous_or_malformed_field_counts_as_absent() {
    let site = Site::new();
    let ada = site.sign_up("ada");
    for query in [
        "next=/a&next=/b",
        "next=/a&%6Eext=/a",
        "next=%",
        "next=/%ff",
        "Next=/a",
        "xnext=/a",
    ] {
        let answer = site.send(get(&format!("/login?{query}")).accept(PAGE).cookie(&ada));
        assert_eq!(answer.header("location"), "/profile", "{query}");
    }
    let encoded = site.send(get("/login?%6Eext=/a").accept(PAGE).cookie(&ada));
    assert_eq!(encoded.header("location"), "/a");
}
