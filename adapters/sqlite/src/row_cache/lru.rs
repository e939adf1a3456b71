//! A map of rows, bounded by bytes. Inserting evicts the least recently used rows.

use hashlink::LinkedHashMap;

use super::size::estimated_bytes;
use super::{Row, RowId};

/// The rows, least recently used first.
pub(super) struct LruRows {
    rows: LinkedHashMap<RowId, Row>,
    bytes: usize,
    max_bytes: usize,
}

impl LruRows {
    /// Creates an empty map of at most about `max_bytes`.
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            rows: LinkedHashMap::new(),
            bytes: 0,
            max_bytes,
        }
    }

    /// Returns the row and makes it the most recently used one.
    pub(super) fn get(&mut self, id: RowId) -> Option<Row> {
        self.rows.to_back(&id).cloned()
    }

    /// Inserts or replaces a row. A row that is larger than the whole map is not inserted.
    pub(super) fn put(&mut self, id: RowId, row: Row) {
        self.remove(id);
        let added = estimated_bytes(&row);
        if self.max_bytes < added {
            return;
        }
        while self.max_bytes - added < self.bytes
            && let Some((_, oldest)) = self.rows.pop_front()
        {
            self.bytes -= estimated_bytes(&oldest);
        }
        self.bytes += added;
        self.rows.insert(id, row);
    }

    pub(super) fn remove(&mut self, id: RowId) {
        if let Some(row) = self.rows.remove(&id) {
            self.bytes -= estimated_bytes(&row);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new(self.max_bytes);
    }
}
