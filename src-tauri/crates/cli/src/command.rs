//! The commands, one file each.

mod apps;
mod cancel;
mod login;
mod logout;
mod status;
mod wait;
mod watch;

use std::io::Write;

use cardea_client::Client;

use crate::arguments::{AppsCommand, Command};
use crate::failure::CommandError;

/// Carries a command out.
pub(crate) async fn run(command: Command, out: &mut dyn Write) -> Result<(), CommandError> {
    match command {
        Command::Status(arguments) => status::run(&arguments, out).await,
        Command::Watch(arguments) => watch::run(&arguments, out).await,
        Command::Wait(arguments) => wait::run(&arguments).await,
        Command::Login(arguments) => login::run(&arguments, out).await,
        Command::Cancel => cancel::run(out).await,
        Command::Logout => logout::run(out).await,
        Command::Apps(AppsCommand::List(arguments)) => apps::list(&arguments, out).await,
    }
}

/// The agent of this user; `what` cannot be done without it.
fn agent(what: &'static str) -> Result<Client, CommandError> {
    Client::local().map_err(CommandError::agent(what))
}
