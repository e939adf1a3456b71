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

/// Threads with a runtime each.
#[derive(Debug)]
pub(crate) struct Workers {
    all: Vec<Worker>,
    end: watch::Sender<bool>,
}

#[derive(Debug)]
struct Worker {
    handle: Handle,
    /// The number of its connections.
    load: Arc<AtomicUsize>,
    thread: JoinHandle<()>,
}

impl Workers {
    pub(crate) fn start(count: usize) -> io::Result<Self> {
        let (end, ended) = watch::channel(false);
        let start = |_| Worker::start(ended.clone());
        let all = (0..count.max(1)).map(start).collect::<io::Result<_>>()?;
        Ok(Self { all, end })
    }

    /// Runs the future that `make` returns on the thread with the fewest connections.
    pub(crate) fn spawn<F>(&self, make: impl FnOnce() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Some(worker) = self
            .all
            .iter()
            .min_by_key(|worker| worker.load.load(Ordering::Relaxed))
        else {
            return;
        };
        let load = Arc::clone(&worker.load);
        load.fetch_add(1, Ordering::Relaxed);
        let load = Load(load);
        worker.handle.spawn(async move {
            make().await;
            drop(load);
        });
    }

    /// Ends the threads and the tasks that still run on them.
    pub(crate) fn end(self) {
        self.end.send_replace(true);
        for worker in self.all {
            // The panic hook has reported a panic.
            let _ = worker.thread.join();
        }
    }
}

impl Worker {
    fn start(ended: watch::Receiver<bool>) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let handle = runtime.handle().clone();
        let thread = Builder::new()
            .name("kunci-hyper".to_owned())
            .spawn(move || work(&runtime, ended))?;
        Ok(Self {
            handle,
            load: Arc::default(),
            thread,
        })
    }
}

fn work(runtime: &Runtime, mut ended: watch::Receiver<bool>) {
    // An error means that the sender is dropped, which ends the thread too.
    let _ = runtime.block_on(ended.wait_for(|ended| *ended));
}

/// Counts one connection until it is dropped.
struct Load(Arc<AtomicUsize>);

impl Drop for Load {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
