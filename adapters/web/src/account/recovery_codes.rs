//! The response with new recovery codes, which is the only one that shows them.

use kunci_domain::RecoveryCode;
use kunci_maud::{RecoveryCodesPage, Secret, recovery_codes_page};
use serde_json::json;
use zeroize::Zeroizing;

use crate::errors::Error;
use crate::kit::{Request, Response, View, html};

pub(super) fn show_codes(request: &mut Request, codes: &[RecoveryCode]) -> Result<Response, Error> {
    let codes: Vec<Zeroizing<String>> = codes.iter().map(RecoveryCode::expose_text).collect();
    let texts: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    View {
        text: |_| texts.join("\n"),
        json: |_| json!({"recovery_codes": texts}),
        page: |request| {
            let codes: Vec<Secret<'_>> = texts.iter().map(|code| Secret(code)).collect();
            Ok(html(recovery_codes_page(&RecoveryCodesPage {
                name: request.viewer().unwrap_or_default(),
                codes: &codes,
            })))
        },
    }
    .render(request)
}
