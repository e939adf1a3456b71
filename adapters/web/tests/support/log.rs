//! The log as a test sees it: what its own thread had written down.

use std::cell::RefCell;
use std::fmt::Debug;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span;

/// What this thread logged since it was last asked, from the first time on that any thread asked.
pub fn logged() -> String {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| tracing::subscriber::set_global_default(Log).expect("no other log"));
    LOG.take()
}

thread_local! {
    /// What was logged by this thread, that is, by this test.
    static LOG: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Writes down every event as one line.
///
/// It is made the subscriber of the whole process: one that is set for a single thread may miss events
/// that another thread came by first.
struct Log;

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        span.record(&mut Line);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut Line);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        write_down(&format!("\n{}", event.metadata().level()));
        event.record(&mut Line);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line;

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write_down(&format!(" {field}={value:?}"));
    }
}

fn write_down(text: &str) {
    LOG.with_borrow_mut(|log| log.push_str(text));
}
