//! The simulated CIS2 as a relying party meets it.

mod assertions;
mod faults;
mod relying_party;
mod sign_in;
