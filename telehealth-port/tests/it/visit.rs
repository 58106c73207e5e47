mod admission;
mod call;
mod property;
mod snapshot;
mod table;
mod timers;
mod view;
mod with_provider;
