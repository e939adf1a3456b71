//! Tests how often a failure is logged.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Mutex, OnceLock};
use std::thread;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::{in_one_batch, notes, oks, writer};
use crate::writer::Writer;

/// Counts the messages of each thread. It is the subscriber of the whole test program.
#[derive(Default)]
struct Counts(Mutex<BTreeMap<(String, String), usize>>);

impl Counts {
    fn of_program() -> &'static Self {
        static COUNTS: OnceLock<&Counts> = OnceLock::new();
        COUNTS.get_or_init(|| {
            let counts: &'static Self = Box::leak(Box::default());
            tracing::subscriber::set_global_default(counts).unwrap();
            counts
        })
    }

    /// Returns how often the thread of `writer` has logged `message`.
    fn on_thread_of(&self, writer: &Writer, message: &str) -> usize {
        let thread = writer.write(|_| Ok(thread_name())).unwrap();
        let counts = self.0.lock().unwrap();
        counts.get(&(thread, message.to_owned())).copied().unwrap_or(0)
    }
}

fn thread_name() -> String {
    format!("{:?}", thread::current().id())
}

impl Subscriber for &'static Counts {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        let mut counts = self.0.lock().unwrap();
        *counts.entry((thread_name(), message.0)).or_default() += 1;
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

#[test]
fn failing_batches_are_logged_once_until_one_succeeds() {
    let counts = Counts::of_program();
    let (_folder, writer) = writer(16);
    let logged = || counts.on_thread_of(&writer, "a transaction failed; retrying its writes one by one");
    let broken = ["INSERT INTO nowhere VALUES (1)", "INSERT INTO notes VALUES ('a')"];
    for _ in 0..3 {
        assert!(!oks(&in_one_batch(&writer, &broken))[0]);
    }
    assert_eq!((logged(), notes(&writer).as_str()), (1, "a"));
    let works = ["INSERT INTO notes VALUES ('b')", "INSERT INTO notes VALUES ('c')"];
    assert_eq!(oks(&in_one_batch(&writer, &works)), [true, true]);
    in_one_batch(&writer, &broken);
    assert_eq!(logged(), 2);
}
