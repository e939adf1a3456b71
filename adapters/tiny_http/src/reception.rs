//! How quick workers come by requests: in the order in which they came in, and with as few of them
//! awake as there is work for.
//!
//! tiny_http wakes a waiting thread for every request. That is a change of threads each time, which
//! costs more than answering does, and two threads that are woken one after the other look at two
//! requests of one connection in any order. So at most one worker, the lead, waits there. While it
//! answers what it got, nobody waits: when it comes back, it takes all that has come in since, in order,
//! and wakes another worker only if that is a crowd. Should the lead not come back soon, the deputy, who
//! has been watching, takes its place.
//! Leaves out what is done with a request, and which are parked.

use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tiny_http::{Request, Server};

/// How often the deputy looks whether the lead is stuck, and thus how long a request may have to wait
/// for one before it that is slower than it should be.
const LOOK: Duration = Duration::from_millis(1);

/// So many looks at a lead that waits for work, and the deputy stops looking until there is some.
const IDLE_LOOKS: usize = 20;

/// So many requests ready, and the workers that are awake are not enough. With fewer, waking another one
/// costs more than it gains.
const CROWD: usize = 8;

/// The place where requests come in.
pub(crate) struct Reception {
    server: Server,
    line: Mutex<Line>,
    /// For workers that are not needed.
    work: Condvar,
    /// For the deputy.
    watch: Condvar,
}

#[derive(Default)]
struct Line {
    /// Requests that have been taken from tiny_http, oldest first.
    ready: VecDeque<Request>,
    /// How many requests have been given to workers.
    given: u64,
    /// Whether the lead waits for tiny_http, and all that comes in is its.
    is_awaited: bool,
    /// Workers that wait for `work`.
    idle: usize,
    has_deputy: bool,
    deputy_sleeps: bool,
    is_closed: bool,
}

impl Reception {
    pub(crate) fn new(server: Server) -> Self {
        Self {
            server,
            line: Mutex::default(),
            work: Condvar::new(),
            watch: Condvar::new(),
        }
    }

    /// The next request, waiting for one if need be, or `None` when it is closed and all are given.
    /// `admit` sees every request in the order in which they came in, and can keep it.
    ///
    /// # Errors
    ///
    /// tiny_http's last words, after which it accepts no more connections.
    pub(crate) fn next(&self, admit: &dyn Fn(Request) -> Option<Request>) -> io::Result<Option<Request>> {
        let mut line = self.lock();
        loop {
            if line.ready.is_empty() && !line.is_awaited {
                self.collect(&mut line, admit)?;
            }
            if let Some(request) = line.ready.pop_front() {
                line.given += 1;
                self.rouse(&line);
                return Ok(Some(request));
            }
            line = match (line.is_closed, line.is_awaited, line.has_deputy) {
                (true, ..) => return Ok(None),
                (_, false, _) => self.lead(line, admit)?,
                (_, true, false) => self.watch(line),
                (_, true, true) => self.rest(line),
            };
        }
    }

    /// Gives out what has come in, and then ends all workers.
    pub(crate) fn close(&self) {
        let mut line = self.lock();
        line.is_closed = true;
        if line.is_awaited {
            self.server.unblock();
        }
        drop(line);
        self.work.notify_all();
        self.watch.notify_all();
    }

    /// Takes all that has come in.
    fn collect(&self, line: &mut Line, admit: &dyn Fn(Request) -> Option<Request>) -> io::Result<()> {
        while let Some(request) = self.server.try_recv()? {
            line.ready.extend(admit(request));
        }
        Ok(())
    }

    /// Wakes whoever is needed when a request has been given out: someone for the crowd that is left, or
    /// the deputy to watch this one.
    fn rouse(&self, line: &Line) {
        let is_crowded = line.ready.len() >= CROWD;
        if is_crowded && line.idle > 0 {
            self.work.notify_one();
        } else if is_crowded || line.deputy_sleeps {
            self.watch.notify_one();
        }
    }

    fn lead<'a>(
        &'a self,
        mut line: MutexGuard<'a, Line>,
        admit: &dyn Fn(Request) -> Option<Request>,
    ) -> io::Result<MutexGuard<'a, Line>> {
        line.is_awaited = true;
        drop(line);
        let received = self.server.recv();
        let mut line = self.lock();
        line.is_awaited = false;
        match received {
            Ok(request) => line.ready.extend(admit(request)),
            // This is how `unblock` ends waiting.
            Err(_) if line.is_closed => {}
            Err(error) => return Err(error),
        }
        Ok(line)
    }

    /// Watches the lead, until there is a crowd, or the lead answers one request for too long.
    fn watch<'a>(&'a self, mut line: MutexGuard<'a, Line>) -> MutexGuard<'a, Line> {
        line.has_deputy = true;
        let (mut given, mut idle_looks) = (line.given, 0);
        while line.ready.len() < CROWD && !line.is_closed {
            if idle_looks == IDLE_LOOKS {
                line.deputy_sleeps = true;
                line = self.watch.wait(line).unwrap_or_else(PoisonError::into_inner);
                line.deputy_sleeps = false;
            } else {
                let looked = self.watch.wait_timeout(line, LOOK);
                line = looked.unwrap_or_else(PoisonError::into_inner).0;
                if line.given == given && !line.is_awaited {
                    break;
                }
            }
            idle_looks = if line.given == given { idle_looks + 1 } else { 0 };
            given = line.given;
        }
        line.has_deputy = false;
        // There should always be a deputy while others rest.
        self.work.notify_one();
        line
    }

    fn rest<'a>(&'a self, mut line: MutexGuard<'a, Line>) -> MutexGuard<'a, Line> {
        line.idle += 1;
        line = self.work.wait(line).unwrap_or_else(PoisonError::into_inner);
        line.idle -= 1;
        line
    }

    /// Nothing panics while it holds this lock but what `admit` may do, which leaves the line as it was.
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
