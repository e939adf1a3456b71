//! Every store in memory.
