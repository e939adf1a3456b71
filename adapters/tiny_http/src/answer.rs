//! Calls the service for a request that has its turn on the connection, and writes what it says.
//! Leaves out how the turn came about.

use std::io::{ErrorKind, Write};

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::convert::Reminder;
use crate::exchange::Turn;
use crate::host::Host;
use crate::reply::{Desk, Form};
use crate::service;

impl Host {
    /// Answers, and gives the connection on to the next request.
    pub(crate) fn answer(&self, turn: Turn, desk: &mut Desk) {
        let Turn {
            request,
            peer,
            form,
            mut writer,
        } = turn;
        let refusal = request.extensions().get::<StatusCode>().copied();
        let response = match refusal {
            Some(status) => self.render(request, status),
            None => self.call(request),
        };
        let form = Form {
            closes: form.closes
                || self.control.is_ending()
                || peer.is_some_and(|peer| self.peers.is_cut_off(peer)),
            ..form
        };
        let out = desk.compose(&response, form);
        let written = writer.write_all(out).and_then(|()| writer.flush());
        if let (Err(error), Some(peer)) = (written, peer)
            && matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
        {
            // The client lives and reads nothing. The answer may have gone out in part, so that another
            // one must not follow. After any other error there is no connection any more.
            self.peers.cut_off(peer);
        }
    }

    /// The service's refusal with this status.
    pub(crate) fn render(&self, refused: Request<Bytes>, status: StatusCode) -> Response<Bytes> {
        service::call(&*self.service, refused).unwrap_or_else(|| {
            tracing::error!(%status, "the service could not render a refusal");
            service::minimal(status)
        })
    }

    fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        let reminder = Reminder::of(&request);
        service::call(&*self.service, request).unwrap_or_else(|| {
            tracing::error!("the service panicked, or gave an interim answer");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            self.render(reminder.refused(status), status)
        })
    }
}
