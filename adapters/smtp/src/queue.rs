//! The delivery queue: the order of messages and their retries.
//!
//! The spool folder is the only stored state. A restart forgets the waits and tries every message at once.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kunci_domain::Timestamp;
use kunci_mail::{Folder, Message, recipient};
use tracing::{debug, error, warn};

use crate::backoff::Backoff;
use crate::delivery::{Delivery, DeliveryError};

/// The time after which the queue gives up on a message.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(2 * 24 * 3_600);
/// The longest wait after a temporary error of one message.
pub(crate) const LONGEST_DELAY: Duration = Backoff::LONGEST;
/// The longest wait for an unreachable server. It is shorter than the 15 minutes for which a reset link is
/// valid.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);
/// The interval at which the spool is listed anyway, because other processes may add mails.
pub(crate) const INTERVAL: Duration = Duration::from_secs(60);

/// The delivery queue.
pub(crate) struct Queue {
    spool: Arc<Folder>,
    failed: Folder,
    delivery: Box<dyn Delivery>,
    /// The wait for the server.
    pause: Backoff,
    /// The waits of messages that failed.
    delays: HashMap<Message, Backoff>,
    /// Messages that were delivered but could not be removed. They must not be delivered again.
    delivered: HashSet<Message>,
}

impl Queue {
    pub(crate) fn new(spool: Arc<Folder>, failed: Folder, delivery: Box<dyn Delivery>) -> Self {
        Self {
            spool,
            failed,
            delivery,
            pause: Backoff::NONE,
            delays: HashMap::new(),
            delivered: HashSet::new(),
        }
    }

    /// Tries every message that is due and returns the time of the next run. Ends early if a stop is
    /// requested.
    pub(crate) fn run_once(&mut self, now: Timestamp, stop: &AtomicBool) -> Timestamp {
        // Only one process delivers, because two would send mails twice.
        if self.spool.try_claim() {
            match self.spool.list() {
                Ok(messages) => self.deliver_due(&messages, now, stop),
                Err(error) => error!(error = %error, "cannot list the mail spool"),
            }
        }
        self.next_run(now)
    }

    fn deliver_due(&mut self, messages: &[Message], now: Timestamp, stop: &AtomicBool) {
        self.forget_removed(messages);
        for message in messages {
            if stop.load(Ordering::SeqCst) || !self.pause.is_over(now) {
                break;
            }
            let due = self.delays.get(message).is_none_or(|delay| delay.is_over(now));
            if self.delivered.contains(message) {
                self.remove(message);
            } else if due {
                self.try_one(message, now);
            }
        }
        if !self.pause.is_over(now) {
            self.give_up_old(messages, now);
        }
    }

    fn forget_removed(&mut self, messages: &[Message]) {
        let existing: HashSet<_> = messages.iter().collect();
        self.delays.retain(|message, _| existing.contains(message));
        self.delivered.retain(|message| existing.contains(message));
    }

    fn try_one(&mut self, message: &Message, now: Timestamp) {
        match self.attempt(message) {
            Ok(()) => {
                debug!(mail = message.name(), "delivered a mail");
                self.pause = Backoff::NONE;
                self.remove(message);
            }
            Err(DeliveryError::Permanent(reason)) => self.give_up(message, &reason, now),
            Err(DeliveryError::Temporary(reason)) => self.delay(message, &reason, now),
            Err(DeliveryError::Unreachable(reason)) => {
                warn!(%reason, "the mail server accepts no mail at the moment");
                self.pause.record_failure(now, LONGEST_PAUSE);
            }
        }
    }

    fn attempt(&self, message: &Message) -> Result<(), DeliveryError> {
        let text = match self.spool.read(message) {
            Ok(text) => text,
            // An operator may remove a mail from the spool.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(DeliveryError::Temporary(format!("cannot read the file: {error}"))),
        };
        let to = recipient(&text).ok_or_else(|| {
            DeliveryError::Permanent("the file does not name exactly one recipient".to_owned())
        })?;
        self.delivery.deliver(&to, &text)
    }

    fn remove(&mut self, message: &Message) {
        match self.spool.remove(message) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                error!(mail = message.name(), error = %error, "cannot remove a delivered mail");
                self.delivered.insert(message.clone());
            }
            _ => {
                self.delays.remove(message);
                self.delivered.remove(message);
            }
        }
    }

    fn delay(&mut self, message: &Message, reason: &str, now: Timestamp) {
        if is_old(message, now) {
            self.give_up(message, reason, now);
            return;
        }
        warn!(mail = message.name(), %reason, "the mail server did not accept a mail yet");
        self.postpone(message, now);
    }

    fn postpone(&mut self, message: &Message, now: Timestamp) {
        let delay = self.delays.entry(message.clone()).or_insert(Backoff::NONE);
        delay.record_failure(now, LONGEST_DELAY);
    }

    fn give_up_old(&mut self, messages: &[Message], now: Timestamp) {
        for message in messages.iter().filter(|message| is_old(message, now)) {
            self.give_up(message, "the mail server was unreachable for two days", now);
        }
    }

    /// Moves a message to the folder of failed mails, or removes it if that folder is full.
    fn give_up(&mut self, message: &Message, reason: &str, now: Timestamp) {
        error!(mail = message.name(), %reason, "cannot deliver a mail");
        let moved = if self.failed.has_room() {
            self.spool.move_to(&self.failed, message)
        } else {
            self.spool.remove(message)
        };
        match moved {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                error!(mail = message.name(), error = %error, "cannot move a failed mail out of the spool");
                self.postpone(message, now);
            }
            _ => drop(self.delays.remove(message)),
        }
    }

    /// Returns the earliest time at which a message is due, within [`INTERVAL`].
    fn next_run(&self, now: Timestamp) -> Timestamp {
        let latest = now.after(INTERVAL);
        let waits = self.delays.values().chain([&self.pause]);
        waits
            .filter(|wait| !wait.is_over(now))
            .fold(latest, |next, wait| next.min(wait.until()))
    }
}

fn is_old(message: &Message, now: Timestamp) -> bool {
    message.at().after(MAX_AGE) <= now
}
