//! Opening the user's browser.

use std::future::Future;
use std::io;
use std::pin::Pin;

use url::Url;

#[cfg(target_os = "linux")]
mod linux;
mod program;
#[cfg(windows)]
mod windows;
#[cfg(target_os = "linux")]
use linux as os;
#[cfg(windows)]
use windows as os;

pub use program::ProgramBrowser;

/// The end of an attempt to open the browser.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<(), BrowserError>> + Send + 'a>>;

/// Shows the user a web address.
pub trait Browser: Send + Sync {
    /// Opens `address`, an absolute http or https address, and comes back without waiting for the
    /// user.
    fn open<'a>(&'a self, address: &'a str) -> Opening<'a>;
}

/// Why no browser opened. Shows no address.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// Only http and https addresses are handed to the operating system.
    #[error("not an http or https address")]
    NotAWebAddress,
    /// The program that opens addresses cannot be started.
    #[error("the program that opens web addresses cannot be started")]
    CannotStart(#[source] io::Error),
    /// It found no browser.
    #[error("the program that opens web addresses failed")]
    Failed,
}

/// The browser that the user chose in the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemBrowser;

impl Browser for SystemBrowser {
    fn open<'a>(&'a self, address: &'a str) -> Opening<'a> {
        Box::pin(async move {
            check(address)?;
            os::open(address).await
        })
    }
}

fn check(address: &str) -> Result<(), BrowserError> {
    let url = Url::parse(address).map_err(|_| BrowserError::NotAWebAddress)?;
    let is_plain = address.chars().all(|c| c.is_ascii_graphic());
    if !matches!(url.scheme(), "http" | "https") || !is_plain {
        return Err(BrowserError::NotAWebAddress);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_but_web_addresses_reaches_the_operating_system() {
        for address in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "--help",
            "https://a.example/ --new-window",
            "",
        ] {
            assert!(
                matches!(
                    SystemBrowser.open(address).await,
                    Err(BrowserError::NotAWebAddress)
                ),
                "{address}"
            );
        }
    }
}
