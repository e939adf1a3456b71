//! A map that holds what was asked for of late, within a bound of memory.
//!
//! There are two generations. What is put goes into the young one; when that is full it becomes the old
//! one, and the former old one is dropped with all that nobody has asked for since. What is asked for in the
//! old one moves to the young one.
//!
//! Left out: when a row is true, which its user knows.

use std::collections::HashMap;
use std::mem;

use super::weight::weight;
use super::{Row, RowId};

/// The rows of both generations.
pub(super) struct Generations {
    young: HashMap<RowId, Row>,
    old: HashMap<RowId, Row>,
    /// How much the young ones weigh, and may weigh, in bytes.
    weight: usize,
    most: usize,
}

impl Generations {
    /// Nothing yet; later at most about `bytes`.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            weight: 0,
            most: bytes / 2,
        }
    }

    pub(super) fn get(&mut self, id: RowId) -> Option<Row> {
        if let Some(row) = self.young.get(&id) {
            return Some(row.clone());
        }
        let row = self.old.remove(&id)?;
        self.put(id, row.clone());
        Some(row)
    }

    /// Puts a row in, in the place of whatever goes by its id, unless it alone is too large.
    pub(super) fn put(&mut self, id: RowId, row: Row) {
        self.remove(id);
        let weight = weight(&row);
        if self.most < weight {
            return;
        }
        if self.most - weight < self.weight {
            self.old = mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += weight;
        self.young.insert(id, row);
    }

    pub(super) fn remove(&mut self, id: RowId) {
        self.old.remove(&id);
        if let Some(row) = self.young.remove(&id) {
            self.weight -= weight(&row);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new(2 * self.most);
    }
}
