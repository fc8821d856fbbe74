//! Pairing: a program asks to be let in and shows a code, the user types the code into Cardea, and
//! the program fetches its token (contract, sections 4.2 and 4.5).

mod applicant;
mod desk;
mod name;
mod secret;

pub(crate) use applicant::Applicant;
pub(crate) use desk::{Asked, Claim, Desk, Judged, TooMany, Waiting, Wanted};
pub(crate) use name::ClaimedName;
pub(crate) use secret::claim_secret;
