//! `/link` and its twin in the API: following a link, which acts only when a form or a program says so.
//!
//! The token leaves the address bar at once, for a cookie that no page and no other site can read; looking
//! at a link, as programs that check mails do, uses nothing up.

use kunci_domain::use_cases::{SignedIn, confirm_address, look_at_link, reset_password, sign_in_by_link};
use kunci_domain::{EmailAddress, LinkToken, OneTimeToken, Purpose, User};
use kunci_maud::{Link, LinkPage, link_page};
use serde_json::json;

use super::arrival::arrive;
use super::password::new_password;
use super::sign_in::code_needed;
use crate::errors::Error;
use crate::fields::{Fields, Key};
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, redirect, refused, reply, say};

const KEYS: [Key; 2] = [Key::Text("token"), Key::Text("new_password")];

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    if let Some(token) = request.query("token") {
        return take_over(request, &token);
    }
    let token = carried(request)?;
    let found = look_at_link(&request.session, &token)?;
    if invites(found.purpose) {
        return Ok(redirect("/register"));
    }
    let owner = owner(request, &found)?;
    Ok(reply(
        request,
        |_| ask(found.purpose).to_owned(),
        |_| json!({"purpose": found.purpose.as_str(), "message": ask(found.purpose)}),
        |request| html(page(request, &found, owner.as_ref(), None)),
    ))
}

/// Swaps the token in the address for the cookie; nothing else happens.
fn take_over(request: &mut Request, token: &str) -> Result<Response, Error> {
    let token = LinkToken::parse(token).map_err(|_| Error::LinkDead)?;
    request.tell(request.link_cookie().set(&token));
    Ok(redirect("/link"))
}

fn carried(request: &Request) -> Result<LinkToken, Error> {
    let cookie = request.link_cookie();
    cookie.read(request.headers()).ok_or(Error::LinkDead)
}

const fn invites(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Invitation | Purpose::SetUp)
}

const fn ask(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::ConfirmAddress | Purpose::ChangeAddress => "Send POST to confirm the address",
        Purpose::ResetPassword => "Send new_password as a form by POST",
        Purpose::SignIn => "Send POST to sign in",
        Purpose::Invitation | Purpose::SetUp => "Make an account at /register",
    }
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    let fields = fields(request)?;
    let token = match fields.get("token") {
        Some(token) => LinkToken::parse(token).map_err(|_| Error::LinkDead),
        None => carried(request),
    };
    let outcome = token.and_then(|token| follow(request, &token, &fields));
    if is_over(&outcome) && carried(request).is_ok() {
        request.tell(request.link_cookie().remove());
    }
    outcome
}

/// Whether the link is of no more use: it worked, as far as it goes, or it is dead.
fn is_over(outcome: &Result<Response, Error>) -> bool {
    match outcome {
        Ok(answer) => answer.status().is_success() || answer.status().is_redirection(),
        Err(error) => matches!(
            error,
            Error::LinkDead | Error::CodeNeeded | Error::SecondFactorNeeded
        ),
    }
}

/// What came along; a button sends nothing, and says not even what it sends it as.
fn fields(request: &Request) -> Result<Fields, Error> {
    if request.body().is_empty() && !request.is_api() {
        return Ok(Fields::none());
    }
    request.fields(&KEYS)
}

/// Does what the link is for.
fn follow(request: &mut Request, token: &LinkToken, fields: &Fields) -> Result<Response, Error> {
    let found = look_at_link(&request.session, token)?;
    let outcome = match found.purpose {
        Purpose::ConfirmAddress | Purpose::ChangeAddress => confirm(request, token, &found),
        Purpose::ResetPassword => reset(request, token, fields),
        Purpose::SignIn => sign_in(request, token),
        Purpose::Invitation | Purpose::SetUp => Err(Error::LinkInvites),
    };
    outcome.or_else(|error| again(request, &found, error))
}

fn confirm(request: &mut Request, token: &LinkToken, found: &OneTimeToken) -> Result<Response, Error> {
    confirm_address(request.session(), token)?;
    let owner = found.account.map(|(owner, _)| owner);
    Ok(say(request, "Address confirmed", |request| {
        match request.session.account().map(|user| user.id) {
            // Mail is often read on a device that is signed out.
            None => redirect("/login?confirmed"),
            // Whoever else is signed in here is none the wiser.
            viewer if viewer != owner => redirect("/login"),
            _ => {
                // The address is confirmed, also when the session has no room left for saying so.
                let _ = request.session().flash("Your e-mail address is confirmed.");
                redirect("/account")
            }
        }
    }))
}

fn reset(request: &mut Request, token: &LinkToken, fields: &Fields) -> Result<Response, Error> {
    let new = new_password(fields)?;
    reset_password(request.session(), token, new)?;
    Ok(say(request, "Password changed", |_| redirect("/login?changed")))
}

fn sign_in(request: &mut Request, token: &LinkToken) -> Result<Response, Error> {
    let devices = request.devices();
    match sign_in_by_link(request.session(), token, &devices)? {
        SignedIn::Complete => arrive(request, None),
        SignedIn::CodeNeeded => code_needed(request, None),
    }
}

/// The page of the link once more, where a person can do something about the error.
fn again(request: &Request, found: &OneTimeToken, error: Error) -> Result<Response, Error> {
    let own = matches!(error, Error::BadPassword(_) | Error::PasswordsDiffer);
    if request.representation() == Representation::Page && (own || error.is_for_later()) {
        let owner = owner(request, found)?;
        let page = page(request, found, owner.as_ref(), Some(&error));
        Ok(refused(&error, html(page)))
    } else {
        Err(error)
    }
}

/// Whose account a link opens, so that nobody takes another one for their own. A link that only confirms an
/// address names nobody, as it may have come to somebody else.
fn owner(request: &Request, found: &OneTimeToken) -> Result<Option<User>, Error> {
    let opens = matches!(found.purpose, Purpose::ResetPassword | Purpose::SignIn);
    match found.account.filter(|_| opens) {
        Some((id, _)) => Ok(request.around.core.users.find(id)?),
        None => Ok(None),
    }
}

fn page(
    request: &Request,
    found: &OneTimeToken,
    owner: Option<&User>,
    error: Option<&Error>,
) -> kunci_maud::Markup {
    let name = owner.map(|user| user.name.as_str());
    let problem = error.map(ToString::to_string);
    let of_form = error.is_some_and(Error::is_for_later);
    let link = match found.purpose {
        Purpose::ConfirmAddress | Purpose::ChangeAddress => Link::ConfirmAddress {
            address: found.address.as_ref().map(EmailAddress::as_str),
        },
        Purpose::ResetPassword => Link::ChoosePassword {
            name,
            new_problem: problem.as_deref().filter(|_| !of_form),
        },
        Purpose::SignIn => Link::SignIn { name },
        Purpose::Invitation | Purpose::SetUp => Link::Dead,
    };
    link_page(&LinkPage {
        link,
        form_problem: problem.as_deref().filter(|_| of_form),
        viewer: request.viewer(),
    })
}
