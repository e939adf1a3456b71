//! QR codes: their content for a scanner, and that they are inert.

#![allow(clippy::unwrap_used, reason = "an unreadable document fails the test")]

use kunci_maud::qr_svg;

use crate::html::tags;

/// URI for an authenticator.
const URI: &str = "otpauth://totp/Kunci:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Kunci";

/// Width and height of a module in pixels.
const SCALE: usize = 4;

/// Returns the modules of a document (`true` for dark) and their number in a row.
fn modules(svg: &str) -> (Vec<bool>, usize) {
    let tags = tags(svg);
    let side = tags.iter().find(|tag| tag.name == "rect").unwrap().get("width");
    let side: usize = side.unwrap().parse().unwrap();
    let path = tags
        .iter()
        .find(|tag| tag.name == "path")
        .unwrap()
        .get("d")
        .unwrap();
    let mut dark = vec![false; side * side];
    for run in path.split('M').skip(1) {
        let numbers: Vec<usize> = run
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|number| number.parse().ok())
            .collect();
        let [x, y, width, ..] = numbers[..] else {
            panic!("{run}")
        };
        dark[y * side + x..y * side + x + width].fill(true);
    }
    (dark, side)
}

/// Returns the text that a scanner reads.
fn scan(svg: &str) -> String {
    let (dark, side) = modules(svg);
    let pixels = side * SCALE;
    let shade = |x: usize, y: usize| {
        if dark[y / SCALE * side + x / SCALE] {
            0
        } else {
            255
        }
    };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(pixels, pixels, shade);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

#[test]
fn scanner_reads_the_encoded_text() {
    let long = format!("{URI}&padding={}", "x".repeat(600));
    for text in [URI, "k", &long] {
        assert_eq!(scan(&qr_svg(text).unwrap()), text);
    }
}

#[test]
fn white_margin_has_four_modules() {
    let (dark, side) = modules(&qr_svg(URI).unwrap());
    let lines = dark.iter().enumerate().filter(|(_, dark)| **dark);
    let places = lines.flat_map(|(at, _)| [at % side, at / side]);
    let (least, most) = places.fold((side, 0), |(least, most), at| (least.min(at), most.max(at)));
    assert_eq!((least, most), (4, side - 5));
}

#[test]
fn document_is_black_on_white_and_inert() {
    let svg = qr_svg(URI).unwrap();
    let names: Vec<&str> = tags(&svg).iter().map(|tag| tag.name).collect();
    assert_eq!(names, ["svg", "rect", "path"]);
    assert!(svg.contains("fill=\"#fff\"") && svg.contains("fill=\"#000\""));
    for banned in ["style", "href", "url(", " on", "otpauth"] {
        assert!(!svg.contains(banned), "{banned}");
    }
    let closed = svg.ends_with("</svg>") && svg.contains("</rect>") && svg.contains("</path>");
    assert!(closed, "the document must be well-formed XML");
}

#[test]
fn too_long_text_has_no_qr_code() {
    assert!(qr_svg(&"x".repeat(2953)).is_some());
    assert!(qr_svg(&"x".repeat(2954)).is_none());
}
