//! Ways to the agent: the local socket, an address, or the endpoint file that names one.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use cardea_session::{Boot, ProviderEnvironment};
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;

use crate::{ClientError, os};

/// No endpoint file is longer, in bytes.
const LONGEST_FILE: u64 = 64 * 1024;

/// What the agent writes into its endpoint file (contract, section 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Endpoint {
    /// Where the API is, for instance `http://127.0.0.1:28080`; none when the agent has no port.
    #[serde(default)]
    pub url: Option<String>,
    /// The local socket.
    pub socket: PathBuf,
    /// The agent's process.
    pub pid: u32,
    /// The agent's version.
    pub version: String,
    /// This run of the agent.
    pub boot: Boot,
    /// Which CIS2.
    pub environment: ProviderEnvironment,
}

impl Endpoint {
    /// Where the endpoint file of this user is.
    ///
    /// # Errors
    /// [`ClientError::NoRuntimeFolder`] when the desktop session has no folder for such files.
    pub fn file() -> Result<PathBuf, ClientError> {
        os::endpoint_file()
    }

    /// Reads an endpoint file.
    ///
    /// # Errors
    /// [`ClientError::NotRunning`] when there is none, [`ClientError::Endpoint`] when it is
    /// something else.
    pub async fn read(file: &Path) -> Result<Self, ClientError> {
        let opened = tokio::fs::File::open(file)
            .await
            .map_err(ClientError::unopened)?;
        let mut content = Vec::new();
        opened
            .take(LONGEST_FILE)
            .read_to_end(&mut content)
            .await
            .map_err(ClientError::unopened)?;
        serde_json::from_slice(&content).map_err(|error| ClientError::Endpoint(error.into()))
    }
}

/// A way to the agent.
#[derive(Clone, Debug)]
pub(crate) enum Route {
    /// The local socket.
    Socket(PathBuf),
    /// TCP, always there.
    Address(Address),
    /// Wherever the endpoint file says at the time: TCP, or the local socket without a port.
    EndpointFile(PathBuf),
    #[cfg(test)]
    Pipe(crate::fake::Pipe),
}

/// A loopback address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) socket: SocketAddr,
    /// The `Host` header.
    pub(crate) authority: String,
}

impl Address {
    /// Reads `http://127.0.0.1:PORT`, `http://localhost:PORT` or `http://[::1]:PORT`.
    pub(crate) fn parse(url: &str) -> Result<Self, ClientError> {
        let refused = || ClientError::Address(url.to_owned());
        let uri: http::Uri = url.parse().map_err(|_| refused())?;
        let authority = uri.authority().ok_or_else(refused)?;
        let port = authority.port_u16().ok_or_else(refused)?;
        if uri.scheme_str() != Some("http") || uri.path() != "/" || uri.query().is_some() {
            return Err(refused());
        }
        let host = match authority.host() {
            "127.0.0.1" | "localhost" => Ipv4Addr::LOCALHOST.into(),
            "[::1]" => Ipv6Addr::LOCALHOST.into(),
            _ => return Err(refused()),
        };
        let authority = format!("{}:{port}", authority.host());
        Ok(Self {
            socket: SocketAddr::new(host, port),
            authority,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_with_a_port_are_taken() {
        let address = Address::parse("http://localhost:28080").unwrap();
        assert_eq!(address.socket, "127.0.0.1:28080".parse().unwrap());
        assert_eq!(address.authority, "localhost:28080");
        let address = Address::parse("http://[::1]:1/").unwrap();
        assert_eq!(address.socket, "[::1]:1".parse().unwrap());
        for url in [
            "",
            "127.0.0.1:28080",
            "http://127.0.0.1",
            "https://127.0.0.1:28080",
            "http://127.0.0.1:28080/v1",
            "http://192.0.2.1:28080",
            "http://localhost.example:28080",
        ] {
            assert!(Address::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn user_information_in_the_address_is_not_sent_on() {
        let address = Address::parse("http://a@127.0.0.1:28080").unwrap();
        assert_eq!(address.authority, "127.0.0.1:28080");
    }

    #[tokio::test]
    async fn the_endpoint_file_is_read_and_a_broken_one_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("endpoint.json");
        let absent = Endpoint::read(&file).await;
        assert!(matches!(absent, Err(ClientError::NotRunning(_))));

        std::fs::write(&file, "{").unwrap();
        let broken = Endpoint::read(&file).await;
        assert!(matches!(broken, Err(ClientError::Endpoint(_))));

        let text = r#"{"url":"http://127.0.0.1:28081","socket":"/run/x","pid":1,
            "version":"0.1.0","boot":"B","environment":"live","later":true}"#;
        std::fs::write(&file, text).unwrap();
        let endpoint = Endpoint::read(&file).await.unwrap();
        assert_eq!(endpoint.url.as_deref(), Some("http://127.0.0.1:28081"));
    }
}
