//! Who may call (contract, section 4.5).

mod cors;
mod gate;
mod grant;
mod origin;
mod register;

pub(crate) use cors::Cors;
pub(crate) use gate::{Access, Gate, Refused, protocols};
pub(crate) use grant::{Grant, Lost, Permit};
pub use origin::is_web_origin;
pub use register::Apps;
pub(crate) use register::{Found, Register};
