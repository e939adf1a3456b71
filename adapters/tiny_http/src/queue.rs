//! A bounded queue of requests that wait for a slow worker.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

pub(crate) struct Queue<T> {
    bound: usize,
    /// The items, and whether the queue is closed.
    items: Mutex<(VecDeque<T>, bool)>,
    changed: Condvar,
}

impl<T> Queue<T> {
    /// Creates a queue for `bound` items.
    pub(crate) fn bounded(bound: usize) -> Self {
        Self {
            bound,
            items: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Appends an item, or returns it if the queue is full or closed. Never blocks.
    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.lock();
        if state.1 || state.0.len() >= self.bound {
            return Err(item);
        }
        state.0.push_back(item);
        self.changed.notify_one();
        Ok(())
    }

    /// Takes the oldest item and blocks until there is one. Returns `None` if the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<T> {
        let waited = self
            .changed
            .wait_while(self.lock(), |(items, is_closed)| items.is_empty() && !*is_closed);
        waited.unwrap_or_else(PoisonError::into_inner).0.pop_front()
    }

    /// Refuses further items. The remaining items can still be taken.
    pub(crate) fn close(&self) {
        self.lock().1 = true;
        self.changed.notify_all();
    }

    /// No code panics while it holds this lock, so a poisoned lock is still consistent.
    fn lock(&self) -> MutexGuard<'_, (VecDeque<T>, bool)> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_queue_returns_the_item() {
        let queue = Queue::bounded(2);
        assert_eq!(queue.push(1), Ok(()));
        assert_eq!(queue.push(2), Ok(()));
        assert_eq!(queue.push(3), Err(3));
        assert_eq!(queue.pop(), Some(1));
        assert_eq!(queue.push(4), Ok(()));
    }

    #[test]
    fn closed_queue_returns_its_items_and_then_ends() {
        let queue = Queue::bounded(2);
        assert_eq!(queue.push(1), Ok(()));
        queue.close();
        assert_eq!(queue.push(2), Err(2));
        assert_eq!(queue.pop(), Some(1));
        assert_eq!(queue.pop(), None);
    }
}
