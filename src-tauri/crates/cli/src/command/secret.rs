//! `cardea secret`: the client secret in the user's keystore.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::sync::Arc;

use cardea_agent::credential::{Credentials, KeyScope, Secret, SystemKeystore};

use crate::arguments::{KeystoreArguments, SecretCommand};
use crate::failure::CommandError;
use crate::signals::AskedToStop;
use crate::terminal::Hidden;

/// No provider gives out a longer one.
const LONGEST_SECRET: u64 = 1024;

pub(super) async fn run(command: SecretCommand) -> Result<(), CommandError> {
    match command {
        SecretCommand::Set(keystore) => {
            let credentials = credentials(&keystore)?;
            let secret = read_secret().await?;
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

/// From a prompt or standard input, never from an argument: arguments are seen by every user of the
/// computer.
async fn read_secret() -> Result<Secret, CommandError> {
    if io::stdin().is_terminal() {
        return prompt().await;
    }
    secret(|input, text| input.read_to_string(text))
}

/// What is typed is not shown, and the terminal is put back also when the user gives up.
async fn prompt() -> Result<Secret, CommandError> {
    let mut stop = AskedToStop::listen()?;
    let hidden = Hidden::lines()?;
    write!(io::stderr(), "Client secret (not shown): ")?;
    io::stderr().flush()?;
    let typed = tokio::task::spawn_blocking(|| secret(|input, text| input.read_line(text)));
    let typed = tokio::select! {
        typed = typed => typed.unwrap_or(Err(CommandError::NotASecret)),
        () = stop.wait() => Err(CommandError::GivenUp),
    };
    drop(hidden);
    writeln!(io::stderr())?;
    typed
}

type Input<'a> = io::Take<io::StdinLock<'a>>;

fn secret(
    read: impl FnOnce(&mut Input<'_>, &mut String) -> io::Result<usize>,
) -> Result<Secret, CommandError> {
    let mut input = io::stdin().lock().take(LONGEST_SECRET + 2);
    // With room for all of it, so that nothing of it is left behind by growing.
    let mut text = String::with_capacity(LONGEST_SECRET as usize + 2);
    let read = read(&mut input, &mut text);
    let text = Secret::new(text);
    read.map_err(|_| CommandError::NotASecret)?;
    let secret = text.expose().trim_end_matches(['\r', '\n']);
    let fits = !secret.is_empty() && secret.len() as u64 <= LONGEST_SECRET;
    if !fits || secret.contains(char::is_control) {
        return Err(CommandError::NotASecret);
    }
    Ok(Secret::new(secret.to_owned()))
}
