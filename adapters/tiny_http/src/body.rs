//! Reads a body from the connection, counted while reading, within a size and a time.
//! Leaves out bodies that tiny_http has in memory, and what is answered when a body is no good.

use std::io::{ErrorKind, Read};
use std::time::Instant;

use bytes::Bytes;

use crate::framing::Rest;

/// How far a body beyond the limit is read and thrown away before it is refused, in bytes. A client
/// that only reads the answer when it has sent everything gets one this way, and keeps its connection.
pub(crate) const LONGEST_SKIPPED: usize = 1024 * 1024;

const PIECE: usize = 8 * 1024;

/// What came of reading a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// All of it, and it is within the limit.
    Whole(Bytes),
    /// It is beyond the limit, and has been read to its end.
    Skipped,
    /// It is beyond the limit, and its end has not been reached.
    TooLong,
    /// The connection ended first, or what came is no chunk.
    Broken,
    /// Time was up first.
    Late,
}

/// Reads the body of a request. Reading may wait for as long as the connection allows, so time may be
/// exceeded by one wait.
pub(crate) fn read(reader: &mut dyn Read, rest: Rest, limit: usize, until: Instant) -> Body {
    let declared = match rest {
        Rest::Settled(length) | Rest::Sized(length) | Rest::Raw(length) => Some(length),
        Rest::Chunked => None,
    };
    let mut piece = [0; PIECE];
    let mut body = Vec::with_capacity(declared.unwrap_or(PIECE).min(limit));
    let mut count = 0;
    while declared != Some(count) {
        if count > limit.max(LONGEST_SKIPPED) {
            return Body::TooLong;
        }
        if Instant::now() > until {
            return Body::Late;
        }
        let room = declared.map_or(PIECE, |length| PIECE.min(length - count));
        match read_piece(reader, &mut piece[..room]) {
            Ok([]) if declared.is_none() => break,
            Ok([]) => return Body::Broken,
            Ok(more) => {
                count += more.len();
                if count <= limit {
                    body.extend_from_slice(more);
                }
            }
            Err(end) => return end,
        }
    }
    if count > limit {
        Body::Skipped
    } else {
        Body::Whole(body.into())
    }
}

/// What one read gives; nothing at the end of the body, or of the connection.
fn read_piece<'a>(reader: &mut dyn Read, piece: &'a mut [u8]) -> Result<&'a [u8], Body> {
    loop {
        match reader.read(piece) {
            Ok(count) => return Ok(&piece[..count]),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                ErrorKind::WouldBlock | ErrorKind::TimedOut => return Err(Body::Late),
                _ => return Err(Body::Broken),
            },
        }
    }
}
