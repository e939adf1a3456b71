//! Names and sizes of the static files, and that they load nothing.

use kunci_maud::assets::{self, Asset};
use sha2::{Digest as _, Sha256};

/// Maximum size of the style sheet. Browsers load it before they show a page.
const LARGEST_STYLE: usize = 8 * 1024;

fn text(asset: &Asset) -> String {
    String::from_utf8_lossy(asset.bytes).into_owned()
}

#[test]
fn name_contains_the_content_hash() {
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
fn find_requires_the_exact_name() {
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
fn content_types_are_valid_under_nosniff() {
    assert_eq!(assets::style().content_type, "text/css; charset=utf-8");
    assert_eq!(assets::mark().content_type, "image/svg+xml");
}

#[test]
fn style_sheet_is_small() {
    assert!(
        assets::style().bytes.len() < LARGEST_STYLE,
        "{} bytes",
        assets::style().bytes.len()
    );
}

#[test]
fn style_sheet_loads_nothing() {
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
fn style_sheet_respects_user_preferences() {
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
fn logo_is_inert_and_loads_nothing() {
    let mark = text(assets::mark());
    assert!(mark.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    assert_eq!(mark.matches("http").count(), 1, "the namespace is the only URL");
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
        // The comment may contain any words.
        let markup = mark
            .split("<!--")
            .next()
            .into_iter()
            .chain(mark.split("-->").nth(1));
        assert!(!markup.collect::<String>().contains(banned), "{banned}");
    }
}
