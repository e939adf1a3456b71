//! A map that holds what was asked for last, within a bound of memory: what nobody has asked for the longest
//! makes room for what is put in.
//!
//! Left out: when a row is true, which its user knows.

use hashlink::LinkedHashMap;

use super::weight::weight;
use super::{Row, RowId};

/// The rows, with the one at the front that was asked for the longest time ago.
pub(super) struct Recent {
    rows: LinkedHashMap<RowId, Row>,
    /// How much they weigh, and may weigh, in bytes.
    weight: usize,
    most: usize,
}

impl Recent {
    /// Nothing yet; later at most about `bytes`.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            rows: LinkedHashMap::new(),
            weight: 0,
            most: bytes,
        }
    }

    pub(super) fn get(&mut self, id: RowId) -> Option<Row> {
        self.rows.to_back(&id).cloned()
    }

    /// Puts a row in, in the place of whatever goes by its id, unless it alone is too large.
    pub(super) fn put(&mut self, id: RowId, row: Row) {
        self.remove(id);
        let added = weight(&row);
        if self.most < added {
            return;
        }
        while self.most - added < self.weight
            && let Some((_, oldest)) = self.rows.pop_front()
        {
            self.weight -= weight(&oldest);
        }
        self.weight += added;
        self.rows.insert(id, row);
    }

    pub(super) fn remove(&mut self, id: RowId) {
        if let Some(row) = self.rows.remove(&id) {
            self.weight -= weight(&row);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new(self.most);
    }
}
