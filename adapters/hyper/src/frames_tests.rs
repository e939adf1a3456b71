//! Which frames a client may send, and how many.

use super::*;

const CONTINUATION: u8 = 9;

/// Every kind of frame that costs the server work, each without content.
const KINDS: [u8; 9] = [DATA, 2, 4, 5, 6, 7, 8, CONTINUATION, 0xf0];

fn frame(kind: u8, length: usize) -> Vec<u8> {
    let [.., high, middle, low] = length.to_be_bytes();
    let mut frame = vec![high, middle, low, kind, 0, 0, 0, 0, 1];
    frame.resize(HEAD + length, b'x');
    frame
}

fn meter() -> (FrameMeter, Instant) {
    let now = Instant::now();
    let mut meter = FrameMeter::new(now);
    meter.receive(&[b'x'; PREFACE], now).unwrap();
    (meter, now)
}

/// Receives `bytes` at one time for as long as they are accepted, and returns how often.
fn accepted(meter: &mut FrameMeter, bytes: &[u8], now: Instant) -> usize {
    (0..20_000)
        .take_while(|_| meter.receive(bytes, now).is_ok())
        .count()
}

#[test]
fn frames_without_a_request_are_limited() {
    for kind in KINDS {
        for length in [0, 8, FREE_DATA - 1] {
            let (mut meter, now) = meter();
            assert_eq!(
                accepted(&mut meter, &frame(kind, length), now),
                1_000,
                "{kind} {length}"
            );
        }
    }
    let (mut meter, now) = meter();
    assert_eq!(accepted(&mut meter, &frame(8, 0xff_ff_ff), now), 1_000);
}

#[test]
fn one_frame_is_accepted_each_ten_milliseconds() {
    let (mut meter, now) = meter();
    meter.receive(&frame(6, 8).repeat(1_000), now).unwrap();
    for n in 1..5_000 {
        assert_eq!(meter.receive(&frame(6, 8), now + n * FRAME), Ok(()), "{n}");
    }
    assert_eq!(
        meter.receive(&frame(6, 8), now + 4_999 * FRAME),
        Err(TooManyFrames)
    );
}

#[test]
fn ordinary_requests_are_unlimited() {
    let form = [frame(HEADERS, 60), frame(DATA, 40), frame(8, 4), frame(0x10, 20)].concat();
    let upload = [
        frame(HEADERS, 60),
        frame(DATA, FREE_DATA).repeat(64),
        frame(DATA, 0),
    ]
    .concat();
    for request in [frame(HEADERS, 60), form, upload] {
        let (mut meter, now) = meter();
        assert_eq!(accepted(&mut meter, &request, now), 20_000);
    }
}

#[test]
fn long_responses_allow_for_window_updates() {
    let (mut meter, now) = meter();
    let updates = frame(8, 4).repeat(2);
    for _ in 0..20_000 {
        meter.send(4 * 1024);
        meter.receive(&updates, now).unwrap();
    }
    // The acknowledgements of a flood do not allow for it.
    let pings = (0..20_000).take_while(|_| {
        meter.send(17);
        meter.receive(&frame(6, 8), now).is_ok()
    });
    assert!(pings.count() < 1_100);
}

#[test]
fn cancelled_requests_are_limited() {
    let (mut meter, now) = meter();
    let cancelled = [frame(HEADERS, 60), frame(RST_STREAM, 4)].concat();
    assert!(accepted(&mut meter, &cancelled, now) <= 1_000);
}

#[test]
fn frames_are_found_however_they_are_split() {
    let mut bytes = vec![b'x'; PREFACE];
    for kind in KINDS {
        bytes.extend(frame(kind, usize::from(kind)));
    }
    for size in 1..bytes.len() {
        let now = Instant::now();
        let mut meter = FrameMeter::new(now);
        for part in bytes.chunks(size) {
            meter.receive(part, now).unwrap();
        }
        assert_eq!(meter.debt, FRAME * 9, "{size}");
    }
}
