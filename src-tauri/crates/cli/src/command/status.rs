//! `cardea status`.

use std::io::Write;

use crate::arguments::StatusArguments;
use crate::failure::CommandError;
use crate::output::{LocalTime, json, status};

const WHAT: &str = "cannot show the session";

pub(super) async fn run(
    arguments: &StatusArguments,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let answer = super::agent(WHAT)?.session().await;
    let snapshot = answer.map_err(CommandError::agent(WHAT))?.snapshot;
    if arguments.json {
        json::pretty(&snapshot, out)?;
    } else {
        status::write(&snapshot, &LocalTime::now(), out)?;
    }
    Ok(())
}
