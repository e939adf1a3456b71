//! QR codes as SVG documents.
//!
//! Such a document is served on its own and shown by `img`, under the same strict policy as a page: it has no
//! style, no script, and asks for nothing. Its ground is white in dark pages, too, or scanners fail.

use std::fmt::Write as _;

use maud::html;
use qrcodegen::{QrCode, QrCodeEcc};

/// How many modules of white surround a code (ISO/IEC 18004, 5.3.8).
const QUIET_ZONE: i32 = 4;

/// Draws a text as a QR code; `None` when it is too long for one, which is at 2,953 bytes.
///
/// ```
/// let svg = kunci_maud::qr_svg("otpauth://totp/Kunci:ada").unwrap_or_default();
/// assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
/// ```
#[must_use]
pub fn qr_svg(text: &str) -> Option<String> {
    // It is shown on a screen, where nothing wears off; the version is then as small as can be.
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

/// The dark modules as one path: each run of them within a row is a rectangle.
fn dark_modules(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            if run > 0 {
                // Writing to a string cannot fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET_ZONE, y + QUIET_ZONE);
            }
            // The module after a run is light.
            x += i32::try_from(run).unwrap_or(0) + 1;
        }
    }
    path
}
