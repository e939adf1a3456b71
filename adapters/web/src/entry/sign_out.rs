//! `/logout` and `/logout_all`. Signing out requires no re-authentication and may be repeated.

use http::header;
use kunci_domain::use_cases::{sign_out, sign_out_everywhere};
use kunci_maud::{SignOutPage, sign_out_page};

use crate::errors::Error;
use crate::kit::{
    Access, Endpoint, Representation, Request, Response, html, message_or_page, redirect, with_error,
};

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get("/logout", Access::Anyone, |request| show(request, false)),
    Endpoint::post("/logout", Access::Anyone, submit),
    Endpoint::delete("/api/v1/session", Access::Anyone, submit),
    Endpoint::get("/logout_all", Access::Anyone, |request| show(request, true)),
    Endpoint::post("/logout_all", Access::Anyone, submit_everywhere),
];

fn show(request: &mut Request, everywhere: bool) -> Result<Response, Error> {
    message_or_page(request, "Send POST to log out", |request| {
        Ok(html(sign_out_page(&SignOutPage {
            // Users who must set up a second factor first can also sign out.
            name: request.session.account().map(|user| user.name.as_str()),
            everywhere,
        })))
    })
}

fn submit(request: &mut Request) -> Result<Response, Error> {
    sign_out(request.session())?;
    message_or_page(request, "Logged out", |request| Ok(redirect_to_sign_in(request)))
}

fn submit_everywhere(request: &mut Request) -> Result<Response, Error> {
    match sign_out_everywhere(request.session()).map_err(Error::from) {
        Err(Error::NotSignedIn) if request.representation() == Representation::Page => {
            let page = html(sign_out_page(&SignOutPage {
                name: None,
                everywhere: true,
            }));
            return Ok(evicting_pages(request, with_error(&Error::NotSignedIn, page)));
        }
        signed_out => signed_out?,
    }
    message_or_page(request, "Logged out from all sessions", |request| {
        Ok(redirect_to_sign_in(request))
    })
}

/// Redirects to the sign-in form after signing out.
pub(crate) fn redirect_to_sign_in(request: &Request) -> Response {
    evicting_pages(request, redirect("/login"))
}

/// Returns a response to signing out. Going back from there does not show the user's pages again (OWASP ASVS
/// 5.0, 14.3.1).
///
/// Chromium (156) puts `no-store` pages into its back/forward cache. It evicts a page if more `HttpOnly`
/// cookies have changed since the navigation to the page than that navigation set. It subtracts the cookies
/// of that navigation even if it did not observe their change. The page after a sign-in set one cookie, so
/// removing the session cookie is not enough: two cookies must change. In a test,
/// `Clear-Site-Data: "cache"` on this response made no difference.
fn evicting_pages(request: &Request, mut response: Response) -> Response {
    // Browsers send this header with every navigation. Other clients do not need the second cookie.
    if request.headers().contains_key(header::UPGRADE_INSECURE_REQUESTS)
        && let Some(cookie) = request.state.settings.cookie.change_marker()
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
