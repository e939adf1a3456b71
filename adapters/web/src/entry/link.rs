//! `/link` and its API route: following a link from an email or an operator.
//!
//! `GET` moves the token from the address bar to a cookie, and from there to a hidden field of the form. Only
//! `POST` uses a link up, so programs that scan emails do not.

use kunci_domain::use_cases::{SignedIn, confirm_address, inspect_link, reset_password, sign_in_by_link};
use kunci_domain::{EmailAddress, LinkToken, OneTimeToken, Purpose, User, UserId};
use kunci_maud::{Link, LinkPage, Markup, Secret, link_page};
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
    let cookie = request.link_cookie();
    let token = cookie.read(request.headers()).ok_or(Error::CookieNeeded)?;
    let found = inspect_link(&request.session, &token)?;
    if invites(found.purpose) {
        return Ok(redirect("/register"));
    }
    View {
        text: |_| instruction(found.purpose).to_owned(),
        json: |_| json!({"purpose": found.purpose.as_str(), "message": instruction(found.purpose)}),
        page: |request| page(request, &token, &found, &Problems::default()).map(html),
    }
    .render(request)
}

/// Moves the token from the address to the cookie.
fn move_token_to_cookie(request: &mut Request, token: &str) -> Result<Response, Error> {
    let token = LinkToken::parse(token).map_err(|_| Error::LinkDead)?;
    request.set_cookie(request.link_cookie().set(&token));
    Ok(redirect("/link"))
}

/// Returns whether a link with this purpose creates an account.
pub(super) const fn invites(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Invitation | Purpose::SetUp)
}

const fn instruction(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::ConfirmAddress | Purpose::ChangeAddress => {
            "Send token as a form by POST to confirm the address"
        }
        Purpose::ResetPassword => "Send token and new_password as a form by POST",
        Purpose::SignIn => "Send token as a form by POST to sign in",
        Purpose::Invitation | Purpose::SetUp => "Create an account at /register",
    }
}

/// Performs the action of the link whose token the form carries.
fn submit(request: &mut Request) -> Result<Response, Error> {
    let fields = request.fields(&KEYS)?;
    let token = LinkToken::parse(fields.require("token")?).map_err(|_| Error::LinkDead)?;
    let found = inspect_link(&request.session, &token)?;
    let outcome = match found.purpose {
        Purpose::ConfirmAddress | Purpose::ChangeAddress => confirm(request, &token, &found),
        Purpose::ResetPassword => reset(request, &token, &fields),
        Purpose::SignIn => sign_in(request, &token),
        Purpose::Invitation | Purpose::SetUp => Err(Error::LinkIsInvitation),
    };
    outcome.or_else(|error| {
        redisplay(request, error, problems, |request, problems| {
            page(request, &token, &found, problems)
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
    let done = |next| Done::new("Password changed", next);
    match other_user(request, Some(owner.id)) {
        // Without the name, the signed-in user could think that their own password was changed.
        Some(viewer) => done("/profile").with_notice(format!(
            "The password of {} has been changed. You are still signed in as {viewer}.",
            owner.name.as_str()
        )),
        None => done("/login?changed"),
    }
    .answer(request)
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

/// Returns the name of the user who is signed in, unless it is the owner of the link.
fn other_user(request: &Request, owner: Option<UserId>) -> Option<&str> {
    let viewer = request.session.account()?;
    (Some(viewer.id) != owner).then(|| viewer.name.as_str())
}

fn page(
    request: &Request,
    token: &LinkToken,
    found: &OneTimeToken,
    problems: &Problems,
) -> Result<Markup, Error> {
    let owner = owner(request, found)?;
    let name = owner.as_ref().map(|user| user.name.as_str());
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
    Ok(link_page(&LinkPage {
        link,
        token: Secret(&token.expose()),
        other_user: other_user(request, found.account.map(|(owner, _)| owner)),
        form_problem: problems.of_form(),
        viewer: request.viewer(),
    }))
}
