//! `/reset` and its API route: requesting an email with a link to reset a forgotten password.
//!
//! The response is the same whether the account exists or not (OWASP ASVS 5.0, 6.3.8).

use kunci_domain::use_cases::request_reset;
use kunci_maud::{ForgottenPage, forgotten_page};

use crate::errors::Error;
use crate::kit::fields::Key;
use crate::kit::representation::Representation;
use crate::kit::request::Request;
use crate::kit::responses::{Response, html, reply_message, with_error};

const KEYS: [Key; 1] = [Key::Text("who")];
const SENT: &str = "If there is such an account, an email is on its way";

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let instruction = "Send who (a username or an email address) as a form by POST";
    Ok(reply_message(request, instruction, |request| {
        html(page(request.viewer(), "", false, None))
    }))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    let fields = request.fields(&KEYS)?;
    let who = fields.require("who")?;
    match request_reset(&request.session, who).map_err(Error::from) {
        Ok(()) => Ok(reply_message(request, SENT, |request| {
            html(page(request.viewer(), "", true, None))
        })),
        Err(error) if request.representation() == Representation::Page && error.is_temporary() => {
            let page = page(request.viewer(), who, false, Some(&error));
            Ok(with_error(&error, html(page)))
        }
        Err(error) => Err(error),
    }
}

fn page(viewer: Option<&str>, who: &str, sent: bool, error: Option<&Error>) -> kunci_maud::Markup {
    let problem = error.map(ToString::to_string);
    forgotten_page(&ForgottenPage {
        who,
        sent,
        form_problem: problem.as_deref(),
        viewer,
    })
}
