//! `cardea config`.

use std::io::Write;
use std::path::PathBuf;

use cardea_agent::paths::UserPaths;
use cardea_agent::settings::{Build, Loaded, Places, load, set_own, write_findings, write_rows};

use crate::arguments::{
    ConfigCheckArguments, ConfigCommand, ConfigSetArguments, ConfigShowArguments,
};
use crate::failure::CommandError;
use crate::output::json;

pub(super) fn run(
    command: ConfigCommand,
    build: Build,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    match command {
        ConfigCommand::Show(arguments) => show(arguments, build, out),
        ConfigCommand::Check(arguments) => check(arguments, build, out),
        ConfigCommand::Set(arguments) => set(arguments, build, out),
    }
}

fn show(
    arguments: ConfigShowArguments,
    build: Build,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let loaded = loaded(arguments.config, build)?;
    if arguments.json {
        json::pretty(&loaded.settings.show(), out)?;
    } else {
        write_rows(loaded.settings.show(), out)?;
    }
    verdict(&loaded)
}

fn check(
    arguments: ConfigCheckArguments,
    build: Build,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let loaded = loaded(arguments.config, build)?;
    write_findings(&loaded, out)?;
    verdict(&loaded)?;
    match loaded.failure() {
        None => Ok(()),
        Some(_) => Err(CommandError::NoClientId),
    }
}

/// What is wrong elsewhere does not make it fail.
fn set(
    arguments: ConfigSetArguments,
    build: Build,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let places = places(arguments.config, build)?;
    let loaded = set_own(&places, &arguments.key, &arguments.value)?;
    let rows = loaded.settings.show();
    if arguments.json {
        json::pretty(&rows, out)?;
    } else {
        let row = rows.iter().filter(|row| row.key == arguments.key);
        write_rows(&row.cloned().collect::<Vec<_>>(), out)?;
    }
    Ok(())
}

fn loaded(config: Option<PathBuf>, build: Build) -> Result<Loaded, CommandError> {
    Ok(load(&places(config, build)?))
}

fn places(config: Option<PathBuf>, build: Build) -> Result<Places, CommandError> {
    let paths = UserPaths::from_environment()?;
    Ok(Places::of_this_computer(config, &paths, build))
}

fn verdict(loaded: &Loaded) -> Result<(), CommandError> {
    match loaded.errors.len() {
        0 => Ok(()),
        count => Err(CommandError::Settings { count }),
    }
}
