//! The files: their names, their size, and that they load nothing themselves.

use kunci_maud::assets::{self, Asset};
use sha2::{Digest as _, Sha256};

/// The style sheet is read before anything is shown, so it has to fit into the first packets.
const LARGEST_STYLE: usize = 8 * 1024;

fn text(asset: &Asset) -> String {
    String::from_utf8_lossy(asset.bytes).into_owned()
}

#[test]
fn a_name_contains_the_hash_of_the_content() {
    for asset in assets::all() {
        let digest: String = Sha256::digest(asset.bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let parts: Vec<&str> = asset.name.split('.').collect();
        assert_eq!(parts.len(), 3, "{}", asset.name);
        assert_eq!(parts[1], &digest[..16]);
    }
}

#[test]
fn a_file_is_found_by_its_exact_name_only() {
    for asset in assets::all() {
        assert!(assets::find(&asset.name).is_some_and(|found| std::ptr::eq(found, asset)));
    }
    let style = &assets::style().name;
    for name in [
        "",
        "style.css",
        "/",
        "../style.css",
        &style.to_uppercase(),
        &format!("{style}.map"),
    ] {
        assert!(assets::find(name).is_none(), "{name}");
    }
}

#[test]
fn content_types_are_those_that_a_browser_insists_on_under_nosniff() {
    assert_eq!(assets::style().content_type, "text/css; charset=utf-8");
    assert_eq!(assets::mark().content_type, "image/svg+xml");
}

#[test]
fn the_style_sheet_is_small() {
    assert!(
        assets::style().bytes.len() < LARGEST_STYLE,
        "{} bytes",
        assets::style().bytes.len()
    );
}

#[test]
fn the_style_sheet_loads_nothing() {
    let style = text(assets::style());
    for banned in [
        "url(",
        "@import",
        "image-set",
        "data:",
        "http:",
        "https:",
        "//",
        "expression(",
    ] {
        assert!(!style.contains(banned), "{banned}");
    }
}

#[test]
fn the_style_sheet_heeds_what_a_person_has_set() {
    let style = text(assets::style());
    let wanted = [
        "color-scheme: light dark",
        "prefers-color-scheme: dark",
        "prefers-reduced-motion",
        "prefers-contrast",
        "forced-colors",
        "@media print",
        ":focus-visible",
    ];
    for part in wanted {
        assert!(style.contains(part), "{part}");
    }
    assert!(!style.contains("outline: none") && !style.contains("outline: 0"));
}

#[test]
fn the_mark_is_inert_and_draws_itself_alone() {
    let mark = text(assets::mark());
    assert!(mark.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    assert_eq!(
        mark.matches("http").count(),
        1,
        "the name space is the only address"
    );
    for banned in [
        "<script",
        "<style",
        " style=",
        " on",
        "href",
        "url(",
        "<foreignObject",
        "<!ENTITY",
    ] {
        // The comment is prose, not markup.
        let markup = mark
            .split("<!--")
            .next()
            .into_iter()
            .chain(mark.split("-->").nth(1));
        assert!(!markup.collect::<String>().contains(banned), "{banned}");
    }
}
