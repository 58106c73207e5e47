mod audit;
mod books;
mod claims;
mod desk;
mod era;
mod files;
mod remittances;
mod rights;
