//! Serves one connection: the TLS handshake, HTTP/1 or HTTP/2, deadlines, and a graceful close.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::StatusCode;
use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch::Receiver;
use tokio::time::{Sleep, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::filter::RequestFilter;
use crate::limits::Limits;
use crate::phase_clock::{Phase, PhaseClock};
use crate::responder::Responder;
use crate::stream::Stream;
use crate::tls::ALPN_HTTP2;

/// How long the server keeps reading from a refused client. Closing a connection with unread bytes resets it,
/// and then the client can miss the response.
const LINGER_TIME: Duration = Duration::from_secs(2);

/// The maximum number of bytes that the server still reads from a refused client.
const LINGER_BYTES: u64 = 4 * 1024 * 1024;

/// hyper's default limit on header fields. If a limit is set explicitly, even this one, hyper allocates memory
/// for that many fields on each request.
const HYPER_MAX_HEADERS: usize = 100;

/// The maximum number of requests in flight on one HTTP/2 connection.
const MAX_STREAMS: u32 = 64;

/// The flow-control window of an HTTP/2 connection: how many bytes a client may send, in all streams together,
/// before the server has read them.
const CONNECTION_WINDOW: u32 = 256 * 1024;

/// Becomes true when the server stops.
pub(crate) type Stopping = Receiver<bool>;

/// Serves HTTP/1, on a plain stream or after a TLS handshake.
pub(crate) async fn serve_http1(stream: Stream, responder: Responder, stopping: Stopping) {
    let filter = RequestFilter::new(stream, &responder.server.limits, Arc::clone(&responder.clock));
    run_http1(filter, responder, stopping).await;
}

/// Refuses a connection with 503, without reading a request.
pub(crate) async fn refuse_connection(stream: Stream, responder: Responder, stopping: Stopping) {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let filter = RequestFilter::refusing(
        stream,
        &responder.server.limits,
        Arc::clone(&responder.clock),
        status,
    );
    run_http1(filter, responder, stopping).await;
}

/// Performs the TLS handshake, and serves the version of HTTP that it negotiates.
pub(crate) async fn serve_tls(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    responder: Responder,
    stopping: Stopping,
) {
    let handshake = TlsAcceptor::from(config).accept(stream);
    // If the handshake fails or takes too long, the client gets no response.
    let Ok(Ok(stream)) = timeout(responder.server.limits.handshake_time, handshake).await else {
        return;
    };
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(ALPN_HTTP2);
    let stream = Stream::Tls(Box::new(stream));
    if is_http2 {
        let filter = RequestFilter::http2(stream, &responder.server.limits, Arc::clone(&responder.clock));
        run_http2(filter, responder, stopping).await;
    } else {
        serve_http1(stream, responder, stopping).await;
    }
}

async fn run_http1(filter: RequestFilter, responder: Responder, stopping: Stopping) {
    let limits = &responder.server.limits;
    let mut builder = http1::Builder::new();
    builder
        .half_close(true)
        .header_read_timeout(None)
        // The filter enforces the limits. hyper's own limits must be larger, so that they never apply.
        .max_buf_size(limits.head + 16 * 1024);
    if limits.headers > HYPER_MAX_HEADERS {
        builder.max_headers(limits.headers);
    }
    let connection = builder.serve_connection(filter, responder.clone());
    if let Some(ended) = drive(connection, &responder, stopping).await {
        close_gracefully(ended.into_parts().io).await;
    }
}

async fn run_http2(filter: RequestFilter, responder: Responder, stopping: Stopping) {
    let limits = &responder.server.limits;
    let mut builder = http2::Builder::new(TokioExecutor);
    builder
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(64 * 1024)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(64 * 1024)
        .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX));
    drive(
        builder.serve_connection(filter, responder.clone()),
        &responder,
        stopping,
    )
    .await;
}

