//! Captures the log events of the thread that runs a test.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span;

/// Returns what this thread logged since its previous call, one line per event, with the fields of its span at
/// the end.
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
    /// Fields of the current span, if it was entered. Spans are not nested.
    static SPAN: RefCell<(String, bool)> = const { RefCell::new((String::new(), false)) };
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
        let mut fields = FieldWriter(format!(" {}:", span.metadata().name()));
        span.record(&mut fields);
        SPAN.set((fields.0, false));
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        let mut fields = FieldWriter(String::new());
        values.record(&mut fields);
        SPAN.with_borrow_mut(|(span, _)| span.push_str(&fields.0));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = FieldWriter(format!("\n{}", event.metadata().level()));
        event.record(&mut line);
        SPAN.with_borrow(|(span, entered)| line.0.push_str(if *entered { span } else { "" }));
        LOG.with_borrow_mut(|log| log.push_str(&line.0));
    }

    fn enter(&self, _: &span::Id) {
        SPAN.with_borrow_mut(|(_, entered)| *entered = true);
    }

    fn exit(&self, _: &span::Id) {
        SPAN.with_borrow_mut(|(_, entered)| *entered = false);
    }
}

/// Appends fields to a line.
struct FieldWriter(String);

impl Visit for FieldWriter {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}
