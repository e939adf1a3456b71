//! `/reset` and its twin in the API: asking for a mail by which a forgotten password can be replaced.
//!
//! The answer is the same whether there is such an account or not (OWASP ASVS 5.0, 6.3.8).

use kunci_domain::use_cases::ask_for_reset;
use kunci_maud::{ForgottenPage, forgotten_page};

use crate::errors::Error;
use crate::fields::Key;
use crate::representation::Representation;
use crate::request::Request;
use crate::responses::{Response, html, refused, say};

const KEYS: [Key; 1] = [Key::Text("who")];
const SENT: &str = "If there is such an account, a mail is on its way";

pub(crate) fn show(request: &mut Request) -> Result<Response, Error> {
    let ask = "Send who, a user name or an e-mail address, as a form by POST";
    Ok(say(request, ask, |request| {
        html(page(request.viewer(), "", false, None))
    }))
}

pub(crate) fn submit(request: &mut Request) -> Result<Response, Error> {
    let fields = request.fields(&KEYS)?;
    let who = fields.require("who")?;
    match ask_for_reset(&request.session, who).map_err(Error::from) {
        Ok(()) => Ok(say(request, SENT, |request| {
            html(page(request.viewer(), "", true, None))
        })),
        Err(error) if request.representation() == Representation::Page && error.is_for_later() => {
            let page = page(request.viewer(), who, false, Some(&error));
            Ok(refused(&error, html(page)))
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
