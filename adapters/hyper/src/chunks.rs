//! Finds the end of a chunked body. hyper decodes it.
//!
//! Only the simplest form is accepted: hexadecimal sizes, CR LF, no extensions and no trailers. So parsers
//! cannot disagree on where the next request begins.

/// The maximum number of digits in a chunk size. A larger chunk would exceed any sensible body limit.
const MAX_SIZE_DIGITS: u8 = 8;

/// The error of a malformed chunked body, whose end is unknown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MalformedChunks;

/// Scans a chunked body for its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChunkScanner {
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In a chunk size.
    Size {
        size: u64,
        digits: u8,
    },
    /// Before the LF that ends a chunk size.
    SizeEnd {
        size: u64,
    },
    /// In the data of a chunk.
    Data {
        left: u64,
    },
    /// Before the CR that ends a chunk, or before its LF after the CR was read.
    DataEnd {
        has_cr: bool,
    },
    /// Before the CR that ends the body, or before its LF after the CR was read.
    BodyEnd {
        has_cr: bool,
    },
    Done,
}

impl ChunkScanner {
    pub(crate) const fn new() -> Self {
        Self {
            state: State::Size { size: 0, digits: 0 },
        }
    }

    pub(crate) fn is_done(self) -> bool {
        self.state == State::Done
    }

    /// Scans `bytes`, and returns how many of them belong to the body.
    ///
    /// # Errors
    /// Returns [`MalformedChunks`] if the body is malformed. The scanner cannot be used afterwards.
    pub(crate) fn advance(&mut self, bytes: &[u8]) -> Result<usize, MalformedChunks> {
        let mut scanned = 0;
        while let Some(byte) = bytes.get(scanned) {
            match self.state {
                State::Done => break,
                State::Data { left } => {
                    let available = (bytes.len() - scanned) as u64;
                    let taken = left.min(available);
                    self.state = match left - taken {
                        0 => State::DataEnd { has_cr: false },
                        left => State::Data { left },
                    };
                    // `taken` is at most the length of `bytes`, so it fits.
                    scanned += usize::try_from(taken).unwrap_or(bytes.len());
                }
                _ => {
                    self.state = self.state.after(*byte)?;
                    scanned += 1;
                }
            }
        }
        Ok(scanned)
    }
}

impl State {
    /// Returns the state after a byte outside the data of a chunk.
    fn after(self, byte: u8) -> Result<Self, MalformedChunks> {
        Ok(match (self, byte) {
            (Self::Size { size, digits }, b'\r') if digits > 0 => Self::SizeEnd { size },
            (Self::Size { size, digits }, _) if digits < MAX_SIZE_DIGITS => {
                let digit = char::from(byte).to_digit(16).ok_or(MalformedChunks)?;
                Self::Size {
                    size: size * 16 + u64::from(digit),
                    digits: digits + 1,
                }
            }
            (Self::SizeEnd { size: 0 }, b'\n') => Self::BodyEnd { has_cr: false },
            (Self::SizeEnd { size }, b'\n') => Self::Data { left: size },
            (Self::DataEnd { has_cr: false }, b'\r') => Self::DataEnd { has_cr: true },
            (Self::DataEnd { has_cr: true }, b'\n') => Self::Size { size: 0, digits: 0 },
            (Self::BodyEnd { has_cr: false }, b'\r') => Self::BodyEnd { has_cr: true },
            (Self::BodyEnd { has_cr: true }, b'\n') => Self::Done,
            _ => return Err(MalformedChunks),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scans the text in pieces of `size` bytes.
    fn scan(text: &str, size: usize) -> Result<(usize, bool), MalformedChunks> {
        let mut scanner = ChunkScanner::new();
        let mut scanned = 0;
        for piece in text.as_bytes().chunks(size) {
            scanned += scanner.advance(piece)?;
        }
        Ok((scanned, scanner.is_done()))
    }

    #[test]
    fn end_is_found_however_chunks_are_split() {
        let body = "5\r\nhello\r\n0A\r\n0\r\n\r\n45678\r\n0\r\n\r\n";
        let followed = format!("{body}GET / HTTP/1.1\r\n");
        for size in 1..followed.len() + 1 {
            assert_eq!(scan(&followed, size), Ok((body.len(), true)), "pieces of {size}");
        }
        assert_eq!(scan("5\r\nhel", 100), Ok((6, false)));
        assert_eq!(scan("", 1), Ok((0, false)));
    }

    #[test]
    fn ambiguous_chunks_are_rejected() {
        for text in [
            "\r\n",
            "g\r\n",
            "-1\r\n",
            "+1\r\n",
            "0x5\r\n",
            " 5\r\n",
            "5 \r\n",
            "5;a=b\r\n",
            "5\n",
            "5\r5",
            "5\r\nhelloX",
            "5\r\nhello\n",
            "5\r\nhello\rX",
            "0\r\nTrailer: a\r\n\r\n",
            "0\r\n\n",
            "000000005\r\n",
            "fffffffff\r\n",
        ] {
            assert_eq!(scan(text, 100), Err(MalformedChunks), "{text:?}");
        }
    }
}
