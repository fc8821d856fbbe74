//! `cardea run`.

use std::io::{IsTerminal as _, Write};

use cardea_agent::logs::Terminal;
use cardea_agent::paths::UserPaths;
use cardea_agent::settings::{Build, Places};
use cardea_agent::Parts;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::arguments::RunArguments;
use crate::failure::CommandError;

pub(super) async fn run(
    arguments: RunArguments,
    build: Build,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let paths = UserPaths::from_environment()?;
    let places = Places::of_this_computer(arguments.config, &paths, build);
    let terminal = match std::io::stderr().is_terminal() {
        true => Terminal::Colours,
        false => Terminal::None,
    };
    let parts = Parts::installed(places, paths, terminal)?;
    let stop = CancellationToken::new();
    let mut printed = Ok(());
    let ready = |endpoint: &cardea_agent::Endpoint| {
        printed = say_where(endpoint, out);
    };
    let agent = cardea_agent::run(parts, ready, stop.clone());
    tokio::pin!(agent);
    let ended = tokio::select! {
        ended = &mut agent => ended,
        () = asked_to_stop()? => {
            stop.cancel();
            agent.await
        }
    };
    ended.map_err(CommandError::Run)?;
    Ok(printed?)
}

fn say_where(endpoint: &cardea_agent::Endpoint, out: &mut dyn Write) -> std::io::Result<()> {
    let socket = endpoint.socket.display();
    match &endpoint.url {
        Some(url) => writeln!(out, "Cardea is ready: {url}, {socket}")?,
        None => writeln!(out, "Cardea is ready without a port: {socket}")?,
    }
    out.flush()
}

/// Comes back when the user or the system wants the agent to end.
fn asked_to_stop() -> Result<impl Future<Output = ()>, CommandError> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CommandError::Runtime)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(CommandError::Runtime)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(CommandError::Runtime)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    })
}
