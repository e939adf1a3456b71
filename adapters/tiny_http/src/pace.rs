//! When the keeper connects, and how often.
//!
//! There are two reasons to be busy. Newcomers may have come in a burst, of which tiny_http has forgotten
//! some. And a thread that has served one of the keeper's connections becomes idle and serves the next,
//! unless there was a forgotten one to take: so when threads grow in number, there may be more of these.
//! Leaves out the connecting, and who the newcomers are.

use std::mem;
use std::time::Duration;

/// How often the keeper looks whether there is something to do.
pub(crate) const BEAT: Duration = Duration::from_millis(100);

/// How soon it looks after the first newcomer in a while: by then the burst that it may belong to has come.
/// From then on each beat takes twice as long as the one before, up to [`BEAT`].
pub(crate) const HURRY: Duration = Duration::from_millis(5);

/// Connections in each beat for a while, when some may be forgotten.
const BUSY_CONNECTS: usize = 8;

/// Beats for which the keeper stays busy after it has seen a reason.
const BUSY_BEATS: usize = 5;

/// Of the other beats, each of this many has one connection. More would do nothing but keep tiny_http's
/// idle threads from ending.
const IDLE_BEATS: usize = 5;

pub(crate) struct Pace {
    beat: usize,
    /// Busy beats that are left.
    busy: usize,
    pause: Duration,
    /// How many threads there were at the last connection.
    threads: Option<usize>,
}

impl Pace {
    /// The pace of a server that has so many threads, and no clients yet.
    pub(crate) const fn new(threads: Option<usize>) -> Self {
        Self {
            beat: 0,
            busy: 0,
            pause: BEAT,
            threads,
        }
    }

    /// How long until the next beat; `None` when there is no hurry, and the first newcomer may bring it
    /// forward. While many come one by one none does, or the keeper would do nothing but connect.
    pub(crate) fn pause(&self) -> Option<Duration> {
        (self.busy > 0).then_some(self.pause)
    }

    /// How many connections this beat has, when there were newcomers or not and so many threads are there.
    pub(crate) fn connects(&mut self, newcomers: bool, threads: impl FnOnce() -> Option<usize>) -> usize {
        self.beat = (self.beat + 1) % IDLE_BEATS;
        self.busy = self.busy.saturating_sub(1);
        self.pause = (2 * self.pause).min(BEAT);
        if newcomers {
            self.stay_busy(self.busy == 0);
        }
        if self.busy == 0 && self.beat != 0 {
            return 0;
        }
        let before = mem::replace(&mut self.threads, threads());
        if self.threads > before {
            self.stay_busy(true);
        }
        if self.busy == 0 { 1 } else { BUSY_CONNECTS }
    }

    fn stay_busy(&mut self, hurries: bool) {
        self.busy = BUSY_BEATS;
        if hurries {
            self.pause = HURRY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: fn() -> Option<usize> = || Some(10);
    const MORE: fn() -> Option<usize> = || Some(11);

    /// The connections of some beats, and the pauses after them in milliseconds.
    fn beats(pace: &mut Pace, count: usize, newcomers: bool) -> Vec<(usize, Option<u128>)> {
        let mut beat = || {
            let connects = pace.connects(newcomers, FEW);
            (connects, pace.pause().map(|pause| pause.as_millis()))
        };
        (0..count).map(|_| beat()).collect()
    }

    #[test]
    fn without_newcomers_one_beat_of_five_has_one_connection() {
        let mut pace = Pace::new(FEW());
        let idle = [(0, None), (0, None), (0, None), (0, None), (1, None)];
        assert_eq!(beats(&mut pace, 10, false), [idle, idle].concat());
    }

    #[test]
    fn a_newcomer_brings_beats_that_begin_soon_and_become_rarer() {
        let mut pace = Pace::new(FEW());
        assert_eq!(beats(&mut pace, 1, true), [(8, Some(5))]);
        let busy = [(8, Some(10)), (8, Some(20)), (8, Some(40)), (8, Some(80))];
        assert_eq!(beats(&mut pace, 4, false), busy);
        assert_eq!(pace.pause(), Some(Duration::from_millis(80)));
        assert_eq!(beats(&mut pace, 1, false), [(0, None)]);
        assert_eq!(beats(&mut pace, 1, true), [(8, Some(5))], "and it begins anew");
    }

    #[test]
    fn newcomers_all_the_time_do_not_make_it_hurry() {
        let mut pace = Pace::new(FEW());
        beats(&mut pace, 6, true);
        assert_eq!(beats(&mut pace, 3, true), [(8, Some(100)); 3]);
    }

    #[test]
    fn a_thread_more_is_a_reason_to_hurry_again() {
        let mut pace = Pace::new(FEW());
        beats(&mut pace, 4, true);
        assert_eq!(pace.connects(false, MORE), 8);
        assert_eq!(pace.pause(), Some(HURRY));
    }
}
