//! The threads that serve connections. Each has its own runtime, and a connection stays on its thread.
//!
//! This costs less than a shared runtime, which wakes other threads and moves tasks between them.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, JoinHandle};

use tokio::runtime::{self, Handle, Runtime};
use tokio::sync::watch;

/// The worker threads.
#[derive(Debug)]
pub(crate) struct Workers {
    threads: Vec<Worker>,
    stop: watch::Sender<bool>,
}

#[derive(Debug)]
struct Worker {
    handle: Handle,
    connections: Arc<AtomicUsize>,
    thread: JoinHandle<()>,
}

impl Workers {
    pub(crate) fn start(count: usize) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let start = |_| Worker::start(stopped.clone());
        let threads = (0..count.max(1)).map(start).collect::<io::Result<_>>()?;
        Ok(Self { threads, stop })
    }

    /// Calls `make` on the thread with the fewest connections, and runs the future that it returns there.
    pub(crate) fn spawn<F>(&self, make: impl FnOnce() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Some(worker) = self
            .threads
            .iter()
            .min_by_key(|worker| worker.connections.load(Ordering::Relaxed))
        else {
            return;
        };
        let connection = OpenConnection::count_in(&worker.connections);
        worker.handle.spawn(async move {
            make().await;
            drop(connection);
        });
    }

    /// Stops the threads, and drops the tasks that still run on them.
    pub(crate) fn stop(self) {
        self.stop.send_replace(true);
        for worker in self.threads {
            // If the thread panicked, the panic hook has already reported it.
            let _ = worker.thread.join();
        }
    }
}

impl Worker {
    fn start(stopped: watch::Receiver<bool>) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let handle = runtime.handle().clone();
        let thread = Builder::new()
            .name("kunci-hyper".to_owned())
            .spawn(move || work(&runtime, stopped))?;
        Ok(Self {
            handle,
            connections: Arc::default(),
            thread,
        })
    }
}

fn work(runtime: &Runtime, mut stopped: watch::Receiver<bool>) {
    // An error means that the sender was dropped, which also stops the thread.
    let _ = runtime.block_on(stopped.wait_for(|stopped| *stopped));
}

/// Counts one connection until it is dropped.
struct OpenConnection(Arc<AtomicUsize>);

impl OpenConnection {
    fn count_in(connections: &Arc<AtomicUsize>) -> Self {
        connections.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(connections))
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
