//! `cardea apps`.

use std::io::Write;

use crate::arguments::AppsListArguments;
use crate::failure::CommandError;
use crate::output::{apps, json};

const WHAT: &str = "cannot list the programs";

pub(super) async fn list(
    arguments: &AppsListArguments,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let listed = super::agent(WHAT)?.apps().await;
    let listings = listed.map_err(CommandError::agent(WHAT))?;
    if arguments.json {
        json::pretty(&listings, out)?;
    } else {
        apps::write(&listings, out)?;
    }
    Ok(())
}
