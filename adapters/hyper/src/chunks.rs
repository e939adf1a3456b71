//! Finds the end of a chunked body. hyper decodes it.
//!
//! Only the plain form is accepted: hexadecimal sizes, CR LF, no extensions and no trailers. So two readers
//! cannot differ on where the next request begins.

/// The largest number of digits of a chunk's size. Larger sizes are far beyond any limit on bodies.
const MOST_DIGITS: u8 = 8;

/// The chunks are malformed, so their end is unknown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// The position in a chunked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunks {
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In a size.
    Size {
        size: u64,
        digits: u8,
    },
    /// Before the LF that ends a size.
    SizeEnd {
        size: u64,
    },
    /// In the data of a chunk.
    Data {
        left: u64,
    },
    /// Before the CR, then before the LF that ends a chunk.
    DataEnd {
        cr: bool,
    },
    /// Before the CR, then before the LF that ends the body.
    LastEnd {
        cr: bool,
    },
    Done,
}

impl Chunks {
    pub(crate) const fn new() -> Self {
        Self {
            state: State::Size { size: 0, digits: 0 },
        }
    }

    pub(crate) fn is_done(self) -> bool {
        self.state == State::Done
    }

    /// Reads `bytes` and returns how many of them belong to the body.
    ///
    /// # Errors
    /// [`Broken`], after which the body cannot be read further.
    pub(crate) fn advance(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        let mut read = 0;
        while let Some(byte) = bytes.get(read) {
            match self.state {
                State::Done => break,
                State::Data { left } => {
                    let here = (bytes.len() - read) as u64;
                    let taken = left.min(here);
                    self.state = match left - taken {
                        0 => State::DataEnd { cr: false },
                        left => State::Data { left },
                    };
                    // `taken` is at most the length of `bytes`, so it fits.
                    read += usize::try_from(taken).unwrap_or(bytes.len());
                }
                _ => {
                    self.state = self.state.after(*byte)?;
                    read += 1;
                }
            }
        }
        Ok(read)
    }
}

impl State {
    fn after(self, byte: u8) -> Result<Self, Broken> {
        Ok(match (self, byte) {
            (Self::Size { size, digits }, b'\r') if digits > 0 => Self::SizeEnd { size },
            (Self::Size { size, digits }, _) if digits < MOST_DIGITS => {
                let digit = char::from(byte).to_digit(16).ok_or(Broken)?;
                Self::Size {
                    size: size * 16 + u64::from(digit),
                    digits: digits + 1,
                }
            }
            (Self::SizeEnd { size: 0 }, b'\n') => Self::LastEnd { cr: false },
            (Self::SizeEnd { size }, b'\n') => Self::Data { left: size },
            (Self::DataEnd { cr: false }, b'\r') => Self::DataEnd { cr: true },
            (Self::DataEnd { cr: true }, b'\n') => Self::Size { size: 0, digits: 0 },
            (Self::LastEnd { cr: false }, b'\r') => Self::LastEnd { cr: true },
            (Self::LastEnd { cr: true }, b'\n') => Self::Done,
            _ => return Err(Broken),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls `advance` with pieces of `size` bytes.
    fn read(text: &str, size: usize) -> Result<(usize, bool), Broken> {
        let mut chunks = Chunks::new();
        let mut read = 0;
        for piece in text.as_bytes().chunks(size) {
            read += chunks.advance(piece)?;
        }
        Ok((read, chunks.is_done()))
    }

    #[test]
    fn end_is_found_in_any_pieces_of_chunks() {
        let body = "5\r\nhello\r\n0A\r\n0\r\n\r\n45678\r\n0\r\n\r\n";
        let followed = format!("{body}GET / HTTP/1.1\r\n");
        for size in 1..followed.len() + 1 {
            assert_eq!(read(&followed, size), Ok((body.len(), true)), "pieces of {size}");
        }
        assert_eq!(read("5\r\nhel", 100), Ok((6, false)));
        assert_eq!(read("", 1), Ok((0, false)));
    }

    #[test]
    fn ambiguous_chunks_are_broken() {
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
            assert_eq!(read(text, 100), Err(Broken), "{text:?}");
        }
    }
}
