//! `/logout` and `/logout_all`: always at once, and as often as one likes.

use http::header;
use kunci_domain::OpenSession;
use kunci_domain::ports::StoreError;
use kunci_domain::use_cases::{sign_out, sign_out_everywhere};
use kunci_maud::{SignOutPage, sign_out_page};

use crate::cookies::parting;
use crate::errors::Error;
use crate::request::Request;
use crate::responses::{Response, html, redirect, say};

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    Ok(ask(request, false))
}

pub(crate) fn show_everywhere(request: &mut Request) -> Result<Response, Error> {
    Ok(ask(request, true))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    end(request, sign_out, "Logged out")
}

pub(crate) fn submit_everywhere(request: &mut Request) -> Result<Response, Error> {
    end(request, sign_out_everywhere, "Logged out from all sessions")
}

fn ask(request: &mut Request, everywhere: bool) -> Response {
    say(request, "Send POST to log out", |request| {
        html(sign_out_page(&SignOutPage {
            // Who has yet to set up a second factor signs out, too.
            name: request.session.account().map(|user| user.name.as_str()),
            everywhere,
        }))
    })
}

fn end(
    request: &mut Request,
    use_case: fn(&mut OpenSession) -> Result<(), StoreError>,
    done: &'static str,
) -> Result<Response, Error> {
    use_case(request.session())?;
    Ok(say(request, done, |request| leave(request)))
}

/// The way to the sign-in form, such that going back from there does not show the user's pages again
/// (OWASP ASVS 5.0, 14.3.1).
///
/// Chromium (156) puts `no-store` pages into its back/forward cache and drops those since whose navigation
/// more `HttpOnly` cookies changed than that navigation itself had set. It takes the latter off even where it
/// has not seen them change, and the page after a sign-in had set one: that one goes is not enough, two must
/// change. `Clear-Site-Data: "cache"` with this answer was seen to make no difference.
pub(super) fn leave(request: &Request) -> Response {
    let mut response = redirect("/login");
    // Browsers say this with every navigation; nobody else has a back button and needs a second cookie.
    if request.headers().contains_key(header::UPGRADE_INSECURE_REQUESTS)
        && let Some(cookie) = parting(request.around.settings.is_https())
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
