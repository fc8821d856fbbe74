//! The browser on Linux: `xdg-open`, as the desktop provides it.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::BrowserError;

/// Without a desktop `xdg-open` becomes the browser itself and stays for as long as that runs; one
/// that is still there after this time is taken for a browser.
const WAIT: Duration = Duration::from_secs(5);

pub(super) async fn open(address: &str) -> Result<(), BrowserError> {
    open_by("xdg-open", address).await
}

async fn open_by(program: &str, address: &str) -> Result<(), BrowserError> {
    let mut child = Command::new(program)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // The browser must not get the Ctrl-C that stops the agent.
        .process_group(0)
        .spawn()
        .map_err(BrowserError::CannotStart)?;
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
        assert!(open_by("true", address).await.is_ok());
        assert!(matches!(
            open_by("false", address).await,
            Err(BrowserError::Failed)
        ));
        assert!(matches!(
            open_by("no-such-program", address).await,
            Err(BrowserError::CannotStart(_))
        ));
    }
}
