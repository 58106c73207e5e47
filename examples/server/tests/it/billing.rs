//! From a signed note to money in the books, and the audit log.

mod audit;
mod books;
mod claims;
mod desk;
mod era;
mod files;
mod pages;
mod remittances;
mod rights;
