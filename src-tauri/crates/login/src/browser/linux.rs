//! The browser on Linux: `xdg-open`, as the desktop provides it. Without a desktop it becomes the
//! browser itself and stays for as long as that runs.

use super::BrowserError;
use super::program::open_by;

pub(super) async fn open(address: &str) -> Result<(), BrowserError> {
    open_by("xdg-open", address).await
}
