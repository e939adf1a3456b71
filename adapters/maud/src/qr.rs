//! QR codes as SVG documents.
//!
//! A document is a separate response that the page shows with `img`. It has no style and no script and loads
//! nothing, so it works under the same strict policy as a page. Its background is white also on dark
//! pages, because scanners require it.

use std::fmt::Write as _;

use maud::html;
use qrcodegen::{QrCode, QrCodeEcc};

/// Width of the white margin in modules (ISO/IEC 18004, 5.3.8).
const QUIET_ZONE: i32 = 4;

/// Draws a text as a QR code. Returns `None` if the text has more than 2,953 bytes.
///
/// ```
/// let svg = kunci_maud::qr_svg("otpauth://totp/Kunci:ada").unwrap_or_default();
/// assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
/// ```
#[must_use]
pub fn qr_svg(text: &str) -> Option<String> {
    // A screen does not wear off, so the lowest error correction is enough and gives the smallest code.
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let side = code.size() + 2 * QUIET_ZONE;
    let document = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (side) " " (side) }
            shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path fill="#000" d=(dark_modules(&code)) {}
        }
    };
    Some(document.into_string())
}

/// Returns the dark modules as one path. Each run within a row is a rectangle.
fn dark_modules(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            if run > 0 {
                // Writing to a `String` never fails.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET_ZONE, y + QUIET_ZONE);
            }
            // The module after a run is light.
            x += i32::try_from(run).unwrap_or(0) + 1;
        }
    }
    path
}
