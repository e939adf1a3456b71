//! `/account/recovery-codes` and its API route: replacing all recovery codes.

use kunci_domain::RecoveryCode;
use kunci_domain::use_cases::renew_recovery_codes;
use kunci_maud::{RecoveryCodesPage, Secret, recovery_codes_page};
use serde_json::json;
use zeroize::Zeroizing;

use super::second_factor::redisplay;
use crate::errors::Error;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, reply};

pub(crate) fn renew(request: &mut Request) -> Result<Response, Error> {
    request.fresh_account()?;
    match renew_recovery_codes(request.session()).map_err(Error::from) {
        Ok(codes) => Ok(show_codes(request, &codes)),
        Err(error) => redisplay(request, error),
    }
}

/// Returns the response with new codes, which is the only one that shows them.
pub(super) fn show_codes(request: &mut Request, codes: &[RecoveryCode]) -> Response {
    let codes: Vec<Zeroizing<String>> = codes.iter().map(RecoveryCode::expose_text).collect();
    let texts: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    reply(
        request,
        |_| texts.join("\n"),
        |_| json!({"recovery_codes": texts}),
        |request| {
            let codes: Vec<Secret<'_>> = texts.iter().map(|code| Secret(code)).collect();
            html(recovery_codes_page(&RecoveryCodesPage {
                name: request.viewer().unwrap_or_default(),
                codes: &codes,
            }))
        },
    )
}
