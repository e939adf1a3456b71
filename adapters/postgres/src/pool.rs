//! A bounded pool of connections. It opens them on demand, and waits between failed attempts.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connector::Connector;
use crate::error::PgError;

/// The wait after the first failed attempt to connect. It doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// The connections of one process to a database.
pub(crate) struct Pool {
    connector: Connector,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    /// The number of connections, idle or not, and of attempts to connect.
    open: usize,
    failed: Option<Failed>,
}

/// The last attempt to connect, if it failed.
struct Failed {
    error: Arc<PgError>,
    wait: Duration,
    until: Instant,
}

impl Pool {
    pub(crate) fn new(connector: Connector) -> Self {
        Self {
            connector,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Runs `work` on a connection: an idle one, or a new one if the pool is not full. Otherwise waits for one.
    ///
    /// # Errors
    /// [`PgError::Exhausted`] after the wait, [`PgError::NotConnected`] after a failed attempt to connect and shortly
    /// after it, and the error of `work`.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, PgError>,
    ) -> Result<T, PgError> {
        let (place, mut connection) = self.take()?;
        let result = work(&mut connection);
        if connection.is_usable() {
            place.give_back(connection);
        }
        result
    }

    /// Closes the idle connections. If one is found to be lost, the others most likely are as well.
    pub(crate) fn close_idle(&self) {
        let mut state = self.lock();
        let idle = std::mem::take(&mut state.idle);
        state.open -= idle.len();
        drop(state);
        self.changed.notify_all();
    }

    fn take(&self) -> Result<(Place<'_>, Connection), PgError> {
        let end = Instant::now() + self.connector.options.connect_timeout;
        let mut state = self.lock();
        loop {
            if let Some(mut connection) = state.idle.pop() {
                drop(state);
                let place = Place { pool: self };
                if connection.is_alive() {
                    return Ok((place, connection));
                }
                drop(place);
                self.close_idle();
                state = self.lock();
            } else if state.open < self.connector.options.pool_size {
                state.check_wait()?;
                state.open += 1;
                drop(state);
                return self.connect(Place { pool: self });
            } else {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(PgError::Exhausted);
                }
                let waited = self.changed.wait_timeout(state, left);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    fn connect<'p>(&'p self, place: Place<'p>) -> Result<(Place<'p>, Connection), PgError> {
        let connected = self.connector.connect();
        let mut state = self.lock();
        match connected {
            Ok(connection) => {
                state.failed = None;
                Ok((place, connection))
            }
            Err(error) => {
                let error = Arc::new(error);
                state.remember(Arc::clone(&error));
                // The place needs the lock when it is dropped.
                drop(state);
                Err(PgError::NotConnected(error))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Refuses an attempt to connect shortly after one that failed.
    fn check_wait(&self) -> Result<(), PgError> {
        match &self.failed {
            Some(failed) if Instant::now() < failed.until => {
                Err(PgError::NotConnected(Arc::clone(&failed.error)))
            }
            _ => Ok(()),
        }
    }

    fn remember(&mut self, error: Arc<PgError>) {
        let last = self.failed.as_ref().map(|failed| failed.wait);
        let wait = last.map_or(FIRST_WAIT, |last| (last * 2).min(LONGEST_WAIT));
        let until = Instant::now() + wait;
        self.failed = Some(Failed { error, wait, until });
    }
}

/// The place of one connection in the pool. It becomes free when it is dropped.
struct Place<'p> {
    pool: &'p Pool,
}

impl Place<'_> {
    /// Makes a connection idle, which keeps its place.
    fn give_back(self, connection: Connection) {
        let mut state = self.pool.lock();
        state.idle.push(connection);
        // Dropping this place frees it.
        state.open += 1;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.pool.lock().open -= 1;
        self.pool.changed.notify_one();
    }
}
