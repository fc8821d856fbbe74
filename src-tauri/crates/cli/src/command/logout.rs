//! `cardea logout`.

use std::io::Write;

use crate::failure::CommandError;

const WHAT: &str = "cannot sign out";

pub(super) async fn run(out: &mut dyn Write) -> Result<(), CommandError> {
    let signed_out = super::agent(WHAT)?.logout(None).await;
    signed_out.map_err(CommandError::agent(WHAT))?;
    writeln!(out, "Nobody is signed in.")?;
    Ok(())
}
