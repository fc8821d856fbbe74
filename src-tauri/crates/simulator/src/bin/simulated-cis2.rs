//! The simulated CIS2 as a process, for tests and programs that do not link it.
//!
//! One JSON value per line. In: first the settings ([`ProviderSettings`]), then [`Command`]s; the
//! end of input stops it. Out: `ready` first, then one answer per command, and `reached` whenever
//! somebody reaches a held step.

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;

use cardea_simulator::provider::{Fault, Hold, Log, Provider, ProviderSettings, Step};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Command {
    AddFault(Fault),
    ClearFaults,
    RotateKey,
    Hold(Step),
    Release(Step),
    Log,
    Issued,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer<'a> {
    Ready { issuer: &'a str, port: u16 },
    Done,
    Reached(Step),
    Log(Log),
    Issued(Vec<String>),
    Wrong(String),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&Answer::Wrong(in_full(error.as_ref())));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut lines = lines();
    let settings = lines.recv().await.ok_or("no settings came")?;
    let settings: ProviderSettings = serde_json::from_str(&settings)?;
    let provider = Provider::start(settings).await?;
    say(&Answer::Ready {
        issuer: provider.issuer(),
        port: provider.port(),
    });
    let mut holds = Holds::default();
    while let Some(line) = lines.recv().await {
        let answer = match serde_json::from_str(&line) {
            Ok(command) => obey(&provider, &mut holds, command),
            Err(error) => Answer::Wrong(error.to_string()),
        };
        say(&answer);
    }
    provider.stop().await;
    Ok(())
}

fn obey(provider: &Provider, holds: &mut Holds, command: Command) -> Answer<'static> {
    match command {
        Command::AddFault(fault) => provider.add_fault(fault),
        Command::ClearFaults => provider.clear_faults(),
        Command::RotateKey => {
            if let Err(error) = provider.rotate_key() {
                return Answer::Wrong(error.to_string());
            }
        }
        Command::Hold(step) => holds.add(step, provider.hold(step)),
        Command::Release(step) => holds.release(step),
        Command::Log => return Answer::Log(provider.log()),
        Command::Issued => return Answer::Issued(provider.issued()),
    }
    Answer::Done
}

/// The steps that are held, each watched by a task that says when it is reached.
#[derive(Default)]
struct Holds {
    watching: JoinSet<()>,
    held: Vec<(Step, CancellationToken)>,
}

impl Holds {
    fn add(&mut self, step: Step, mut hold: Hold) {
        let released = CancellationToken::new();
        self.held.push((step, released.clone()));
        self.watching.spawn(async move {
            tokio::select! {
                () = released.cancelled() => return,
                () = hold.reached() => say(&Answer::Reached(step)),
            }
            released.cancelled().await;
        });
    }

    fn release(&mut self, step: Step) {
        for (_, released) in self.held.extract_if(.., |(held, _)| *held == step) {
            released.cancel();
        }
    }
}

/// The lines of the standard input. Reading blocks, so it has a thread of its own, which ends with
/// the input or the process.
fn lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn say(answer: &Answer) {
    let mut out = std::io::stdout().lock();
    // Who started us has gone when this fails; the end of input follows.
    let _ = serde_json::to_writer(&mut out, answer)
        .map_err(std::io::Error::from)
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush());
}

fn in_full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
