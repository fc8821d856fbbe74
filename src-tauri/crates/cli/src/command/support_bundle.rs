//! `cardea support-bundle`: what the help desk needs, in a zip, with nothing personal or secret in it.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use cardea_agent::bundle::{self, BundleError, Cleaner, Identity, Part, Written};
use cardea_agent::doctor::{Depth, Workstation};
use cardea_agent::settings::Build;
use cardea_client::{Client, ClientError};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::doctor;
use crate::arguments::SupportBundleArguments;
use crate::failure::CommandError;
use crate::output::doctor::{Progress, Report};
use crate::output::one_line;

pub(super) async fn run(
    arguments: SupportBundleArguments,
    build: Build,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let now = jiff::Timestamp::now();
    let file = arguments
        .file
        .unwrap_or_else(|| format!("cardea-support-{}.zip", now.strftime("%Y%m%dT%H%M%SZ")).into());
    // Said before the two minutes, and not only after them.
    if file.symlink_metadata().is_ok() {
        return Err(BundleError::Exists(file).into());
    }
    writeln!(out, "Checking this computer, which may take two minutes.")?;
    out.flush()?;
    let workstation = doctor::workstation(arguments.config, build, Depth::Cis2).await?;
    let workstation = Arc::new(workstation);
    let mut parts = Vec::from(examined(Arc::clone(&workstation)).await);
    parts.extend(agent().await);
    let written = write(file.clone(), parts, workstation).await?;
    report(&file.display().to_string(), &written, out)?;
    Ok(())
}

/// What the doctor says, for people and for programs.
async fn examined(workstation: Arc<Workstation>) -> [Part; 2] {
    const ABOUT: &str = "what \"cardea doctor --cis2\" says";
    let mut report = Report::new(Progress::Lines);
    let mut text = Vec::new();
    // A text takes everything.
    let _ = doctor::examine(workstation, &mut report, &mut text).await;
    let _ = report.conclude(&mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    let json = serde_json::to_string_pretty(&report);
    [
        Part::text("doctor.txt", ABOUT, text),
        match json {
            Ok(json) => Part::text("doctor.json", ABOUT, json + "\n"),
            Err(error) => Part::missing("doctor.json", ABOUT, error),
        },
    ]
}

/// What the agent that runs says of itself.
async fn agent() -> [Part; 2] {
    let (diagnostics, session) = match Client::local() {
        Ok(client) => (
            client.diagnostics().await.map(|said| json!(said)),
            client
                .session()
                .await
                .map(|said| without_user(json!(said.snapshot))),
        ),
        Err(error) => {
            let why = error.to_string();
            return [
                Part::missing("diagnostics.json", DIAGNOSTICS, &why),
                Part::missing("session.json", SESSION, &why),
            ];
        }
    };
    [
        said("diagnostics.json", DIAGNOSTICS, diagnostics),
        said("session.json", SESSION, session),
    ]
}

const DIAGNOSTICS: &str =
    "readers, the last removals with their latencies, settings, as the agent has them";
const SESSION: &str = "the session as programs see it, without who is signed in";

fn said(name: &str, about: &str, said: Result<Value, ClientError>) -> Part {
    match said {
        Ok(value) => Part::text(name, about, format!("{value:#}\n")),
        Err(error) => Part::missing(name, about, error),
    }
}

/// A snapshot that says nothing of the user.
fn without_user(mut snapshot: Value) -> Value {
    if let Some(session) = snapshot.get_mut("session").and_then(Value::as_object_mut) {
        session.remove("user");
    }
    snapshot
}

/// Reads what is on the disk, and writes the file.
async fn write(
    file: PathBuf,
    first: Vec<Part>,
    workstation: Arc<Workstation>,
) -> Result<Written, CommandError> {
    let now = jiff::Timestamp::now().into();
    let writing = spawn_blocking(move || {
        let (places, paths) = (&workstation.places, &workstation.paths);
        let mut parts = first;
        parts.extend(bundle::gather(places, paths, env!("CARDEA_VERSION")));
        let cleaner = Cleaner::new(&Identity::of_this_user(paths));
        bundle::write(&file, parts, &cleaner, now)
    });
    match writing.await {
        Ok(written) => Ok(written?),
        Err(error) => Err(CommandError::Output(error.into())),
    }
}

fn report(file: &str, written: &Written, out: &mut dyn Write) -> std::io::Result<()> {
    let Written { files, missing, .. } = written;
    writeln!(
        out,
        "{}: {files} files, {missing} that could not be had. index.txt in it says what each is; look \
         it through before you send it.",
        one_line(file)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_told_without_its_user() {
        let snapshot =
            json!({"state": "active", "session": {"id": "b.s1", "user": {"id": "5550"}}});
        let told = without_user(snapshot);
        assert_eq!(told, json!({"state": "active", "session": {"id": "b.s1"}}));
        let nobody = json!({"state": "no_card"});
        assert_eq!(without_user(nobody.clone()), nobody);
    }
}
