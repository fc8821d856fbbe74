//! `cardea keys`: the keys that sign client assertions.

use std::io::{self, Write};
use std::sync::Arc;

use cardea_agent::credential::{
    AssertionAlg, Credentials, KeyInUse, KeyKind, KeyRequest, SystemKeystore, WantedHome,
};
use cardea_agent::paths::UserPaths;
use cardea_agent::settings::{Build, Effective, Places, load};

use crate::arguments::{Bits, KeysArguments, KeysCommand, KeysCreateArguments};
use crate::failure::CommandError;
use crate::output::keys as listing;

/// What a broker accepts (`src-tauri/docs/broker.md`).
const WORKSTATION_ALG: AssertionAlg = AssertionAlg::Es256;

pub(super) async fn run(
    arguments: KeysArguments,
    build: Build,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let settings = settings(build)?;
    let KeysArguments {
        command,
        workstation,
    } = arguments;
    let keystore = Arc::new(SystemKeystore::new()?);
    let (alg, mut credentials) = match workstation {
        true => (WORKSTATION_ALG, Credentials::of_workstation(keystore)),
        false => (settings.cis2.assertion_alg, Credentials::new(keystore)),
    };
    if settings.cis2.allow_exportable_key {
        credentials = credentials.with_exportable_keys();
    }
    match command {
        KeysCommand::Create(arguments) => {
            let now = jiff::Timestamp::now().into();
            let created = credentials
                .create_key(request(&arguments, alg), now)
                .await?;
            let (key, why_not_tpm) = created;
            if arguments.json {
                listing::write_created_json(&key, why_not_tpm.as_deref(), out)?;
            } else {
                // The name alone goes to standard output, for scripts.
                writeln!(out, "{}", key.kid)?;
                listing::write_created(&key, why_not_tpm.as_deref(), &mut io::stderr())?;
            }
        }
        KeysCommand::List(arguments) => {
            let keys = credentials.keys(arguments.keystore.scope()).await?;
            let used = credentials.key_in_use(alg).await?;
            match arguments.json {
                true => listing::write_json(&keys, used.as_ref(), out)?,
                false => listing::write(&keys, used.as_ref(), out)?,
            }
        }
        KeysCommand::Export(keystore) => {
            let jwks = credentials.public_jwks(keystore.scope(), alg).await?;
            crate::output::json::pretty(&jwks, out)?;
            if workstation {
                listing::write_thumbprints(&jwks, &mut io::stderr())?;
            }
        }
        KeysCommand::Use(arguments) => {
            let (scope, kid) = (arguments.keystore.scope(), arguments.kid);
            let now = jiff::Timestamp::now().into();
            if !credentials.use_key(scope, &kid, alg, now).await? {
                return Err(CommandError::NoSuchKey);
            }
        }
        KeysCommand::Remove(arguments) => {
            let (scope, kid) = (arguments.keystore.scope(), arguments.kid);
            let in_use = match arguments.in_use {
                true => KeyInUse::MayGo,
                false => KeyInUse::Stays,
            };
            let now = jiff::Timestamp::now().into();
            let removed = credentials.remove_key(scope, &kid, (alg, in_use), now);
            if !removed.await? {
                return Err(CommandError::NoSuchKey);
            }
        }
    }
    Ok(())
}

fn request(arguments: &KeysCreateArguments, alg: AssertionAlg) -> KeyRequest {
    KeyRequest {
        alg,
        kind: arguments.bits.map(|bits| match bits {
            Bits::Rsa2048 => KeyKind::Rsa2048,
            Bits::Rsa4096 => KeyKind::Rsa4096,
        }),
        scope: arguments.keystore.scope(),
        home: match arguments.exportable {
            true => WantedHome::Exportable,
            false => WantedHome::Safest,
        },
    }
}

/// The settings that the agent would run with.
fn settings(build: Build) -> Result<Effective, CommandError> {
    let paths = UserPaths::from_environment()?;
    Ok(load(&Places::of_this_computer(None, &paths, build)).settings)
}
