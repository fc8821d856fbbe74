//! `cardea keys` and `cardea secret`: the client credential in the keystore.

use std::io::{self, IsTerminal as _, Read as _, Write};
use std::sync::Arc;

use cardea_agent::credential::{
    AssertionAlg, Credentials, KeyKind, KeyName, Secret, SystemKeystore,
};
use cardea_agent::paths::UserPaths;
use cardea_agent::settings::{Build, Places, load};
use serde::Serialize;

use crate::arguments::{KeysCommand, KeystoreArguments, SecretCommand};
use crate::failure::CommandError;
use crate::output::json;

/// No provider gives out a longer one.
const LONGEST_SECRET: u64 = 1024;

pub(super) async fn keys(
    command: KeysCommand,
    build: Build,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    match command {
        KeysCommand::Create(keystore) => {
            let kind = kind_for(assertion_alg(build)?);
            let key = credentials(&keystore)?
                .create_key(kind, jiff::Timestamp::now().into())
                .await?;
            writeln!(out, "{}", key.kid)?;
        }
        KeysCommand::List(arguments) => {
            let keys = credentials(&arguments.keystore)?.keys().await?;
            let rows: Vec<Row> = keys.iter().map(Row::from).collect();
            if arguments.json {
                json::pretty(&rows, out)?;
            } else {
                for Row {
                    kid,
                    kind,
                    created_at,
                } in rows
                {
                    writeln!(out, "{kid}  {kind}  {created_at}")?;
                }
            }
        }
        KeysCommand::Export(keystore) => {
            let jwks = credentials(&keystore)?
                .public_jwks(assertion_alg(build)?)
                .await?;
            json::pretty(&jwks, out)?;
        }
    }
    Ok(())
}

pub(super) async fn secret(command: SecretCommand) -> Result<(), CommandError> {
    match command {
        SecretCommand::Set(keystore) => {
            let credentials = credentials(&keystore)?;
            let secret = read_secret()?;
            credentials.store_client_secret(&secret).await?;
        }
    }
    Ok(())
}

/// A key as `keys list` shows it.
#[derive(Serialize)]
struct Row {
    kid: String,
    kind: String,
    created_at: String,
}

impl From<&KeyName> for Row {
    fn from(key: &KeyName) -> Self {
        Self {
            kid: key.kid.clone(),
            kind: key.kind.as_str().to_owned(),
            created_at: key.created_at.to_string(),
        }
    }
}

fn credentials(keystore: &KeystoreArguments) -> Result<Credentials, CommandError> {
    if keystore.machine {
        return Err(CommandError::NoMachineKeystore);
    }
    Ok(Credentials::new(Arc::new(SystemKeystore::new()?)))
}

/// The algorithm of the settings that the agent would run with.
fn assertion_alg(build: Build) -> Result<AssertionAlg, CommandError> {
    let paths = UserPaths::from_environment()?;
    let loaded = load(&Places::of_this_computer(None, &paths, build));
    Ok(loaded.settings.cis2.assertion_alg)
}

fn kind_for(alg: AssertionAlg) -> KeyKind {
    match alg {
        AssertionAlg::Rs256 | AssertionAlg::Rs384 | AssertionAlg::Rs512 | AssertionAlg::Ps256 => {
            KeyKind::Rsa4096
        }
        AssertionAlg::Es256 => KeyKind::P256,
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
