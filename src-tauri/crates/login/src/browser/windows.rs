//! The browser on Windows: the program that the user chose for web addresses.

use super::BrowserError;

/// Opening may start the browser and take a while, so that it is done on a thread for such things.
pub(super) async fn open(address: &str) -> Result<(), BrowserError> {
    let address = address.to_owned();
    let opened = tokio::task::spawn_blocking(move || cardea_win32::open_address(&address));
    match opened.await {
        Ok(opened) => opened.map_err(BrowserError::CannotStart),
        Err(_panicked) => Err(BrowserError::Failed),
    }
}
