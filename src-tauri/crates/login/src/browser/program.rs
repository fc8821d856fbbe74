//! Programs that open addresses, started by their name or path.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::{Browser, BrowserError, Opening, check};

/// A program that is still there after this time is taken for a browser.
const WAIT: Duration = Duration::from_secs(5);

/// The browser that the settings name, in place of the user's own choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramBrowser(pub PathBuf);

impl Browser for ProgramBrowser {
    fn open<'a>(&'a self, address: &'a str) -> Opening<'a> {
        Box::pin(async move {
            check(address)?;
            open_by(&self.0, address).await
        })
    }
}

/// Starts the program with the address, and waits for it if it ends soon.
pub(super) async fn open_by(program: impl AsRef<OsStr>, address: &str) -> Result<(), BrowserError> {
    let mut command = Command::new(program);
    command
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // The browser must not get the Ctrl-C that stops the agent.
    #[cfg(target_os = "linux")]
    command.process_group(0);
    let mut child = command.spawn().map_err(BrowserError::CannotStart)?;
    match timeout(WAIT, child.wait()).await {
        Ok(Ok(status)) if !status.success() => Err(BrowserError::Failed),
        Ok(Err(error)) => Err(BrowserError::CannotStart(error)),
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_of_the_program_is_the_answer() {
        let address = "https://cis2.example/";
        let this = std::env::current_exe().unwrap();
        // The tests know no such option, and list themselves by another.
        let refused = open_by(&this, "--no-such-option").await;
        assert!(matches!(refused, Err(BrowserError::Failed)), "{refused:?}");
        assert!(open_by(&this, "--list").await.is_ok());
        let absent = ProgramBrowser("/no/such/program".into());
        let absent = absent.open(address).await;
        assert!(matches!(absent, Err(BrowserError::CannotStart(_))));
        let not_web = ProgramBrowser(this).open("file:///etc/passwd").await;
        assert!(matches!(not_web, Err(BrowserError::NotAWebAddress)));
    }
}
