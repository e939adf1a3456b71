//! Reads request bodies within their limits, and sends response bodies in one piece.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::limits::Limits;
use crate::phase_clock::InFlight;

/// The longest refused body that the server still reads and discards, in bytes. Many clients only read the
/// response after they have sent the whole request.
const MAX_DISCARDED: u64 = 256 * 1024;

/// Returns whether a refused body of this length is read and discarded.
pub(crate) const fn is_discarded(length: u64) -> bool {
    length <= MAX_DISCARDED
}

/// Reads a body.
///
/// # Errors
/// Returns the status of the refusal: 413 if the body is too long, 408 if it takes too long, 400 if it is
/// incomplete or its chunks are malformed.
pub(crate) async fn read(body: Incoming, limits: &Limits) -> Result<Bytes, StatusCode> {
    let reading = tokio::time::timeout(limits.body_time, read_all(body, limits.body));
    reading.await.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT))
}

async fn read_all(mut body: Incoming, max: usize) -> Result<Bytes, StatusCode> {
    let mut parts = BodyParts::default();
    let mut length = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(part) = frame.map_err(|_| StatusCode::BAD_REQUEST)?.into_data() else {
            continue;
        };
        length += part.len() as u64;
        if length <= max as u64 {
            parts.add(part);
        } else if !is_discarded(length) {
            break;
        }
    }
    if length <= max as u64 {
        Ok(parts.join())
    } else {
        Err(StatusCode::PAYLOAD_TOO_LARGE)
    }
}

/// The received parts of a body. Most bodies have only one part, which is not copied.
#[derive(Default)]
struct BodyParts {
    first: Bytes,
    rest: BytesMut,
}

impl BodyParts {
    fn add(&mut self, part: Bytes) {
        if self.first.is_empty() {
            self.first = part;
        } else {
            self.rest.extend_from_slice(&part);
        }
    }

    fn join(self) -> Bytes {
        if self.rest.is_empty() {
            return self.first;
        }
        let mut whole = BytesMut::with_capacity(self.first.len() + self.rest.len());
        whole.extend_from_slice(&self.first);
        whole.extend_from_slice(&self.rest);
        whole.freeze()
    }
}

/// The body of a response. The request is in flight until hyper drops this body.
#[derive(Debug)]
pub(crate) struct ResponseBody {
    data: Option<Bytes>,
    _in_flight: InFlight,
}

impl ResponseBody {
    pub(crate) fn new(data: Bytes, in_flight: InFlight) -> Self {
        Self {
            data: (!data.is_empty()).then_some(data),
            _in_flight: in_flight,
        }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.data.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}
