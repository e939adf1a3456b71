//! Rules for whole pages: layout, loaded files, links and sign-out.

use std::collections::BTreeSet;

use kunci_maud::assets;

use crate::html::{Tag, tags};
use crate::states::{Sample, State, Viewer, states};

/// Checks the tags of every state.
#[track_caller]
fn check(holds: impl Fn(&State, &[Tag<'_>]) -> bool) {
    for state in states(&Sample::realistic()) {
        let tags = tags(&state.page.0);
        assert!(holds(&state, &tags), "{}: {}", state.name, state.page.0);
    }
}

fn count(tags: &[Tag<'_>], name: &str) -> usize {
    tags.iter().filter(|tag| tag.name == name).count()
}

#[test]
fn state_names_are_unique() {
    let states = states(&Sample::realistic());
    let names: BTreeSet<&str> = states.iter().map(|state| state.name).collect();
    assert_eq!(names.len(), states.len());
}

#[test]
fn every_page_has_the_layout() {
    check(|state, tags| {
        state.page.0.starts_with("<!DOCTYPE html><html lang=\"en\">")
            && tags.iter().any(|tag| tag.is("meta", "charset", "utf-8"))
            && tags.iter().any(|tag| tag.is("meta", "name", "viewport"))
            && ["title", "header", "nav", "main", "footer", "h1"]
                .iter()
                .all(|name| count(tags, name) == 1)
    });
}

#[test]
fn viewport_allows_zooming() {
    check(|_, tags| {
        let viewport = tags.iter().find(|tag| tag.is("meta", "name", "viewport"));
        viewport.and_then(|tag| tag.get("content")) == Some("width=device-width, initial-scale=1")
    });
}

#[test]
fn brand_links_home() {
    check(|_, tags| {
        tags.iter()
            .any(|tag| tag.is("a", "class", "brand") && tag.get("href") == Some("/"))
    });
}

#[test]
fn signed_in_users_can_sign_out_and_open_their_account() {
    check(|state, tags| {
        let out = tags
            .iter()
            .any(|tag| tag.is("form", "action", "/logout") && tag.get("method") == Some("post"));
        let links = ["/profile", "/account"]
            .iter()
            .all(|path| tags.iter().any(|tag| tag.is("a", "href", path)));
        (out, links) == (state.viewer != Viewer::Visitor, state.viewer == Viewer::SignedIn)
    });
}

#[test]
fn restricted_users_see_only_links_that_work() {
    let open = ["#main", "/", "/reset"];
    check(|state, tags| {
        let mut links = tags
            .iter()
            .filter(|tag| tag.name == "a")
            .filter_map(|tag| tag.get("href"));
        state.viewer != Viewer::Restricted
            || links.all(|link| open.contains(&link) || link.starts_with("otpauth://"))
    });
}

#[test]
fn headings_skip_no_level() {
    check(|_, tags| {
        let levels = tags.iter().filter_map(|tag| match tag.name {
            "h1" => Some(1),
            "h2" => Some(2),
            "h3" => Some(3),
            _ => None,
        });
        let mut above = 0;
        let steps: Vec<i32> = levels
            .map(|level| level - std::mem::replace(&mut above, level))
            .collect();
        steps.iter().all(|step| *step <= 1)
    });
}

#[test]
fn actions_are_never_links() {
    check(|_, tags| {
        let acting = [
            "/logout",
            "/logout_all",
            "/account/sessions/end",
            "/account/sessions/end_others",
            "/account/email/resend",
            "/account/second-factor/begin",
            "/account/second-factor/confirm",
            "/account/second-factor/disable",
            "/account/recovery-codes",
            "/admin/invitations/withdraw",
        ];
        !tags
            .iter()
            .any(|tag| tag.name == "a" && acting.contains(&tag.get("href").unwrap_or_default()))
    });
}

#[test]
fn pages_have_no_script_or_inline_style() {
    check(|_, tags| {
        let inline = |tag: &Tag<'_>| {
            tag.attributes
                .iter()
                .any(|(key, _)| *key == "style" || key.starts_with("on"))
        };
        let banned = ["script", "style", "iframe", "object", "embed", "base"];
        !tags.iter().any(|tag| inline(tag) || banned.contains(&tag.name))
    });
}

#[test]
fn every_url_is_an_own_path_or_opens_an_authenticator() {
    let ours = |address: &str| {
        let path = address.starts_with('/') && !address.starts_with("//");
        path || address == "#main" || address.starts_with("otpauth://totp/")
    };
    check(|_, tags| {
        let addresses = ["src", "href", "action", "formaction", "srcset", "poster", "data"];
        let mut found = tags
            .iter()
            .flat_map(|tag| addresses.iter().filter_map(|key| tag.get(key)));
        found.all(ours)
    });
}

#[test]
fn pages_load_only_hashed_assets_and_the_qr_code() {
    check(|_, tags| {
        let loads = |tag: &Tag<'_>| match tag.name {
            "link" => tag.get("href").map(str::to_owned),
            _ => tag.get("src").map(str::to_owned),
        };
        let loaded: Vec<String> = tags.iter().filter_map(loads).collect();
        let known = |path: &String| {
            path == "/account/second-factor/qr.svg" || assets::all().iter().any(|asset| asset.path() == *path)
        };
        loaded.len() >= 3 && loaded.iter().all(known)
    });
}

#[test]
fn ids_are_unique_and_references_resolve() {
    check(|_, tags| {
        let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        let described = tags.iter().filter_map(|tag| tag.get("aria-describedby"));
        let labelled = tags.iter().filter_map(|tag| tag.get("for"));
        let mut references = described.flat_map(str::split_whitespace).chain(labelled);
        ids.len() == unique.len() && references.all(|id| unique.contains(id))
    });
}

#[test]
fn every_class_has_a_rule() {
    let style = String::from_utf8_lossy(assets::style().bytes);
    check(|_, tags| {
        let mut classes = tags
            .iter()
            .filter_map(|tag| tag.get("class"))
            .flat_map(str::split_whitespace);
        classes.all(|class| style.contains(&format!(".{class}")))
    });
}
