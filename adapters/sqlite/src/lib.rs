//! Store adapter: embedded SQLite file.
