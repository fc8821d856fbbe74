//! The program `cardea-broker`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use cardea_broker::state::MemoryState;
use cardea_broker::{Settings, logs, public_jwks, run};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

/// Keeps the credential that CIS2 knows, and adds it to the logins of workstations
#[derive(Parser)]
#[command(
    version,
    after_help = "Examples:\n  cardea-broker --config /etc/cardea-broker/broker.toml\n  \
                  cardea-broker check --config broker.toml\n  cardea-broker jwks > jwks.json\n\n\
                  Every setting can also be in the environment: [tls] key is \
                  CARDEA_BROKER_TLS_KEY."
)]
struct Arguments {
    /// The settings
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Check the settings, and say what is wrong
    Check,
    /// Print the public half of the client's key, to be registered with CIS2
    Jwks,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { config, command } = Arguments::parse();
    let settings = Settings::load(config.as_deref(), environment())?;
    match command {
        Some(Command::Check) => Ok(()),
        Some(Command::Jwks) => {
            let jwks = public_jwks(&settings)?;
            writeln!(std::io::stdout(), "{jwks:#}")?;
            Ok(())
        }
        None => {
            logs::start(settings.log)?;
            let mut terminate = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            let stop = async {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            };
            let state = MemoryState::with_room(settings.assertions());
            run(&settings, Box::new(state), stop)
                .await
                .context("cardea-broker does not serve")
        }
    }
}

/// What is there under other names does not matter, even if it is no text.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        Some((name, value.to_string_lossy().into_owned()))
    })
}
