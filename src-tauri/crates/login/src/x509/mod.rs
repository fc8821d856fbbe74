//! What has to be read of a certificate here (RFC 5280): no library that is there anyway says it.

mod validity;

pub(crate) use validity::Validity;
