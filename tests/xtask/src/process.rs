//! Starting other programs: shown before they run, their output passed on as it comes.

use std::env;
use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long the output may stay open after a program has ended: something it left behind holds it.
const OUTPUT_LEFT_OPEN: Duration = Duration::from_secs(5);

/// A program that could not be started or watched.
#[derive(Debug)]
pub struct Unstartable {
    program: String,
    source: io::Error,
}

impl fmt::Display for Unstartable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot run {}: {}", self.program, self.source)
    }
}

impl std::error::Error for Unstartable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// The cargo that started us, so that the same toolchain is used throughout.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs a script of a Node package of ours.
pub fn npm_run(script: &str, folder: &str) -> Command {
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", script])
        .current_dir(root().join(folder));
    npm
}

/// The top folder of the repository.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_owned()
}

/// The folder that programs of this profile are built in: the one this program is in.
///
/// # Errors
///
/// [`Unstartable`] when the operating system does not say where that is.
pub fn built() -> Result<PathBuf, Unstartable> {
    let program = || env!("CARGO_PKG_NAME").to_owned();
    env::current_exe()
        .map(|path| path.with_file_name(""))
        .map_err(|source| Unstartable {
            program: program(),
            source,
        })
}

/// The exit code for a program that only passes on how another one ended.
pub fn same_exit_code(status: ExitStatus) -> ExitCode {
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Runs a program to its end, after showing the command.
///
/// # Errors
///
/// [`Unstartable`] when there is no such program.
pub fn run(command: &mut Command) -> Result<ExitStatus, Unstartable> {
    show(command);
    command
        .status()
        .map_err(|source| unstartable(command, source))
}

/// Runs a program to its end, passes its standard output on, and gives each line of it to `look`.
///
/// # Errors
///
/// [`Unstartable`] when there is no such program.
pub fn run_watched(
    command: &mut Command,
    mut look: impl FnMut(&str),
) -> Result<ExitStatus, Unstartable> {
    show(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| unstartable(command, source))?;
    let lines = lines_of(&mut child);

    let mut ended = None;
    loop {
        match lines.recv_timeout(OUTPUT_LEFT_OPEN) {
            Ok(line) => {
                pass_on(&line);
                look(&String::from_utf8_lossy(&line));
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) if ended.is_some() => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                ended = child
                    .try_wait()
                    .map_err(|source| unstartable(command, source))?;
            }
        }
    }
    child.wait().map_err(|source| unstartable(command, source))
}

/// True when the program runs and says that all is well; it stays quiet.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What the program prints; nothing when it cannot be run.
pub fn output_of(command: &mut Command) -> String {
    command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_or_else(
            |_| String::new(),
            |output| String::from_utf8_lossy(&output.stdout).into_owned(),
        )
}

fn lines_of(child: &mut Child) -> mpsc::Receiver<Vec<u8>> {
    let (sender, lines) = mpsc::sync_channel(1024);
    if let Some(output) = child.stdout.take() {
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            loop {
                let mut line = Vec::new();
                match output.read_until(b'\n', &mut line) {
                    Ok(read) if read > 0 && sender.send(line).is_ok() => {}
                    _ => break,
                }
            }
        });
    }
    lines
}

/// Nothing can be done when our own output is closed, and the results still count.
fn pass_on(line: &[u8]) {
    let mut output = io::stdout().lock();
    let _ = output.write_all(line).and_then(|()| output.flush());
}

fn show(command: &Command) {
    let words = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>();
    let program = words[0].rsplit('/').next().unwrap_or(&words[0]).to_owned();
    eprintln!("$ {program} {}", words[1..].join(" "));
}

fn unstartable(command: &Command, source: io::Error) -> Unstartable {
    Unstartable {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    }
}
