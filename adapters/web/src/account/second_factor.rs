//! `/account/second-factor` and its API routes: setting up a second factor, and turning it off.
//!
//! The routes are open to users who must set up a second factor first. Recovery codes are shown only in the
//! response that creates them.

use kunci_domain::use_cases::{
    EnrolError, begin_enrolment, disable_second_factor, enrolment, finish_enrolment,
};
use kunci_domain::{TotpSeed, User};
use kunci_maud::{SecondFactorPage, SecondFactorState, Secret, qr_svg, second_factor_page};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::authenticator::uri;
use super::recovery_codes::show_codes;
use crate::errors::Error;
use crate::kit::fields::Key;
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, redirect, reply, reply_message, with_body, with_error};
use crate::kit::times::{human_readable, rfc3339};

const KEYS: [Key; 1] = [Key::Text("code")];
const PAGE: &str = "/account/second-factor";

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let user = request.require_account()?.clone();
    let seed = pending_seed(request)?;
    Ok(reply(
        request,
        |_| line(&user, seed.is_some()),
        |request| value(request, &user, seed.is_some()),
        |request| html(page(request, seed.as_ref(), None)),
    ))
}

/// Returns the seed that is waiting for its first code, if the user has re-authenticated recently.
///
/// An unreadable seed counts as absent, so the set-up starts again.
fn pending_seed(request: &Request) -> Result<Option<TotpSeed>, Error> {
    match enrolment(&request.session) {
        Ok(seed) => Ok(Some(seed)),
        Err(EnrolError::Store(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

fn line(user: &User, waiting: bool) -> String {
    match &user.second_factor {
        Some(factor) => format!(
            "The second factor has been on since {}; {} recovery codes are left",
            human_readable(factor.since),
            factor.recovery.len()
        ),
        None if waiting => "The second factor is waiting for its first code".to_owned(),
        None => "The second factor is off".to_owned(),
    }
}

fn value(request: &Request, user: &User, waiting: bool) -> Value {
    let factor = user.second_factor.as_ref();
    json!({
        "enabled": factor.is_some(),
        "since": factor.map(|factor| rfc3339(factor.since)),
        "recovery_codes_left": factor.map_or(0, |factor| factor.recovery.len()),
        "waiting": waiting,
        "required": is_required(request, user),
    })
}

fn is_required(request: &Request, user: &User) -> bool {
    request.state.core.account_policy.second_factor.asks(user)
}

pub(crate) fn begin(request: &mut Request) -> Result<Response, Error> {
    let user = request.fresh_account()?.clone();
    let seed = match begin_enrolment(request.session()).map_err(Error::from) {
        Ok(seed) => seed,
        Err(error) => return redisplay(request, error),
    };
    let (secret, uri) = (seed.expose_text(), uri(request, &user, &seed));
    Ok(reply(
        request,
        |_| format!("{}\n{}", *secret, *uri),
        |_| json!({"secret": *secret, "uri": *uri}),
        |_| redirect(PAGE),
    ))
}

pub(crate) fn confirm(request: &mut Request) -> Result<Response, Error> {
    request.fresh_account()?;
    let fields = request.fields(&KEYS)?;
    let code = fields.require("code")?;
    match finish_enrolment(request.session(), code).map_err(Error::from) {
        Ok(codes) => Ok(show_codes(request, &codes)),
        Err(error) => redisplay(request, error),
    }
}

pub(crate) fn disable(request: &mut Request) -> Result<Response, Error> {
    request.fresh_account()?;
    match disable_second_factor(request.session()).map_err(Error::from) {
        Ok(()) => Ok(reply_message(request, "Second factor off", |request| {
            // If the session is full, the notice is dropped.
            let _ = request.session().flash("The second factor is off.");
            redirect(PAGE)
        })),
        Err(error) => redisplay(request, error),
    }
}

/// Returns the QR code of the seed that is waiting for its first code, or 404 without such a seed.
pub(crate) fn show_qr(request: &mut Request) -> Result<Response, Error> {
    let user = request.fresh_account()?.clone();
    let seed = pending_seed(request)?.ok_or(Error::NotFound)?;
    let image = qr_svg(&uri(request, &user, &seed)).ok_or(Error::NotFound)?;
    Ok(with_body("image/svg+xml", image))
}

/// Shows the page again if the user can correct the error.
pub(super) fn redisplay(request: &mut Request, error: Error) -> Result<Response, Error> {
    let correctable = matches!(
        error,
        Error::WrongEnrolmentCode
            | Error::SecondFactorExists
            | Error::NoSecondFactor
            | Error::EnrolmentNotBegun
            | Error::SecondFactorRequired
    );
    if request.representation() != Representation::Page || !(correctable || error.is_temporary()) {
        return Err(error);
    }
    let seed = pending_seed(request)?;
    let page = page(request, seed.as_ref(), Some(&error));
    Ok(with_error(&error, html(page)))
}

fn page(request: &mut Request, seed: Option<&TotpSeed>, error: Option<&Error>) -> kunci_maud::Markup {
    let notices = request.session().take_flashes();
    let account = request.session.account();
    let problem = error.map(ToString::to_string);
    let of_code = matches!(error, Some(Error::WrongEnrolmentCode));
    let secret = seed.map_or_else(Zeroizing::default, TotpSeed::expose_text);
    let uri = match (account, seed) {
        (Some(user), Some(seed)) => uri(request, user, seed),
        _ => Zeroizing::default(),
    };
    let factor = account.and_then(|user| user.second_factor.as_ref());
    let since = factor.map(|factor| human_readable(factor.since));
    let state = match (factor, since.as_deref(), seed) {
        (Some(factor), Some(since), _) => SecondFactorState::On {
            since,
            recovery_codes_left: factor.recovery.len(),
        },
        (_, _, Some(_)) => SecondFactorState::Waiting {
            secret: Secret(&secret),
            uri: Secret(&uri),
            code_problem: problem.as_deref().filter(|_| of_code),
        },
        _ => SecondFactorState::Off,
    };
    second_factor_page(&SecondFactorPage {
        name: account.map_or("", |user| user.name.as_str()),
        state,
        required: account.is_some_and(|user| is_required(request, user)),
        restricted: request.session.enrolling().is_some(),
        form_problem: problem.as_deref().filter(|_| !of_code),
        notices: &notices,
    })
}
