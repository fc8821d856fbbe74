//! The endpoint file: where programs find this run of the agent (contract, section 4.1).

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use cardea_session::{Boot, ProviderEnvironment};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::os::{create_private, replace};

/// What the endpoint file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The address of the API; none when it has no port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The local socket.
    pub socket: PathBuf,
    /// The agent's process.
    pub pid: u32,
    /// The agent's version.
    pub version: String,
    /// This run of the agent.
    pub boot: Boot,
    /// Which CIS2 it started with.
    pub environment: ProviderEnvironment,
}

impl Endpoint {
    /// Reads an endpoint file.
    ///
    /// # Errors
    /// When it cannot be read, or says something else.
    pub fn read(path: &Path) -> io::Result<Self> {
        serde_json::from_slice(&fs::read(path)?).map_err(io::Error::from)
    }

    /// The API's port; none when it has none.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        Url::parse(self.url.as_deref()?).ok()?.port()
    }
}

/// The endpoint file; it goes when this does.
#[derive(Debug)]
pub(crate) struct EndpointFile {
    path: PathBuf,
    endpoint: Endpoint,
}

impl EndpointFile {
    /// Writes it so that no reader ever sees a part of it.
    pub(crate) fn write(path: &Path, endpoint: Endpoint) -> io::Result<Self> {
        let temporary = path.with_extension("new");
        let mut file = create_private(&temporary)?;
        file.write_all(&serde_json::to_vec(&endpoint)?)?;
        drop(file);
        replace(&temporary, path)?;
        Ok(Self {
            path: path.to_owned(),
            endpoint,
        })
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn is_still_ours(&self) -> bool {
        Endpoint::read(&self.path).is_ok_and(|there| there == self.endpoint)
    }
}

impl Drop for EndpointFile {
    fn drop(&mut self) {
        if self.is_still_ours()
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "cannot remove the endpoint file");
        }
    }
}
