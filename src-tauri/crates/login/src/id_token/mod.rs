//! The ID token: its signature and every claim that a login rests on (OpenID Connect Core,
//! sections 2 and 3.1.3.7; contract, section 3.3 rules 5 and 8).

mod checks;
mod claims;
mod error;
mod jws;

pub(crate) use checks::{Answered, Expected, Verified, check, check_issuer_and_audience};
pub(crate) use claims::{Moment, OneOrMany};
pub(crate) use error::CheckError;
pub(crate) use jws::{Jws, TokenAlg};

#[cfg(test)]
mod tests;
