//! Sessions and accounts in one SQLite file.
