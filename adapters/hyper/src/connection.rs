//! Serves one connection: the handshake, HTTP/1 or HTTP/2, deadlines, and a close that lets the client read
//! the last response.

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

use crate::exchange::Responder;
use crate::filter::RequestFilter;
use crate::limits::Limits;
use crate::phase_clock::Phase;
use crate::stream::Stream;
use crate::tls::HTTP2;

/// How long, and for how many bytes, the server still reads from a refused client. Closing a connection with
/// unread bytes resets it, and the client could miss the response.
const LINGER: (Duration, u64) = (Duration::from_secs(2), 4 * 1024 * 1024);

/// hyper's own limit for header fields. If a limit is set, even this one, hyper allocates memory for that many
/// fields for each request.
const HYPER_HEADERS: usize = 100;

/// The largest number of requests in flight on one HTTP/2 connection.
const STREAMS: u32 = 64;

/// Bytes that an HTTP/2 client may send in all of its streams before the server has read them.
const WINDOW: u32 = 256 * 1024;

/// Becomes true when the server stops.
pub(crate) type Stopping = Receiver<bool>;

/// Serves plain HTTP/1.
pub(crate) async fn serve_plain(stream: Stream, responder: Responder, stopping: Stopping) {
    let filter = RequestFilter::new(stream, &responder.host.limits, Arc::clone(&responder.clock));
    serve_http1(filter, responder, stopping).await;
}

/// Refuses a connection with 503.
pub(crate) async fn refuse_connection(stream: Stream, responder: Responder, stopping: Stopping) {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let filter = RequestFilter::refusing(
        stream,
        &responder.host.limits,
        Arc::clone(&responder.clock),
        status,
    );
    serve_http1(filter, responder, stopping).await;
}

/// Serves HTTP/1 or HTTP/2 over TLS, whichever the client prefers.
pub(crate) async fn serve_tls(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    responder: Responder,
    stopping: Stopping,
) {
    let handshake = TlsAcceptor::from(config).accept(stream);
    // A client that breaks off or does not speak TLS gets no response.
    let Ok(Ok(stream)) = timeout(responder.host.limits.handshake_time, handshake).await else {
        return;
    };
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP2);
    let stream = Stream::Tls(Box::new(stream));
    if is_http2 {
        let filter = RequestFilter::open(stream, &responder.host.limits, Arc::clone(&responder.clock));
        serve_http2(filter, responder, stopping).await;
    } else {
        serve_plain(stream, responder, stopping).await;
    }
}

async fn serve_http1(filter: RequestFilter, responder: Responder, stopping: Stopping) {
    let limits = &responder.host.limits;
    let mut builder = http1::Builder::new();
    builder
        .half_close(true)
        .header_read_timeout(None)
        // The filter has applied the limits already, so hyper's own limits must be larger.
        .max_buf_size(limits.head + 16 * 1024);
    if limits.headers > HYPER_HEADERS {
        builder.max_headers(limits.headers);
    }
    let connection = builder.serve_connection(filter, responder.clone());
    if let Some(ended) = drive(connection, &responder, stopping).await {
        close_gracefully(ended.into_parts().io).await;
    }
}

async fn serve_http2(filter: RequestFilter, responder: Responder, stopping: Stopping) {
    let limits = &responder.host.limits;
    let mut builder = http2::Builder::new(TokioExecutor);
    builder
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(64 * 1024)
        .initial_connection_window_size(WINDOW)
        .max_send_buf_size(64 * 1024)
        .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX));
    drive(
        builder.serve_connection(filter, responder.clone()),
        &responder,
        stopping,
    )
    .await;
}

/// Closes a connection so that a client that is still sending can read the response.
async fn close_gracefully(filter: RequestFilter) {
    let lingers = filter.leaves_unread();
    let mut stream = filter.into_stream();
    let (time, most) = LINGER;
    // The connection ends also after an error.
    let _ = timeout(time, async {
        stream.shutdown().await?;
        if lingers {
            tokio::io::copy(&mut stream.take(most), &mut tokio::io::sink()).await?;
        }
        Ok::<(), std::io::Error>(())
    })
    .await;
}

/// Runs the tasks of HTTP/2 streams.
#[derive(Clone)]
struct TokioExecutor;

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for TokioExecutor {
    fn execute(&self, task: F) {
        tokio::spawn(task);
    }
}

/// The common part of HTTP/1 and HTTP/2 connections.
trait Connection: Unpin {
    /// Drives the connection to its end.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Accepts no further requests.
    fn wind_down(&mut self);
}

impl Connection for http1::Connection<RequestFilter, Responder> {
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // After an error the client is gone or was refused; the connection ends either way.
        self.poll_without_shutdown(cx).map(|_| ())
    }

    fn wind_down(&mut self) {
        Pin::new(self).graceful_shutdown();
    }
}

impl Connection for http2::Connection<RequestFilter, Responder, TokioExecutor> {
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(self).poll(cx).map(|_| ())
    }

    fn wind_down(&mut self) {
        Pin::new(self).graceful_shutdown();
    }
}

/// Drives a connection until it has ended or its deadline has passed. Returns it if it has ended by itself, and
/// drops it otherwise.
async fn drive<C: Connection>(mut connection: C, responder: &Responder, mut stopping: Stopping) -> Option<C> {
    let timer = pin!(sleep_until(
        responder.clock.deadline(&responder.host.limits).into()
    ));
    let mut timed = Timed { responder, timer };
    let mut stop = pin!(stopping.wait_for(|stopping| *stopping));
    let mut stops = false;
    let ended = poll_fn(|cx| {
        if !stops && stop.as_mut().poll(cx).is_ready() {
            stops = true;
            connection.wind_down();
        }
        loop {
            if connection.poll_end(cx).is_ready() {
                return Poll::Ready(true);
            }
            // A connection without a complete request does not end by itself.
            if stops && responder.clock.phase() != Phase::Busy {
                return Poll::Ready(false);
            }
            match timed.poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Late::Refused) => {}
                Poll::Ready(Late::Dropped) => return Poll::Ready(false),
            }
        }
    })
    .await;
    ended.then_some(connection)
}

/// What happens to a connection whose deadline has passed.
enum Late {
    /// The filter refuses the incomplete head.
    Refused,
    /// The connection is dropped without a response.
    Dropped,
}

/// A timer that is only reset if it fires or if the deadline has become earlier.
struct Timed<'d> {
    responder: &'d Responder,
    timer: Pin<&'d mut Sleep>,
}

impl Timed<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Late> {
        let clock = &self.responder.clock;
        let limits: &Limits = &self.responder.host.limits;
        let deadline = clock.deadline(limits).into();
        if deadline < self.timer.deadline() {
            self.timer.as_mut().reset(deadline);
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            let deadline = clock.deadline(limits);
            if Instant::now() < deadline {
                self.timer.as_mut().reset(deadline.into());
            } else if clock.phase() == Phase::Head && clock.mark_late() {
                return Poll::Ready(Late::Refused);
            } else {
                return Poll::Ready(Late::Dropped);
            }
        }
        Poll::Pending
    }
}
