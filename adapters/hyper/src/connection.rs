//! One connection from its first byte to its last: the handshake, HTTP/1 or HTTP/2, its deadlines, and
//! an end that lets the client read the last answer.
//! Leaves out who is admitted, and what is answered.

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

use crate::exchange::Desk;
use crate::gate::Gate;
use crate::limits::Limits;
use crate::stream::Stream;
use crate::tls::HTTP2;
use crate::watch::Phase;

/// How long, and for how many bytes, a client is listened to that has been refused: closing with
/// something unread resets the connection, and the refusal could be lost with it.
const LINGER: (Duration, u64) = (Duration::from_secs(2), 4 * 1024 * 1024);

/// So many header fields hyper takes by itself. Told a number, be it this one, it takes memory for each
/// request to hold so many.
const UNASKED_HEADERS: usize = 100;

/// Requests of one HTTP/2 connection that may be under way.
const STREAMS: u32 = 64;

/// Bytes that an HTTP/2 client may send in all of its streams before they are taken.
const WINDOW: u32 = 256 * 1024;

/// Becomes true when the server stops.
pub(crate) type Stopping = Receiver<bool>;

/// Serves plain HTTP/1.
pub(crate) async fn serve_plain(stream: Stream, desk: Desk, stopping: Stopping) {
    let gate = Gate::new(stream, &desk.host.limits, Arc::clone(&desk.watch));
    serve_http1(gate, desk, stopping).await;
}

/// Tells a client that there is no place for it.
pub(crate) async fn turn_away(stream: Stream, desk: Desk, stopping: Stopping) {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let gate = Gate::refusing(stream, &desk.host.limits, Arc::clone(&desk.watch), status);
    serve_http1(gate, desk, stopping).await;
}

/// Serves HTTP/1 or HTTP/2 over TLS, whichever the client prefers.
pub(crate) async fn serve_tls(stream: TcpStream, config: Arc<ServerConfig>, desk: Desk, stopping: Stopping) {
    let handshake = TlsAcceptor::from(config).accept(stream);
    // A client that breaks off, or speaks something else, is nobody to answer to.
    let Ok(Ok(stream)) = timeout(desk.host.limits.handshake_time, handshake).await else {
        return;
    };
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP2);
    let stream = Stream::Tls(Box::new(stream));
    if is_http2 {
        let gate = Gate::open(stream, &desk.host.limits, Arc::clone(&desk.watch));
        serve_http2(gate, desk, stopping).await;
    } else {
        serve_plain(stream, desk, stopping).await;
    }
}

async fn serve_http1(gate: Gate, desk: Desk, stopping: Stopping) {
    let limits = &desk.host.limits;
    let mut builder = http1::Builder::new();
    builder
        .half_close(true)
        .header_read_timeout(None)
        // The gate has counted and measured already; hyper's own bounds must not come before.
        .max_buf_size(limits.head + 16 * 1024);
    if limits.headers > UNASKED_HEADERS {
        builder.max_headers(limits.headers);
    }
    let connection = builder.serve_connection(gate, desk.clone());
    if let Some(ended) = drive(connection, &desk, stopping).await {
        part(ended.into_parts().io).await;
    }
}

async fn serve_http2(gate: Gate, desk: Desk, stopping: Stopping) {
    let limits = &desk.host.limits;
    let mut builder = http2::Builder::new(Spawner);
    builder
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(64 * 1024)
        .initial_connection_window_size(WINDOW)
        .max_send_buf_size(64 * 1024)
        .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX));
    drive(builder.serve_connection(gate, desk.clone()), &desk, stopping).await;
}

/// Closes a connection so that a client which is still sending can read what it was told.
async fn part(gate: Gate) {
    let lingers = gate.leaves_unread();
    let mut stream = gate.into_stream();
    let (time, most) = LINGER;
    // Whatever goes wrong here, the connection ends.
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
struct Spawner;

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Spawner {
    fn execute(&self, task: F) {
        tokio::spawn(task);
    }
}

/// What HTTP/1 and HTTP/2 have in common.
trait Connection: Unpin {
    /// Goes on until there is nothing more to do.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Begins nothing more.
    fn wind_down(&mut self);
}

impl Connection for http1::Connection<Gate, Desk> {
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // An error means that the client has gone, or was refused; the connection ends either way.
        self.poll_without_shutdown(cx).map(|_| ())
    }

    fn wind_down(&mut self) {
        Pin::new(self).graceful_shutdown();
    }
}

impl Connection for http2::Connection<Gate, Desk, Spawner> {
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(self).poll(cx).map(|_| ())
    }

    fn wind_down(&mut self) {
        Pin::new(self).graceful_shutdown();
    }
}

/// Drives a connection until it has ended or its time is up. Gives it back when it has ended by itself; a
/// late one is dropped.
async fn drive<C: Connection>(mut connection: C, desk: &Desk, mut stopping: Stopping) -> Option<C> {
    let timer = pin!(sleep_until(desk.watch.deadline(&desk.host.limits).into()));
    let mut timed = Timed { desk, timer };
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
            // A connection on which nothing was asked, or not all of it, does not end by itself.
            if stops && desk.watch.phase() != Phase::Busy {
                return Poll::Ready(false);
            }
            match timed.poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Late::Told) => {}
                Poll::Ready(Late::Dropped) => return Poll::Ready(false),
            }
        }
    })
    .await;
    ended.then_some(connection)
}

/// What becomes of a connection whose time is up.
enum Late {
    /// The gate refuses the head that does not come.
    Told,
    /// There is nobody to tell, or no way.
    Dropped,
}

/// A timer that is set again only when it must be: when it fires, or when the deadline has come nearer.
struct Timed<'d> {
    desk: &'d Desk,
    timer: Pin<&'d mut Sleep>,
}

impl Timed<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Late> {
        let watch = &self.desk.watch;
        let limits: &Limits = &self.desk.host.limits;
        let deadline = watch.deadline(limits).into();
        if deadline < self.timer.deadline() {
            self.timer.as_mut().reset(deadline);
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            let deadline = watch.deadline(limits);
            if Instant::now() < deadline {
                self.timer.as_mut().reset(deadline.into());
            } else if watch.phase() == Phase::Head && watch.call_late() {
                return Poll::Ready(Late::Told);
            } else {
                return Poll::Ready(Late::Dropped);
            }
        }
        Poll::Pending
    }
}
