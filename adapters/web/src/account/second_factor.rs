//! `/account/second-factor` and its API routes: setting up a second factor, and turning it off.
//!
//! The routes are open to users who must set up a second factor first. Recovery codes are shown only in the
//! response that creates them.

use kunci_domain::use_cases::{
    begin_enrolment, disable_second_factor, enrolment, finish_enrolment, renew_recovery_codes,
};
use kunci_domain::{TotpSeed, User};
use kunci_maud::{Markup, SecondFactorPage, SecondFactorState, Secret, qr_svg, second_factor_page};
use serde_json::{Value, json};

use super::authenticator::uri;
use super::recovery_codes::show_codes;
use crate::errors::Error;
use crate::kit::{
    Access, Done, Endpoint, Fields, FormPage, Key, Problems, Request, Response, View, human_readable,
    redirect, rfc3339, with_body,
};

const PAGE: &str = "/account/second-factor";
const API: &str = "/api/v1/account/second-factor";

pub(crate) const ROUTES: &[Endpoint] = &[
    Endpoint::get(PAGE, Access::Account, show),
    Endpoint::get("/account/second-factor/qr.svg", Access::FreshAccount, show_qr).on_page(PAGE),
    Endpoint::post("/account/second-factor/begin", Access::FreshAccount, begin).on_page(PAGE),
    Endpoint::post("/account/second-factor/confirm", Access::FreshAccount, confirm).on_page(PAGE),
    Endpoint::post("/account/second-factor/disable", Access::FreshAccount, disable).on_page(PAGE),
    Endpoint::post("/account/recovery-codes", Access::FreshAccount, renew_codes).on_page(PAGE),
    Endpoint::get(API, Access::Account, show),
    Endpoint::post(API, Access::FreshAccount, begin),
    Endpoint::put(API, Access::FreshAccount, confirm),
    Endpoint::delete(API, Access::FreshAccount, disable),
    Endpoint::post(
        "/api/v1/account/recovery-codes",
        Access::FreshAccount,
        renew_codes,
    ),
];

const FORM: FormPage = FormPage {
    keys: &[Key::Text("code")],
    problems,
    page,
};

fn show(request: &mut Request) -> Result<Response, Error> {
    let user = request.whole_account()?;
    let waiting = pending_seed(request).is_some();
    View {
        text: |_| line(&user, waiting),
        json: |request| value(request, &user, waiting),
        page: |request| FORM.blank(request),
    }
    .render(request)
}

/// Returns the seed that is waiting for its first code, if the user has re-authenticated recently.
///
/// An unreadable seed counts as absent, so the set-up starts again.
fn pending_seed(request: &Request) -> Option<TotpSeed> {
    enrolment(&request.session).ok()
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
    request.state.core.account_policy.second_factor.asks(user.role)
}

fn begin(request: &mut Request) -> Result<Response, Error> {
    FORM.press(request, |request| {
        let seed = begin_enrolment(request.session())?;
        let uri = uri(request, &request.require_account()?.name, &seed);
        let secret = seed.expose_text();
        View {
            text: |_| format!("{}\n{}", *secret, *uri),
            json: |_| json!({"secret": *secret, "uri": *uri}),
            page: |_| Ok(redirect(PAGE)),
        }
        .render(request)
    })
}

fn confirm(request: &mut Request) -> Result<Response, Error> {
    FORM.submit(request, |request, fields| {
        let codes = finish_enrolment(request.session(), fields.require("code")?)?;
        show_codes(request, &codes)
    })
}

fn disable(request: &mut Request) -> Result<Response, Error> {
    FORM.press(request, |request| {
        disable_second_factor(request.session())?;
        Done::new("Second factor off", PAGE)
            .with_notice("The second factor is off.")
            .answer(request)
    })
}

/// Replaces all recovery codes.
fn renew_codes(request: &mut Request) -> Result<Response, Error> {
    FORM.press(request, |request| {
        let codes = renew_recovery_codes(request.session())?;
        show_codes(request, &codes)
    })
}

/// Returns the QR code of the seed that is waiting for its first code, or 404 without such a seed.
fn show_qr(request: &mut Request) -> Result<Response, Error> {
    let seed = pending_seed(request).ok_or(Error::NotFound)?;
    let uri = uri(request, &request.require_account()?.name, &seed);
    let image = qr_svg(&uri).ok_or(Error::NotFound)?;
    Ok(with_body("image/svg+xml", image))
}

fn problems(error: &Error) -> Option<Problems> {
    match error {
        Error::WrongCode(_) => Problems::at("code", error),
        Error::SecondFactorExists
        | Error::NoSecondFactor
        | Error::EnrolmentNotBegun
        | Error::SecondFactorRequired => Problems::at_form(error),
        _ => None,
    }
}

fn page(request: &mut Request, _: &Fields, problems: &Problems) -> Result<Markup, Error> {
    let notices = request.session().take_flashes();
    let user = request.whole_account()?;
    let seed = pending_seed(request);
    let secret = seed.as_ref().map(TotpSeed::expose_text).unwrap_or_default();
    let uri = seed
        .as_ref()
        .map(|seed| uri(request, &user.name, seed))
        .unwrap_or_default();
    let since = user
        .second_factor
        .as_ref()
        .map(|factor| human_readable(factor.since));
    let state = match (&user.second_factor, &since) {
        (Some(factor), Some(since)) => SecondFactorState::On {
            since,
            recovery_codes_left: factor.recovery.len(),
        },
        _ if seed.is_some() => SecondFactorState::Waiting {
            secret: Secret(&secret),
            uri: Secret(&uri),
            code_problem: problems.of("code"),
        },
        _ => SecondFactorState::Off,
    };
    Ok(second_factor_page(&SecondFactorPage {
        name: user.name.as_str(),
        state,
        required: is_required(request, &user),
        restricted: request.session.enrolling().is_some(),
        form_problem: problems.of_form(),
        notices: &notices,
    }))
}
