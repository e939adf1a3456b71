//! Escaping of text in every slot of every view.

use std::cell::RefCell;
use std::fs;

use kunci_maud::{Markup, layout};

use crate::html::tags;
use crate::states::{Sample, states};

/// Hostile text that ends a tag, an attribute in either kind of quotes, and an entity.
const HOSTILE: &str = r#"<img src=x onerror=1>"'&"#;

/// The escaped form of [`HOSTILE`].
const ESCAPED: &str = "&lt;img src=x onerror=1&gt;&quot;'&amp;";

/// Returns a sample in which each slot holds its own name and the hostile text.
fn sample() -> Sample {
    Sample::filled(|slot, _| format!("{slot}{HOSTILE}"))
}

/// Returns the names of all slots.
fn slots() -> Vec<String> {
    let slots = RefCell::new(Vec::new());
    let _ = Sample::filled(|slot, real| {
        slots.borrow_mut().push(slot.to_owned());
        real.to_owned()
    });
    slots.into_inner()
}

/// Fails if the page contains hostile text outside its escaped form.
#[track_caller]
fn check_escaped(name: &str, page: &str) {
    let rest = page.replace(ESCAPED, "");
    for part in ["onerror", "src=x", "<img src=\"x"] {
        assert!(!rest.contains(part), "{name}: {part} outside its escaped form");
    }
}

#[test]
fn hostile_text_is_escaped_in_every_state() {
    for state in states(&sample()) {
        check_escaped(state.name, &state.page.0);
    }
}

#[test]
fn every_slot_is_shown_somewhere() {
    let pages: String = states(&sample()).into_iter().map(|state| state.page.0).collect();
    let slots = slots();
    assert!(slots.len() > 20, "{slots:?}");
    // The page splits the secret into groups, which also split the hostile text.
    for slot in slots.iter().filter(|slot| *slot != "seed") {
        assert!(
            pages.contains(&format!("{slot}{ESCAPED}")),
            "{slot} is never shown"
        );
    }
    assert!(pages.contains("seed &lt;img"), "seed is never shown");
}

#[test]
fn hostile_text_adds_no_tag_or_attribute() {
    let shape = |sample: &Sample| -> Vec<(String, Vec<String>)> {
        let states = states(sample);
        let tags = states.iter().flat_map(|state| tags(&state.page.0));
        tags.map(|tag| {
            let keys = tag.attributes.iter().map(|(key, _)| (*key).to_owned()).collect();
            (tag.name.to_owned(), keys)
        })
        .collect()
    };
    assert_eq!(shape(&sample()), shape(&Sample::realistic()));
}

#[test]
fn layout_escapes_title_and_viewer() {
    let page = layout(HOSTILE, Some(HOSTILE), Markup::default()).into_string();
    check_escaped("layout", &page);
    assert_eq!(page.matches(ESCAPED).count(), 2);
}

#[test]
fn no_source_file_bypasses_escaping() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        assert!(
            !fs::read_to_string(&file).unwrap().contains("PreEscaped"),
            "{}",
            file.display()
        );
    }
}
