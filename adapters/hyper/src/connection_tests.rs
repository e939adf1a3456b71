//! Deadlines of connections whose client never stops sending.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use kunci_transport::Service;
use tokio::runtime::{Builder, Handle};
use tokio::sync::Semaphore;
use tokio::task::coop::poll_proceed;

use super::{Connection, drive};
use crate::limits::Limits;
use crate::phase_clock::PhaseClock;
use crate::responder::{Responder, ServerContext};

struct NoService;

impl Service for NoService {
    fn call(&self, _: Request<Bytes>) -> Response<Bytes> {
        Response::default()
    }

    fn may_block(&self, _: &Method, _: &str) -> bool {
        false
    }
}

/// A connection that always has bytes to read, so each poll uses up tokio's budget.
struct Flood;

impl Connection for Flood {
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Poll::Ready(progress) = poll_proceed(cx) {
            progress.made_progress();
        }
        Poll::Pending
    }

    fn start_shutdown(&mut self) {}
}

fn responder() -> Responder {
    let server = ServerContext {
        service: Arc::new(NoService),
        limits: Limits {
            idle_time: Duration::from_millis(10),
            ..Limits::default()
        },
        blocking: Handle::current(),
        slow_permits: Arc::new(Semaphore::new(1)),
    };
    Responder {
        server: Arc::new(server),
        peer: None,
        clock: PhaseClock::begin(),
    }
}

#[test]
fn client_that_never_stops_sending_has_a_deadline() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let (finished, is_finished) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (_stop, stopping) = tokio::sync::watch::channel(false);
        let ended = runtime.block_on(async { drive(Flood, &responder(), stopping).await });
        finished.send(ended.is_none())
    });
    assert_eq!(is_finished.recv_timeout(Duration::from_secs(10)), Ok(true));
}
