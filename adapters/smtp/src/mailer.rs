//! The mailer: a spool folder and a thread that delivers it.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use kunci_domain::Timestamp;
use kunci_domain::mail::Mail;
use kunci_domain::ports::{Cause, Clock, Entropy, MailError, Mailer};
use kunci_mail::{Composer, Folder, Outbox};
use thiserror::Error;
use tracing::error;

use crate::credentials::Credentials;
use crate::delivery::Delivery;
use crate::queue::{INTERVAL, Queue};
use crate::server::Server;
use crate::smtp_delivery::{SmtpDelivery, TIMEOUT};

/// The subfolder of the spool for mails that could not be delivered.
const FAILED: &str = "failed";

/// A [`Mailer`] that delivers through an SMTP server.
///
/// - `send` writes to the disk and returns without waiting for the server.
/// - The first retry follows after one minute. The wait then doubles up to one hour, for two days. Mails that
///   the server refuses, or does not accept within two days, are moved to `failed` in the spool and logged.
/// - Mails in the spool are also delivered after a restart. No mail is lost. If the process ends between the
///   server's answer and the removal of the file, a mail is delivered twice.
/// - If several processes share a spool, one of them delivers.
pub struct SmtpMailer {
    outbox: Outbox,
    wake: SyncSender<()>,
    stop: Arc<AtomicBool>,
    ended: Mutex<Receiver<()>>,
}

/// The mailer cannot start.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The spool folder cannot be used.
    #[error(transparent)]
    Spool(#[from] kunci_mail::OpenError),
    /// TLS cannot be set up for this server.
    #[error("cannot set up TLS for the mail server")]
    Tls(#[source] Cause),
    /// The operating system cannot start a thread.
    #[error("cannot start a thread for mail delivery")]
    Thread(#[source] io::Error),
}

impl SmtpMailer {
    /// Opens the spool with a limit of [`Outbox::MAX_MAILS`] and starts to deliver it.
    ///
    /// # Errors
    /// Returns [`OpenError`]. An unreachable server is not an error.
    pub fn open(
        spool: &Path,
        composer: Composer,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
        server: Server,
        credentials: Option<&Credentials>,
    ) -> Result<Self, OpenError> {
        let delivery = SmtpDelivery::new(server, credentials, composer.sender()).map_err(OpenError::Tls)?;
        let outbox = Outbox::open(spool, composer, entropy)?;
        Self::start(outbox, Box::new(delivery), clock)
    }

    pub(crate) fn start(
        outbox: Outbox,
        delivery: Box<dyn Delivery>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let spool = Arc::clone(outbox.folder());
        let failed = Folder::open(&spool.path().join(FAILED), Outbox::MAX_MAILS)?;
        let queue = Queue::new(spool, failed, delivery);
        // One pending wake-up covers all later ones.
        let (wake, woken) = sync_channel(1);
        let (end, ended) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let stop_requested = Arc::clone(&stop);
        thread::Builder::new()
            .name("mail".to_owned())
            .spawn(move || {
                run(queue, &*clock, &woken, &stop_requested);
                // The receiver may be gone.
                let _ = end.send(());
            })
            .map_err(OpenError::Thread)?;
        Ok(Self {
            outbox,
            wake,
            stop,
            ended: Mutex::new(ended),
        })
    }

    /// Stops the delivery after the current mail, and waits for at most [`TIMEOUT`]. Other mails stay in the
    /// spool.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        self.wake_up();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if ended.recv_timeout(TIMEOUT) == Err(RecvTimeoutError::Timeout) {
            error!("the mail server did not answer before the shutdown: a mail may be delivered twice");
        }
    }

    #[cfg(test)]
    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    fn wake_up(&self) {
        let ended = matches!(self.wake.try_send(()), Err(TrySendError::Disconnected(())));
        if ended && !self.stop.load(Ordering::SeqCst) {
            error!("the mail thread has ended: mails stay in the spool until the next start");
        }
    }
}

/// Delivers the queue until a stop is requested.
fn run(mut queue: Queue, clock: &dyn Clock, woken: &Receiver<()>, stop: &AtomicBool) {
    const SHORTEST: Duration = Duration::from_secs(1);
    while !stop.load(Ordering::SeqCst) {
        let next = queue.run_once(clock.now(), stop);
        // If the clock is set, the thread must neither spin nor sleep for days.
        let wait = next.since(clock.now()).clamp(SHORTEST, INTERVAL);
        if woken.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected) {
            break;
        }
    }
}

impl Mailer for SmtpMailer {
    fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError> {
        self.outbox.send(mail, now)?;
        // A mail to nobody also wakes the thread, so that it takes the same time.
        self.wake_up();
        Ok(())
    }
}

impl Drop for SmtpMailer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer")
            .field("outbox", &self.outbox)
            .finish_non_exhaustive()
    }
}
