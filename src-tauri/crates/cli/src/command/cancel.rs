//! `cardea cancel`.

use std::io::Write;

use crate::failure::CommandError;

const WHAT: &str = "cannot give up the sign-in";

pub(super) async fn run(out: &mut dyn Write) -> Result<(), CommandError> {
    let cancelled = super::agent(WHAT)?.cancel().await;
    cancelled.map_err(CommandError::agent(WHAT))?;
    writeln!(out, "No sign-in is under way.")?;
    Ok(())
}
