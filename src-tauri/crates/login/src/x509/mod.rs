//! What has to be read of a certificate here (RFC 5280): little enough to need no library for it.

mod der;
mod names;
mod validity;

pub use names::{CertificateNames, Name};
pub(crate) use validity::Validity;
