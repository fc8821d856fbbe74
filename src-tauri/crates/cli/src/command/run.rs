//! `cardea run`.

use std::io::{IsTerminal as _, Write};

use cardea_agent::logs::Terminal;
use cardea_agent::paths::UserPaths;
use cardea_agent::settings::{Build, Places};
use cardea_agent::{Endpoint, Parts};
use tokio_util::sync::CancellationToken;

use crate::arguments::RunArguments;
use crate::failure::CommandError;
use crate::signals::AskedToStop;

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
    let mut asked = AskedToStop::listen().map_err(CommandError::Runtime)?;
    // Nobody reads a line that cannot be printed; the endpoint file says the same.
    let ready = |endpoint: &Endpoint| drop(say_where(endpoint, out));
    let agent = cardea_agent::run(parts, ready, stop.clone());
    tokio::pin!(agent);
    let ended = tokio::select! {
        ended = &mut agent => ended,
        () = asked.wait() => {
            stop.cancel();
            agent.await
        }
    };
    ended.map_err(CommandError::Run)
}

fn say_where(endpoint: &Endpoint, out: &mut dyn Write) -> std::io::Result<()> {
    let socket = endpoint.socket.display();
    match &endpoint.url {
        Some(url) => writeln!(out, "Cardea is ready: {url}, {socket}")?,
        None => writeln!(out, "Cardea is ready without a port: {socket}")?,
    }
    out.flush()
}
