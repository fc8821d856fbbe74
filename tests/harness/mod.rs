//! What the tests are made of: real parts, each private to one test and gone with it.

pub mod browser;
pub mod http;
pub mod node;
pub mod opened_pages;
pub mod pcscd;
pub mod provider;
pub mod vpcd;
