//! A card source without a card and a CIS2 without a patient: for developer builds and for tests
//! of what a real reader, card and provider cannot be made to do. Never in a release.

pub mod browser;
pub mod program;
pub mod provider;
pub mod readers;
pub mod sample;
mod server;
