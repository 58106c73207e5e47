//! Store adapter: PostgreSQL with forced row-level security.
