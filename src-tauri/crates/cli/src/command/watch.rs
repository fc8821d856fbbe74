//! `cardea watch`.

use std::io::Write;

use cardea_client::{Update, Watch};

use crate::arguments::WatchArguments;
use crate::failure::CommandError;
use crate::output::{LocalTime, changes};

const WHAT: &str = "cannot watch the session";

pub(super) async fn run(
    arguments: &WatchArguments,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let connected = Watch::connect(super::agent(WHAT)?).await;
    let mut watch = connected.map_err(CommandError::agent(WHAT))?;
    let mut text = changes::Text::default();
    loop {
        let update = watch.next().await;
        let local = LocalTime::now();
        let line = match (&update, arguments.json) {
            (Update::View(view), true) => Some(changes::view_json(view, local.time())?),
            (Update::Event(event), true) => Some(changes::event_json(event)?),
            (Update::View(view), false) => text.view(view, &local),
            (Update::Event(event), false) => text.event(event, &local),
        };
        if let Some(line) = line {
            writeln!(out, "{line}")?;
            out.flush()?;
        }
    }
}
