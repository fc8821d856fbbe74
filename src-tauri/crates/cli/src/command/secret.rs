//! `cardea secret`: the client secret in the user's keystore.

use std::io::{self, IsTerminal as _, Read as _, Write};
use std::sync::Arc;

use cardea_agent::credential::{Credentials, KeyScope, Secret, SystemKeystore};

use crate::arguments::{KeystoreArguments, SecretCommand};
use crate::failure::CommandError;

/// No provider gives out a longer one.
const LONGEST_SECRET: u64 = 1024;

pub(super) async fn run(command: SecretCommand) -> Result<(), CommandError> {
    match command {
        SecretCommand::Set(keystore) => {
            let credentials = credentials(&keystore)?;
            let secret = read_secret()?;
            credentials.store_client_secret(&secret).await?;
        }
        SecretCommand::Remove(keystore) => {
            if !credentials(&keystore)?.remove_client_secret().await? {
                return Err(CommandError::NoSecret);
            }
        }
    }
    Ok(())
}

/// No system keeps a secret for the computer in a way that its users can use and not read.
fn credentials(keystore: &KeystoreArguments) -> Result<Credentials, CommandError> {
    match keystore.scope() {
        KeyScope::Machine => Err(CommandError::NoMachineSecret),
        KeyScope::User => Ok(Credentials::new(Arc::new(SystemKeystore::new()?))),
    }
}

/// From standard input, never from an argument: arguments are seen by every user of the computer.
fn read_secret() -> Result<Secret, CommandError> {
    let input = io::stdin();
    if input.is_terminal() {
        // The echo of a terminal is not the program's to print.
        writeln!(
            io::stderr(),
            "Paste the client secret, then press Enter and Ctrl-D:"
        )?;
    }
    let mut text = String::new();
    input
        .lock()
        .take(LONGEST_SECRET + 2)
        .read_to_string(&mut text)
        .map_err(|_| CommandError::NotASecret)?;
    let length = text.trim_end_matches(['\r', '\n']).len();
    if length == 0 || length as u64 > LONGEST_SECRET || text[..length].contains(char::is_control) {
        return Err(CommandError::NotASecret);
    }
    text.truncate(length);
    Ok(Secret::new(text))
}
