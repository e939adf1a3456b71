//! `/account/second-factor` and its twins in the API: setting a second factor up, and switching it off.
//!
//! It is open to who has yet to set one up. Recovery codes are shown once, in the answer that makes them.

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
use crate::fields::Key;
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, redirect, refused, reply, say, with_body};
use crate::times::{for_people, rfc3339};

const KEYS: [Key; 1] = [Key::Text("code")];
const PAGE: &str = "/account/second-factor";

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let user = request.require_account()?.clone();
    let seed = waiting(request)?;
    Ok(reply(
        request,
        |_| line(&user, seed.is_some()),
        |request| value(request, &user, seed.is_some()),
        |request| html(page(request, seed.as_ref(), None)),
    ))
}

/// The seed that waits for its first code, as far as who asks has proved lately that it is theirs. One that
/// cannot be read is as good as none: setting up begins anew.
fn waiting(request: &Request) -> Result<Option<TotpSeed>, Error> {
    match enrolment(&request.session) {
        Ok(seed) => Ok(Some(seed)),
        Err(EnrolError::Store(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

fn line(user: &User, waiting: bool) -> String {
    match &user.second_factor {
        Some(factor) => format!(
            "The second factor is on since {}; {} recovery codes are left",
            for_people(factor.since),
            factor.recovery.len()
        ),
        None if waiting => "The second factor waits for its first code".to_owned(),
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
    request.around.core.accounts.second_factor.asks(user)
}

pub(crate) fn begin(request: &mut Request) -> Result<Response, Error> {
    let user = request.fresh_account()?.clone();
    let seed = match begin_enrolment(request.session()).map_err(Error::from) {
        Ok(seed) => seed,
        Err(error) => return again(request, error),
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
        Err(error) => again(request, error),
    }
}

pub(crate) fn disable(request: &mut Request) -> Result<Response, Error> {
    request.fresh_account()?;
    match disable_second_factor(request.session()).map_err(Error::from) {
        Ok(()) => Ok(say(request, "Second factor off", |request| {
            // It is off, also when the session has no room left for saying so.
            let _ = request.session().flash("The second factor is off.");
            redirect(PAGE)
        })),
        Err(error) => again(request, error),
    }
}

/// The waiting seed for an authenticator's camera; gone as soon as nothing waits.
pub(crate) fn show_qr(request: &mut Request) -> Result<Response, Error> {
    let user = request.fresh_account()?.clone();
    let seed = waiting(request)?.ok_or(Error::NotFound)?;
    let image = qr_svg(&uri(request, &user, &seed)).ok_or(Error::NotFound)?;
    Ok(with_body("image/svg+xml", image))
}

/// The page once more, where a person can do something about the error.
pub(super) fn again(request: &mut Request, error: Error) -> Result<Response, Error> {
    let own = matches!(
        error,
        Error::WrongFirstCode
            | Error::SecondFactorThere
            | Error::NoSecondFactor
            | Error::EnrolmentNotBegun
            | Error::SecondFactorRequired
    );
    if request.representation() != Representation::Page || !(own || error.is_for_later()) {
        return Err(error);
    }
    let seed = waiting(request)?;
    let page = page(request, seed.as_ref(), Some(&error));
    Ok(refused(&error, html(page)))
}

fn page(request: &mut Request, seed: Option<&TotpSeed>, error: Option<&Error>) -> kunci_maud::Markup {
    let notices = request.session().take_flashes();
    let account = request.session.account();
    let problem = error.map(ToString::to_string);
    let of_code = matches!(error, Some(Error::WrongFirstCode));
    let secret = seed.map_or_else(Zeroizing::default, TotpSeed::expose_text);
    let uri = match (account, seed) {
        (Some(user), Some(seed)) => uri(request, user, seed),
        _ => Zeroizing::default(),
    };
    let factor = account.and_then(|user| user.second_factor.as_ref());
    let since = factor.map(|factor| for_people(factor.since));
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
        held_back: request.session.enrolling().is_some(),
        form_problem: problem.as_deref().filter(|_| !of_code),
        notices: &notices,
    })
}
