//! Forms that are sent twice. The second request gets the response to the first one.

use std::net::IpAddr;

use bytes::Bytes;
use http::request::Parts;

use super::{App, Found};
use crate::kit::refusals::RequestInfo;
use crate::kit::routes::SessionUse;
use crate::kit::{Representation, Response};
use crate::sent_forms::{Answer, SentForm, Turn};

impl App {
    /// Answers a request. A form that was sent before gets the same response again.
    pub(super) fn answer(
        &self,
        parts: Parts,
        body: Bytes,
        found: Found<'_>,
        info: &mut RequestInfo<'_>,
    ) -> Response {
        if !info.is_read() {
            info.enter_span();
        }
        let found = self.allowed(found, &parts);
        let Some(form) = self.sent_form(&found, &parts, &body, info) else {
            return self.handle(parts, body, found, info).answer.response;
        };
        let mut in_flight = None;
        match self.forms.turn(form.key(), &*self.clock) {
            Turn::First(first) => in_flight = Some(first),
            Turn::Repeated(answer) => {
                if let Some(response) = self.repeat(answer, &parts, info.address) {
                    return response;
                }
            }
            Turn::Untracked => {}
        }
        let handled = self.handle(parts, body, found, info);
        if let Some(in_flight) = in_flight.filter(|_| handled.is_accepted) {
            let later = form.key_after(handled.answer.response.headers());
            in_flight.finish(later, handled.answer.clone(), self.clock.now());
        }
        handled.answer.response
    }

    /// Returns the form that a request sends. Only routes that may block can wait for the response to the same form.
    fn sent_form(
        &self,
        found: &Found<'_>,
        parts: &Parts,
        body: &Bytes,
        info: &RequestInfo<'_>,
    ) -> Option<SentForm> {
        let (route, _) = found.as_ref().ok()?;
        if info.representation != Representation::Page || !route.may_block(self.settings.stores) {
            return None;
        }
        SentForm::of(parts, body, &self.settings.cookie, info.address)
    }

    /// Returns a remembered response, or `None` if the session of the client has ended since.
    ///
    /// Its notices are added to the session again. The browser may have requested the next page already, but it
    /// has not shown that page.
    fn repeat(&self, answer: Answer, parts: &Parts, address: Option<IpAddr>) -> Option<Response> {
        if !answer.has_session {
            return Some(answer.response);
        }
        let session = match self.settings.cookie.issued(answer.response.headers()) {
            Some(issued) => self.resume(parts, address, Some(issued)),
            None => self.session(parts, address, SessionUse::Loaded),
        };
        let mut session = session.ok().filter(|session| session.record().is_some())?;
        let present = session.flashes();
        for notice in answer.notices.iter().filter(|notice| !present.contains(notice)) {
            session.flash(notice);
        }
        // The response is true even without its notices.
        let _ = session.commit();
        Some(answer.response)
    }
}
