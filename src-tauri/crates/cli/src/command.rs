//! The commands, one file each.

mod apps;
mod cancel;
mod config;
#[cfg(feature = "simulator")]
mod demo;
mod doctor;
mod keys;
mod login;
mod logout;
mod reset;
mod run;
mod secret;
#[cfg(windows)]
mod sessions;
mod status;
mod support_bundle;
mod wait;
mod watch;

use std::io::Write;

use cardea_agent::settings::Build;
use cardea_client::Client;

use crate::arguments::{Command, ResetArguments};
use crate::failure::CommandError;

/// Carries a command out.
pub(crate) async fn run(
    command: Command,
    build: Build,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    match command {
        Command::Run(arguments) => run::run(arguments, build, out).await,
        #[cfg(feature = "simulator")]
        Command::Demo(arguments) => demo::run(&arguments, out).await,
        #[cfg(feature = "simulator")]
        Command::Sample(arguments) => crate::sample::run(&arguments, out).await,
        #[cfg(windows)]
        Command::Status(arguments) if arguments.all_sessions => {
            sessions::status(arguments.json, out)
        }
        Command::Status(arguments) => status::run(&arguments, out).await,
        #[cfg(windows)]
        Command::StopSessions(arguments) => sessions::stop(&arguments),
        #[cfg(windows)]
        Command::StartSessions(arguments) => sessions::start(&arguments),
        #[cfg(windows)]
        Command::Errand(arguments) => sessions::errand(&arguments).await,
        Command::Watch(arguments) => watch::run(&arguments, out).await,
        Command::Wait(arguments) => wait::run(&arguments).await,
        Command::Login(arguments) => login::run(&arguments, out).await,
        Command::Cancel => cancel::run(out).await,
        Command::Logout => logout::run(out).await,
        Command::Doctor(arguments) => doctor::run(arguments, build, out).await,
        Command::SupportBundle(arguments) => support_bundle::run(arguments, build, out).await,
        Command::Apps(command) => apps::run(command, out).await,
        Command::Config(command) => config::run(command, build, out),
        Command::Keys(arguments) => keys::run(arguments, build, out).await,
        Command::Secret(command) => secret::run(command).await,
        Command::Reset(ResetArguments { user: _ }) => reset::run(out).await,
    }
}

/// The agent of this user; `what` cannot be done without it.
fn agent(what: &'static str) -> Result<Client, CommandError> {
    #[cfg(feature = "simulator")]
    if let Some(client) = demo::named_agent() {
        return Ok(client);
    }
    Client::local().map_err(CommandError::agent(what))
}
