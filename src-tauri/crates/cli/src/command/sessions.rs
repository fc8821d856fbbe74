//! `cardea stop-sessions`, `start-sessions` and `status --all-sessions`: what an installer and IT do
//! with every session of a computer. Each session is asked by a program in it, as its user, because
//! an agent talks to its own user only.

mod programs;
mod start;
mod status;
mod stop;

use std::io;

use cardea_client::ClientError;
use cardea_client::session::State;
use cardea_win32::registry::{Hive, delete_tree};

use crate::arguments::{Errand, ErrandArguments};
use crate::failure::CommandError;

pub(super) use start::start;
pub(super) use status::status;
pub(super) use stop::stop;

/// Where is noted what ran in which session. Not where the installer remembers what it was told: that
/// goes with the old version.
const STOPPED: &str = r"Software\CardeaStopped";

/// Nothing is noted any more.
fn forget_noted() -> io::Result<()> {
    match delete_tree(Hive::LocalMachine, STOPPED) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        forgotten => forgotten,
    }
}

/// For `map_err`: `what` was not done.
fn failed(what: &'static str) -> impl FnOnce(io::Error) -> CommandError {
    move |source| CommandError::Sessions { what, source }
}

/// Does in this session what was asked for all.
pub(super) async fn errand(arguments: &ErrandArguments) -> Result<(), CommandError> {
    const WHAT: &str = "cannot do this in the session";
    let agent = super::agent(WHAT)?;
    let done = match arguments.errand {
        Errand::Stop => agent.stop_agent().await,
        Errand::Status => match agent.session().await {
            Ok(answer) if answer.snapshot.state == State::Active => {
                return Err(CommandError::SomebodySignedIn { count: 1 });
            }
            answered => answered.map(drop),
        },
    };
    match done {
        // Where no agent runs, nobody is signed in and nothing is to be ended.
        Err(ClientError::NotRunning(_)) | Ok(()) => Ok(()),
        Err(error) => Err(CommandError::agent(WHAT)(error)),
    }
}
