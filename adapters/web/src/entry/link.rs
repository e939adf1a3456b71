//! `/link` and its API route: following a link from an email or an operator.
//!
//! `GET` moves the token from the address bar to a cookie that scripts and other sites cannot read. Only
//! `POST` uses a link up, so programs that scan emails do not.

use kunci_domain::use_cases::{SignedIn, confirm_address, inspect_link, reset_password, sign_in_by_link};
use kunci_domain::{EmailAddress, LinkToken, OneTimeToken, Purpose, User};
use kunci_maud::{Link, LinkPage, Markup, link_page};
use serde_json::json;

use super::after_sign_in::finish_sign_in;
use super::sign_in::code_needed;
use crate::errors::Error;
use crate::kit::{
    Access, Done, Endpoint, Fields, Key, Problems, Request, Response, View, html, redirect, redisplay,
};

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get("/link", Access::Anyone, show),
    Endpoint::post("/link", Access::Anyone, submit),
    Endpoint::post("/api/v1/link", Access::Anyone, submit),
];

const KEYS: [Key; 2] = [Key::Text("token"), Key::Text("new_password")];

fn show(request: &mut Request) -> Result<Response, Error> {
    if let Some(token) = request.query("token") {
        return move_token_to_cookie(request, &token);
    }
    let token = token_from_cookie(request)?;
    let found = inspect_link(&request.session, &token)?;
    if invites(found.purpose) {
        return Ok(redirect("/register"));
    }
    let owner = owner(request, &found)?;
    View {
        text: |_| instruction(found.purpose).to_owned(),
        json: |_| json!({"purpose": found.purpose.as_str(), "message": instruction(found.purpose)}),
        page: |request| Ok(html(page(request, &found, owner.as_ref(), &Problems::default()))),
    }
    .render(request)
}

/// Moves the token from the address to the cookie.
fn move_token_to_cookie(request: &mut Request, token: &str) -> Result<Response, Error> {
    let token = LinkToken::parse(token).map_err(|_| Error::LinkDead)?;
    request.set_cookie(request.link_cookie().set(&token));
    Ok(redirect("/link"))
}

fn token_from_cookie(request: &Request) -> Result<LinkToken, Error> {
    let cookie = request.link_cookie();
    cookie.read(request.headers()).ok_or(Error::LinkDead)
}

const fn invites(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Invitation | Purpose::SetUp)
}

const fn instruction(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::ConfirmAddress | Purpose::ChangeAddress => "Send POST to confirm the address",
        Purpose::ResetPassword => "Send new_password as a form by POST",
        Purpose::SignIn => "Send POST to sign in",
        Purpose::Invitation | Purpose::SetUp => "Create an account at /register",
    }
}

fn submit(request: &mut Request) -> Result<Response, Error> {
    let fields = fields(request)?;
    let token = match fields.get("token") {
        Some(token) => LinkToken::parse(token).map_err(|_| Error::LinkDead),
        None => token_from_cookie(request),
    };
    let outcome = token.and_then(|token| follow(request, &token, &fields));
    if is_finished(&outcome) && token_from_cookie(request).is_ok() {
        request.set_cookie(request.link_cookie().remove());
    }
    outcome
}

/// Returns whether the link is used up or does not work, so its cookie can be removed.
fn is_finished(outcome: &Result<Response, Error>) -> bool {
    match outcome {
        Ok(answer) => answer.status().is_success() || answer.status().is_redirection(),
        Err(error) => matches!(
            error,
            Error::LinkDead | Error::CodeNeeded | Error::SecondFactorNeeded
        ),
    }
}

/// Returns the fields of the body. A form with only a button sends an empty body without a media type.
fn fields(request: &Request) -> Result<Fields, Error> {
    if request.body().is_empty() && !request.is_api() {
        return Ok(Fields::none());
    }
    request.fields(&KEYS)
}

/// Performs the action of the link.
fn follow(request: &mut Request, token: &LinkToken, fields: &Fields) -> Result<Response, Error> {
    let found = inspect_link(&request.session, token)?;
    let outcome = match found.purpose {
        Purpose::ConfirmAddress | Purpose::ChangeAddress => confirm(request, token, &found),
        Purpose::ResetPassword => reset(request, token, fields),
        Purpose::SignIn => sign_in(request, token),
        Purpose::Invitation | Purpose::SetUp => Err(Error::LinkIsInvitation),
    };
    outcome.or_else(|error| {
        redisplay(request, error, problems, |request, problems| {
            let owner = owner(request, &found)?;
            Ok(page(request, &found, owner.as_ref(), problems))
        })
    })
}

fn confirm(request: &mut Request, token: &LinkToken, found: &OneTimeToken) -> Result<Response, Error> {
    confirm_address(request.session(), token)?;
    let owner = found.account.map(|(owner, _)| owner);
    let done = |next| Done::new("Address confirmed", next);
    match request.session.account().map(|user| user.id) {
        // Users often read email on a device that is signed out.
        None => done("/login?confirmed"),
        // Another user is signed in, who must not learn about this account.
        viewer if viewer != owner => done("/login"),
        _ => done("/account").with_notice("Your email address is confirmed."),
    }
    .answer(request)
}

fn reset(request: &mut Request, token: &LinkToken, fields: &Fields) -> Result<Response, Error> {
    let owner = reset_password(request.session(), token, fields.new_password()?.to_owned())?;
    // However many strangers guess at this account, its owner can now sign in on this device.
    request.remember_device_of(owner.id, owner.epoch);
    Done::new("Password changed", "/login?changed").answer(request)
}

fn sign_in(request: &mut Request, token: &LinkToken) -> Result<Response, Error> {
    let devices = request.devices();
    match sign_in_by_link(request.session(), token, &devices)? {
        SignedIn::Complete => finish_sign_in(request, None),
        SignedIn::CodeNeeded => code_needed(request, None),
    }
}

fn problems(error: &Error) -> Option<Problems> {
    match error {
        Error::BadPassword(_) | Error::PasswordsDiffer => Problems::at("new_password", error),
        _ => None,
    }
}

/// Returns the owner of the account that a link opens, so the page can show whose account it is.
///
/// A link that only confirms an address shows no owner, because it may have reached another person.
fn owner(request: &Request, found: &OneTimeToken) -> Result<Option<User>, Error> {
    let opens = matches!(found.purpose, Purpose::ResetPassword | Purpose::SignIn);
    match found.account.filter(|_| opens) {
        Some((id, _)) => Ok(request.state.core.accounts.find(id)?),
        None => Ok(None),
    }
}

fn page(request: &Request, found: &OneTimeToken, owner: Option<&User>, problems: &Problems) -> Markup {
    let name = owner.map(|user| user.name.as_str());
    let link = match found.purpose {
        Purpose::ConfirmAddress | Purpose::ChangeAddress => Link::ConfirmAddress {
            address: found.address.as_ref().map(EmailAddress::as_str),
        },
        Purpose::ResetPassword => Link::ChoosePassword {
            name,
            new_problem: problems.of("new_password"),
        },
        Purpose::SignIn => Link::SignIn { name },
        Purpose::Invitation | Purpose::SetUp => Link::Dead,
    };
    link_page(&LinkPage {
        link,
        form_problem: problems.of_form(),
        viewer: request.viewer(),
    })
}
