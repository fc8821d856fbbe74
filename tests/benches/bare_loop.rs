//! The floor: a program that does nothing but wait inside PC/SC, and says when it heard of a
//! removal. A process of its own, since libpcsclite reads the name of the socket once per process.

use std::ffi::CString;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use pcsc::{Context, ReaderState, Scope, State};

use crate::monotonic;

/// The argument that makes this program one.
pub const NAME: &str = "bare-loop";

const LIMIT: Duration = Duration::from_secs(20);

/// The process; killed when dropped.
pub struct BareLoop {
    process: Child,
    removals: Receiver<i64>,
}

impl BareLoop {
    /// Starts one and waits until it waits.
    pub fn start(pcscd: &Path, reader: &str) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args([NAME, reader])
            .env("PCSCLITE_CSOCK_NAME", pcscd)
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().context("no output")?;
        let (sender, removals) = mpsc::channel();
        thread::spawn(move || pass_on(output, &sender));
        let bare = Self { process, removals };
        bare.removal().context("the bare loop does not start")?;
        Ok(bare)
    }

    /// When it heard of the next removal; what it says first is that it has begun.
    pub fn removal(&self) -> Result<i64> {
        self.removals
            .recv_timeout(LIMIT)
            .context("the bare loop heard of no removal")
    }
}

fn pass_on(output: ChildStdout, to: &mpsc::Sender<i64>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if let Ok(time) = line.parse() {
            let _nobody = to.send(time);
        }
    }
}

impl Drop for BareLoop {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _gone = self.process.wait();
    }
}

/// The loop itself.
pub fn run(reader: &str) -> Result<()> {
    let context = Context::establish(Scope::User)?;
    let mut states = [ReaderState::new(CString::new(reader)?, State::UNAWARE)];
    let mut had_card = false;
    let mut output = std::io::stdout().lock();
    writeln!(output, "{}", monotonic::now())?;
    loop {
        context.get_status_change(None, &mut states)?;
        let heard = monotonic::now();
        states[0].sync_current_state();
        let has_card = states[0].event_state().contains(State::PRESENT);
        if had_card && !has_card {
            writeln!(output, "{heard}")?;
            output.flush()?;
        }
        had_card = has_card;
    }
}
