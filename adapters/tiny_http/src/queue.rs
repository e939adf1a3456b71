//! A bounded queue between the quick workers and a pool: whoever finds it full is told at once.
//! Leaves out waiting for room, which no quick worker may do.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub(crate) struct Queue<T> {
    bound: usize,
    state: Mutex<State<T>>,
    pushed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    /// Takers that wait in `pop`. An item for each of them waits for no longer than a wake-up takes,
    /// so these do not count against the bound.
    idle: usize,
    closed: bool,
}

impl<T> Queue<T> {
    /// A queue in which at most `bound` items wait for a taker that is busy.
    pub(crate) fn bounded(bound: usize) -> Self {
        let state = State {
            items: VecDeque::new(),
            idle: 0,
            closed: false,
        };
        Self {
            bound,
            state: Mutex::new(state),
            pushed: Condvar::new(),
        }
    }

    /// Appends an item, or gives it back when the queue is full or closed. Never waits.
    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.lock();
        if state.closed || state.items.len() >= self.bound.saturating_add(state.idle) {
            return Err(item);
        }
        state.items.push_back(item);
        self.pushed.notify_one();
        Ok(())
    }

    /// Takes the oldest item, waiting for one if need be. `None` once the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                return Some(item);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = self.pushed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// Lets nothing more in. What is in it can still be taken.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.pushed.notify_all();
    }

    /// Nothing panics while it holds this lock, so a poisoned one is as good as another.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_gives_the_item_back() {
        let queue = Queue::bounded(2);
        assert_eq!(queue.push(1), Ok(()));
        assert_eq!(queue.push(2), Ok(()));
        assert_eq!(queue.push(3), Err(3));
        assert_eq!(queue.pop(), Some(1));
        assert_eq!(queue.push(4), Ok(()));
    }

    #[test]
    fn a_closed_queue_is_emptied_and_then_ends() {
        let queue = Queue::bounded(2);
        assert_eq!(queue.push(1), Ok(()));
        queue.close();
        assert_eq!(queue.push(2), Err(2));
        assert_eq!(queue.pop(), Some(1));
        assert_eq!(queue.pop(), None);
    }

    #[test]
    fn an_idle_taker_makes_room_even_in_a_queue_of_none() {
        let queue = Queue::bounded(0);
        assert_eq!(queue.push(0), Err(0));
        std::thread::scope(|scope| {
            let taken = scope.spawn(|| queue.pop());
            while queue.push(7).is_err() {
                std::thread::yield_now();
            }
            assert_eq!(taken.join().unwrap(), Some(7));
        });
    }
}
