//! Contrast of every pair of colours that text or a control uses, in the light and the dark scheme.
//!
//! The minimum ratios are those of WCAG 2: 4.5 for text, 3 for the edges of controls and for the focus ring.

#![allow(clippy::unwrap_used, reason = "an unreadable style sheet fails the test")]

use kunci_maud::assets;

/// Colours of text and its background.
const TEXT: [(&str, &str); 16] = [
    ("ink", "paper"),
    ("ink", "card"),
    ("soft", "paper"),
    ("soft", "card"),
    ("press", "paper"),
    ("press", "card"),
    ("press-over", "paper"),
    ("press-over", "card"),
    ("on-press", "press"),
    ("on-press", "press-over"),
    ("bad", "card"),
    ("bad", "bad-paper"),
    ("good", "good-paper"),
    ("good", "card"),
    ("on-press", "bad"),
    ("paper", "ink"),
];

/// Colours of controls and the focus ring, and their background.
const CONTROLS: [(&str, &str); 7] = [
    ("edge", "paper"),
    ("edge", "card"),
    ("press", "card"),
    ("press", "paper"),
    ("bad", "card"),
    ("brass", "paper"),
    ("brass", "card"),
];

/// Returns the blocks that define the colours: light first, then dark.
fn schemes() -> [(&'static str, String); 2] {
    let style = String::from_utf8_lossy(assets::style().bytes);
    let mut blocks = style
        .split(":root {")
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap().to_owned());
    [
        ("light", blocks.next().unwrap()),
        ("dark", blocks.next().unwrap()),
    ]
}

/// Returns red, green and blue of a custom property.
fn colour(scheme: &str, name: &str) -> [f64; 3] {
    let value = scheme
        .split(&format!("--{name}: #"))
        .nth(1)
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let digits: Vec<u32> = value.chars().map(|c| c.to_digit(16).unwrap()).collect();
    let channels: Vec<u32> = match digits.len() {
        3 => digits.iter().map(|digit| digit * 17).collect(),
        _ => digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect(),
    };
    [channels[0], channels[1], channels[2]].map(f64::from)
}

fn luminance(colour: [f64; 3]) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let value = channel / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn ratio(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

#[track_caller]
fn check(pairs: &[(&str, &str)], least: f64) {
    for (scheme, block) in schemes() {
        for (front, back) in pairs {
            let got = ratio(colour(&block, front), colour(&block, back));
            assert!(got >= least, "{scheme}: {front} on {back} is {got:.2}");
        }
    }
}

#[test]
fn black_on_white_has_the_maximum_contrast() {
    let got = ratio([0.0; 3], [255.0; 3]);
    assert!((got - 21.0).abs() < 0.01, "{got}");
}

#[test]
fn text_has_enough_contrast() {
    check(&TEXT, 4.5);
}

#[test]
fn controls_and_focus_ring_have_enough_contrast() {
    check(&CONTROLS, 3.0);
}

#[test]
fn logo_has_enough_contrast_in_both_schemes() {
    let mark = String::from_utf8_lossy(assets::mark().bytes).into_owned();
    let fill = mark.split("fill=\"#").nth(1).unwrap().split('"').next().unwrap();
    for (scheme, block) in schemes() {
        let got = ratio(
            colour(&format!("--fill: #{fill};"), "fill"),
            colour(&block, "paper"),
        );
        assert!(got >= 3.0, "{scheme}: {got:.2}");
    }
}
