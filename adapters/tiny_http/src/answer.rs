//! Calls the service for a request that has its turn on the connection, and writes what it says.
//! Leaves out how the turn came about.

use std::io::{ErrorKind, Write};

use crate::exchange::Turn;
use crate::host::Host;
use crate::reply::{Desk, Form};

impl Host {
    /// Answers, and gives the connection on to the next request.
    pub(crate) fn answer(&self, turn: Turn, desk: &mut Desk) {
        let Turn {
            request,
            peer,
            form,
            mut writer,
        } = turn;
        let response = kunci_transport::answer(&*self.service, request);
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
}
