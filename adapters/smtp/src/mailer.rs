//! The mailer: a spool, and a thread that delivers what lies there.

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

use crate::courier::Courier;
use crate::credentials::Credentials;
use crate::queue::{INTERVAL, Queue};
use crate::server::Server;
use crate::session::{Sessions, TIMEOUT};

/// Where mails go that could not be delivered, within the spool.
const FAILED: &str = "failed";

/// A [`Mailer`] that delivers through an SMTP server.
///
/// - `send` writes to the disk and returns; it waits for no server.
/// - Mails are tried for two days, after one minute at first and every hour at last. What the server
///   refuses for good, or for too long, is moved to `failed` within the spool, and logged.
/// - What lies in the spool at the start is delivered, too. A mail may arrive twice when the process ends
///   between the server's answer and ours to the disk; none is lost.
/// - Of several processes with the same spool, one delivers.
pub struct SmtpMailer {
    outbox: Outbox,
    wake: SyncSender<()>,
    stop: Arc<AtomicBool>,
    ended: Mutex<Receiver<()>>,
}

/// Why mails cannot be sent.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The spool cannot be used.
    #[error(transparent)]
    Spool(#[from] kunci_mail::OpenError),
    /// There can be no TLS to this server.
    #[error("TLS to the mail server cannot be set up")]
    Tls(#[source] Cause),
    /// The system gives no thread.
    #[error("there is no thread that could deliver mails")]
    Thread(#[source] io::Error),
}

impl SmtpMailer {
    /// Opens the spool, with a bound of [`Outbox::MAX_MAILS`], and begins to deliver what lies there.
    ///
    /// # Errors
    /// [`OpenError`]. That the server cannot be reached is none.
    pub fn open(
        spool: &Path,
        composer: Composer,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
        server: Server,
        credentials: Option<&Credentials>,
    ) -> Result<Self, OpenError> {
        let courier = Sessions::new(server, credentials, composer.sender()).map_err(OpenError::Tls)?;
        let outbox = Outbox::open(spool, composer, entropy)?;
        Self::start(outbox, Box::new(courier), clock)
    }

    pub(crate) fn start(
        outbox: Outbox,
        courier: Box<dyn Courier>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let spool = Arc::clone(outbox.folder());
        let failed = Folder::open(&spool.path().join(FAILED), Outbox::MAX_MAILS)?;
        let queue = Queue::new(spool, failed, courier);
        // One wake-up that waits is as good as many.
        let (wake, woken) = sync_channel(1);
        let (end, ended) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        thread::Builder::new()
            .name("mail".to_owned())
            .spawn(move || {
                deliver(queue, &*clock, &woken, &told);
                // Nobody may be waiting for it.
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

    /// Ends the delivery, after the mail that is being delivered, and waits for that for at most
    /// [`TIMEOUT`]. What is in the spool stays there.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        self.wake_up();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if ended.recv_timeout(TIMEOUT) == Err(RecvTimeoutError::Timeout) {
            error!("the mail server takes too long: a mail may be delivered twice");
        }
    }

    #[cfg(test)]
    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    fn wake_up(&self) {
        let ended = matches!(self.wake.try_send(()), Err(TrySendError::Disconnected(())));
        if ended && !self.stop.load(Ordering::SeqCst) {
            error!("mails are kept but not delivered, as their thread has ended");
        }
    }
}

/// Delivers until it is told to stop.
fn deliver(mut queue: Queue, clock: &dyn Clock, woken: &Receiver<()>, stop: &AtomicBool) {
    const SHORTEST: Duration = Duration::from_secs(1);
    while !stop.load(Ordering::SeqCst) {
        let next = queue.round(clock.now(), stop);
        // A clock may be set meanwhile; neither must it spin then, nor sleep for days.
        let wait = next.since(clock.now()).clamp(SHORTEST, INTERVAL);
        if woken.recv_timeout(wait) == Err(RecvTimeoutError::Disconnected) {
            break;
        }
    }
}

impl Mailer for SmtpMailer {
    fn send(&self, mail: &Mail, now: Timestamp) -> Result<(), MailError> {
        self.outbox.send(mail, now)?;
        // Also for a mail to nobody, so that it costs the same.
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
