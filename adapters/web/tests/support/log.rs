//! Captures the log events of the thread that runs a test.

use std::cell::RefCell;
use std::fmt::Debug;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span;

/// Returns what this thread logged since its previous call, one line per event.
///
/// The first call of any thread starts the capture.
pub fn take_log() -> String {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        tracing::subscriber::set_global_default(LogCapture).expect("no other subscriber is set")
    });
    LOG.take()
}

thread_local! {
    /// Events of this thread, and so of one test.
    static LOG: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Subscriber that records every event as one line.
///
/// It is the global subscriber: `tracing` caches whether anyone listens to an event, so a subscriber of one
/// thread can miss events that another thread reached first.
struct LogCapture;

impl tracing::Subscriber for LogCapture {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        span.record(&mut FieldWriter);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut FieldWriter);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        append_to_log(&format!("\n{}", event.metadata().level()));
        event.record(&mut FieldWriter);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Appends fields to the log of the current thread.
struct FieldWriter;

impl Visit for FieldWriter {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        append_to_log(&format!(" {field}={value:?}"));
    }
}

fn append_to_log(text: &str) {
    LOG.with_borrow_mut(|log| log.push_str(text));
}
