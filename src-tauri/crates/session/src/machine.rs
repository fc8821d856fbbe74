//! The session machine.

/// The one machine.
#[derive(Debug)]
pub struct Machine;