/// Closes a connection. If the client may still be sending, the server keeps reading for a while, so that the
/// client can read the response.
async fn close_gracefully(filter: RequestFilter) {
    let lingers = filter.may_have_unread_bytes();
    let mut stream = filter.into_stream();
    // The connection ends in any case, so errors have no effect.
    let _ = timeout(LINGER_TIME, async {
        stream.shutdown().await?;
        if lingers {
            tokio::io::copy(&mut stream.take(LINGER_BYTES), &mut tokio::io::sink()).await?;
        }
        Ok::<(), std::io::Error>(())
    })
    .await;
}

/// Spawns hyper's tasks for HTTP/2 streams.
#[derive(Clone)]
struct TokioExecutor;

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for TokioExecutor {
    fn execute(&self, task: F) {
        tokio::spawn(task);
    }
}

/// The common interface of HTTP/1 and HTTP/2 connections.
trait Connection: Unpin {
    /// Drives the connection, and is ready when it has ended.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Accepts no further requests, and ends the connection after those in flight.
    fn start_shutdown(&mut self);
}

impl Connection for http1::Connection<RequestFilter, Responder> {
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // An error means that the client disconnected or was refused. The connection ends either way.
        self.poll_without_shutdown(cx).map(|_| ())
    }

    fn start_shutdown(&mut self) {
        Pin::new(self).graceful_shutdown();
    }
}

impl Connection for http2::Connection<RequestFilter, Responder, TokioExecutor> {
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(self).poll(cx).map(|_| ())
    }

    fn start_shutdown(&mut self) {
        Pin::new(self).graceful_shutdown();
    }
}

/// Drives a connection until it ends, its deadline passes, or the server stops while no request is in flight.
/// Returns the connection if it ended by itself, and drops it otherwise.
async fn drive<C: Connection>(mut connection: C, responder: &Responder, mut stopping: Stopping) -> Option<C> {
    let timer = pin!(sleep_until(
        responder.clock.deadline(&responder.server.limits).into()
    ));
    let mut deadline_timer = DeadlineTimer { responder, timer };
    let mut stop = pin!(stopping.wait_for(|stopping| *stopping));
    let mut is_stopping = false;
    let ended = poll_fn(|cx| {
        if !is_stopping && stop.as_mut().poll(cx).is_ready() {
            is_stopping = true;
            connection.start_shutdown();
        }
        loop {
            if connection.poll_end(cx).is_ready() {
                return Poll::Ready(true);
            }
            // hyper does not end a connection that waits for a request or for the rest of its head.
            if is_stopping && responder.clock.phase() != Phase::Busy {
                return Poll::Ready(false);
            }
            match deadline_timer.poll(cx) {
                Poll::Pending => return Poll::Pending,
                // The filter now refuses the incomplete head.
                Poll::Ready(Overdue::RefuseHead) => {}
                Poll::Ready(Overdue::Drop) => return Poll::Ready(false),
            }
        }
    })
    .await;
    ended.then_some(connection)
}

/// What to do with a connection whose deadline has passed.
enum Overdue {
    /// Respond to the incomplete head with 408.
    RefuseHead,
    /// Close the connection without a response.
    Drop,
}

/// Waits for the deadline of a connection. The timer is reset only when it fires or when the deadline becomes
/// earlier.
struct DeadlineTimer<'d> {
    responder: &'d Responder,
    timer: Pin<&'d mut Sleep>,
}

impl DeadlineTimer<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Overdue> {
        let clock = &self.responder.clock;
        let limits: &Limits = &self.responder.server.limits;
        loop {
            let deadline = clock.deadline(limits);
            // The timer does not fire while a client sends so much that each poll uses up tokio's budget.
            if deadline <= Instant::now() {
                return Poll::Ready(overdue(clock));
            }
            if deadline < self.timer.deadline().into_std() || self.timer.is_elapsed() {
                self.timer.as_mut().reset(deadline.into());
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }
}

fn overdue(clock: &PhaseClock) -> Overdue {
    if clock.phase() == Phase::Head && clock.mark_head_overdue() {
        Overdue::RefuseHead
    } else {
        Overdue::Drop
    }
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
