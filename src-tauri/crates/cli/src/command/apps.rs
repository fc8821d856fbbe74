//! `cardea apps`.

use std::io::Write;

use cardea_client::{Client, NewApp, PairingListing};
use serde_json::json;

use crate::arguments::{
    AppsAddArguments, AppsApproveArguments, AppsCommand, AppsDeclineArguments, AppsListArguments,
};
use crate::failure::CommandError;
use crate::output::{apps, json};

pub(super) async fn run(command: AppsCommand, out: &mut dyn Write) -> Result<(), CommandError> {
    match command {
        AppsCommand::List(arguments) => list(&arguments, out).await,
        AppsCommand::Add(arguments) => add(arguments, out).await,
        AppsCommand::Approve(arguments) => approve(&arguments, out).await,
        AppsCommand::Decline(arguments) => decline(&arguments, out).await,
        AppsCommand::Revoke(arguments) => revoke(&arguments.id, out).await,
    }
}

async fn list(arguments: &AppsListArguments, out: &mut dyn Write) -> Result<(), CommandError> {
    const WHAT: &str = "cannot list the programs";
    let client = super::agent(WHAT)?;
    let listed = client.apps().await.map_err(CommandError::agent(WHAT))?;
    let asking = client.pairings().await.map_err(CommandError::agent(WHAT))?;
    if arguments.json {
        json::pretty(&json!({"apps": listed, "pairings": asking}), out)?;
    } else {
        apps::write(&listed, &asking, out)?;
    }
    Ok(())
}

async fn add(arguments: AppsAddArguments, out: &mut dyn Write) -> Result<(), CommandError> {
    const WHAT: &str = "cannot let the program in";
    let app = NewApp {
        id: arguments.id,
        name: arguments.name,
        scopes: arguments.scopes.into_iter().collect(),
        origins: arguments.origins,
    };
    let added = super::agent(WHAT)?.add_app(&app).await;
    let token = added.map_err(CommandError::agent(WHAT))?;
    if arguments.json {
        json::pretty(&json!({"id": app.id, "token": token.expose()}), out)?;
    } else {
        writeln!(out, "{}", token.expose())?;
    }
    Ok(())
}

async fn approve(
    arguments: &AppsApproveArguments,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    const WHAT: &str = "cannot let the program in";
    let client = super::agent(WHAT)?;
    let pairing = meant(WHAT, &client, arguments.pairing.as_deref()).await?;
    let approved = client.approve(&pairing.id, &arguments.code).await;
    approved.map_err(CommandError::agent(WHAT))?;
    writeln!(out, "Let in: {}.", apps::in_words(&pairing))?;
    Ok(())
}

async fn decline(
    arguments: &AppsDeclineArguments,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    const WHAT: &str = "cannot decline";
    let client = super::agent(WHAT)?;
    let pairing = meant(WHAT, &client, arguments.pairing.as_deref()).await?;
    let declined = client.decline(&pairing.id).await;
    declined.map_err(CommandError::agent(WHAT))?;
    writeln!(out, "Not let in: {}.", apps::in_words(&pairing))?;
    Ok(())
}

async fn revoke(id: &str, out: &mut dyn Write) -> Result<(), CommandError> {
    const WHAT: &str = "cannot show the program out";
    let revoked = super::agent(WHAT)?.revoke_app(id).await;
    revoked.map_err(CommandError::agent(WHAT))?;
    writeln!(out, "Shown out. Its token is good for nothing from now on.")?;
    Ok(())
}

/// The pairing that is named, or the only one.
async fn meant(
    what: &'static str,
    client: &Client,
    named: Option<&str>,
) -> Result<PairingListing, CommandError> {
    let mut asking = client.pairings().await.map_err(CommandError::agent(what))?;
    if let Some(named) = named {
        asking.retain(|pairing| pairing.id == named);
    }
    let only = asking.pop().ok_or(CommandError::NobodyAsks { what })?;
    if asking.is_empty() {
        return Ok(only);
    }
    Err(CommandError::SeveralAsk { what })
}
