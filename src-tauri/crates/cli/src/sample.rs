//! `cardea-dev sample`: a sample clinical program, a web page that any agent of this user can be
//! told of. For developers only: whoever can reach its port on this computer can get its token.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cardea_client::{Endpoint, InvalidToken, Token};
use cardea_simulator::program::SimulatedProgram;
use cardea_simulator::sample::{Locate, Sample, SampleError};
use clap::Args;
use tempfile::NamedTempFile;

use crate::failure::CommandError;
use crate::signals::AskedToStop;

/// The page's id among the agent's programs.
pub(crate) const ID: &str = "sample";

/// `cardea-dev sample`.
#[derive(Debug, Args)]
pub struct SampleArguments {
    /// The page's port on 127.0.0.1; 0 for any that is free
    #[arg(long, default_value_t = 28180)]
    pub port: u16,
    /// Keeps the program's token here, so that it is the same next time
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

/// Why the sample program does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SampleProgramError {
    /// The page's port is taken.
    #[error("{0}. Choose another with --port.")]
    Page(#[from] SampleError),
    /// The token cannot be kept.
    #[error("the token file cannot be used: {0}")]
    TokenFile(#[source] io::Error),
    /// What the file holds is no token.
    #[error("the token file holds no token: {0}")]
    Token(#[from] InvalidToken),
}

/// Serves the page until Ctrl-C.
///
/// # Errors
/// [`SampleProgramError`]: it did not start.
pub(crate) async fn run(
    arguments: &SampleArguments,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let mut asked_to_stop = AskedToStop::listen().map_err(CommandError::Runtime)?;
    let program = program(arguments.token_file.as_deref())?;
    let token_sha256 = program.token_sha256();
    let sample = Sample::start(arguments.port, program, by_endpoint_file())
        .await
        .map_err(SampleProgramError::from)?;
    writeln!(
        out,
        "The sample program is at {}\n\n\
         The agent has to know it:\n\n{}",
        sample.url(),
        settings(&sample, &token_sha256),
    )?;
    out.flush()?;
    asked_to_stop.wait().await;
    Ok(())
}

/// The page's entry in the agent's settings.
pub(crate) fn settings(sample: &Sample, token_sha256: &str) -> String {
    let origins = sample.origins();
    format!(
        r#"[[api.apps]]
id = "{ID}"
name = "Sample program"
scopes = ["session:read", "identity:read", "session:control", "session:activity"]
origins = {origins:?}
token_sha256 = "{token_sha256}"
"#
    )
}

fn by_endpoint_file() -> Locate {
    Box::new(|| {
        Box::pin(async {
            let file = Endpoint::file().ok()?;
            Endpoint::read(&file).await.ok()?.url
        })
    })
}

/// The program, with the token of its file; a new one where there is none.
fn program(token_file: Option<&Path>) -> Result<SimulatedProgram, SampleProgramError> {
    let new = SimulatedProgram::new(ID);
    let Some(file) = token_file else {
        return Ok(new);
    };
    match std::fs::read_to_string(file) {
        Ok(token) => {
            let token = token.trim().to_owned();
            Token::new(token.as_str())?;
            Ok(SimulatedProgram { token, ..new })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            keep(&new.token, file).map_err(SampleProgramError::TokenFile)?;
            Ok(new)
        }
        Err(error) => Err(SampleProgramError::TokenFile(error)),
    }
}

/// Writes the token for nobody but this user.
fn keep(token: &str, file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    let mut kept = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    kept.write_all(token.as_bytes())?;
    kept.persist_noclobber(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_kept_is_the_same_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        let first = program(Some(&file)).unwrap().token;
        assert_eq!(program(Some(&file)).unwrap().token, first);
        assert_ne!(program(None).unwrap().token, first);

        std::fs::write(&file, "two words").unwrap();
        let refused = program(Some(&file));
        assert!(matches!(refused, Err(SampleProgramError::Token(_))));
    }
}
