//! The messages that wait, and in which order and how often they are tried.
//!
//! What lies in the spool is the whole truth: a restart forgets only when something was last tried.
//! Left out: threads and clocks; each round is told the time.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kunci_domain::Timestamp;
use kunci_mail::{Folder, Message, recipient};
use tracing::{debug, error, warn};

use crate::courier::{Courier, Refusal};
use crate::retry::Retry;

/// How long a message is tried.
pub(crate) const MAX_AGE: Duration = Duration::from_secs(2 * 24 * 3_600);
/// The longest wait for a message that the server does not take yet.
pub(crate) const LONGEST_DELAY: Duration = Retry::LONGEST;
/// The longest wait for a server that takes nothing. A link that is good for a quarter of an hour should
/// still arrive in time when the server is back.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);
/// How often the spool is looked at anyway: other processes may put mails there.
pub(crate) const INTERVAL: Duration = Duration::from_secs(60);

/// The queue.
pub(crate) struct Queue {
    spool: Arc<Folder>,
    failed: Folder,
    courier: Box<dyn Courier>,
    /// When the server may be tried again.
    pause: Retry,
    /// When each message may be tried again, if it was tried.
    delays: HashMap<Message, Retry>,
    /// What was delivered, but could not be removed. It must not be delivered again.
    delivered: HashSet<Message>,
}

impl Queue {
    pub(crate) fn new(spool: Arc<Folder>, failed: Folder, courier: Box<dyn Courier>) -> Self {
        Self {
            spool,
            failed,
            courier,
            pause: Retry::NONE,
            delays: HashMap::new(),
            delivered: HashSet::new(),
        }
    }

    /// Tries everything that is due, and answers when to do so again. Ends early when told to stop.
    pub(crate) fn round(&mut self, now: Timestamp, stop: &AtomicBool) -> Timestamp {
        // One process delivers, or mails would be sent twice. The next one waits for its turn.
        if self.spool.try_claim() {
            match self.spool.list() {
                Ok(messages) => self.deliver_due(&messages, now, stop),
                Err(error) => error!(error = %error, "the spool of mails cannot be listed"),
            }
        }
        self.next_round(now)
    }

    fn deliver_due(&mut self, messages: &[Message], now: Timestamp, stop: &AtomicBool) {
        self.forget_what_is_gone(messages);
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
            self.give_up_the_old(messages, now);
        }
    }

    fn forget_what_is_gone(&mut self, messages: &[Message]) {
        let there: HashSet<_> = messages.iter().collect();
        self.delays.retain(|message, _| there.contains(message));
        self.delivered.retain(|message| there.contains(message));
    }

    fn try_one(&mut self, message: &Message, now: Timestamp) {
        match self.attempt(message) {
            Ok(()) => {
                debug!(mail = message.name(), "a mail was delivered");
                self.pause = Retry::NONE;
                self.remove(message);
            }
            Err(Refusal::Never(reason)) => self.give_up(message, &reason, now),
            Err(Refusal::Later(reason)) => self.delay(message, &reason, now),
            Err(Refusal::Unreachable(reason)) => {
                warn!(%reason, "the mail server takes no mails at the moment");
                self.pause.failed(now, LONGEST_PAUSE);
            }
        }
    }

    fn attempt(&self, message: &Message) -> Result<(), Refusal> {
        let text = match self.spool.read(message) {
            Ok(text) => text,
            // Somebody removed it, which is one way of dealing with it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Refusal::Later(format!("the file cannot be read: {error}"))),
        };
        let to = recipient(&text).ok_or_else(|| Refusal::Never("it names no one recipient".to_owned()))?;
        self.courier.deliver(&to, &text)
    }

    fn remove(&mut self, message: &Message) {
        match self.spool.remove(message) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                error!(mail = message.name(), error = %error, "a mail was delivered, but cannot be removed");
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
        warn!(mail = message.name(), %reason, "a mail is not taken yet");
        self.postpone(message, now);
    }

    fn postpone(&mut self, message: &Message, now: Timestamp) {
        let delay = self.delays.entry(message.clone()).or_insert(Retry::NONE);
        delay.failed(now, LONGEST_DELAY);
    }

    fn give_up_the_old(&mut self, messages: &[Message], now: Timestamp) {
        for message in messages.iter().filter(|message| is_old(message, now)) {
            self.give_up(message, "the mail server could not be reached for too long", now);
        }
    }

    /// Moves a message to where an operator can look at it, or drops it when too many lie there.
    fn give_up(&mut self, message: &Message, reason: &str, now: Timestamp) {
        error!(mail = message.name(), %reason, "a mail cannot be delivered");
        let put_away = if self.failed.has_room() {
            self.spool.move_to(&self.failed, message)
        } else {
            self.spool.remove(message)
        };
        match put_away {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                error!(mail = message.name(), error = %error, "nor can it be put away");
                self.postpone(message, now);
            }
            _ => drop(self.delays.remove(message)),
        }
    }

    /// The earliest time at which something is due, but not later than the interval.
    fn next_round(&self, now: Timestamp) -> Timestamp {
        let latest = now.after(INTERVAL);
        let waits = self.delays.values().chain([&self.pause]);
        waits
            .filter(|wait| !wait.is_over(now))
            .fold(latest, |next, wait| next.min(wait.at()))
    }
}

fn is_old(message: &Message, now: Timestamp) -> bool {
    message.at().after(MAX_AGE) <= now
}
