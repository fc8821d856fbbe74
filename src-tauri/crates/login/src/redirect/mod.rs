//! The redirect on loopback (contract, section 3.4; RFC 8252, section 7.3): it stands only while
//! an attempt is under way.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::time::sleep;

use crate::{RedirectHost, Settings};

mod answer;
mod listener;
mod page;
mod strings;
mod visit;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;
#[cfg(target_os = "linux")]
use linux as os;
#[cfg(windows)]
use windows as os;

pub use answer::BrowserAnswer;
pub(crate) use answer::Outcome;
#[cfg(feature = "fuzzing")]
pub(crate) use listener::answer_one;
pub(crate) use listener::{Listener, Server};
pub(crate) use os::has_no_ipv6_loopback;
pub use strings::Language;
pub(crate) use visit::{Awaited, Callback};

/// How soon a taken port is tried again.
const RETRY: Duration = Duration::from_millis(250);

/// How often a pair of free ports is looked for when any port will do.
const FREE_PORT_TRIES: usize = 16;
/// Connections that wait to be taken.
const BACKLOG: u32 = 64;

/// The bound redirect address.
#[derive(Debug)]
pub(crate) struct Redirect {
    sockets: Vec<TcpListener>,
    port: u16,
    host: RedirectHost,
    path: String,
}

impl Redirect {
    /// Binds the first free port of the settings.
    pub(crate) fn bind(settings: &Settings) -> Option<Self> {
        let any = [0];
        let ports = match settings.redirect_ports.as_slice() {
            [] => &any,
            ports => ports,
        };
        let bound = ports
            .iter()
            .find_map(|&port| bind(settings.redirect_host, port));
        bound.map(|(port, sockets)| Self {
            sockets,
            port,
            host: settings.redirect_host,
            path: settings.redirect_path.clone(),
        })
    }

    /// Binds a port as soon as one is free; `taken` hears once that none is.
    pub(crate) async fn bind_when_free(settings: &Settings, taken: impl FnOnce()) -> Self {
        if let Some(bound) = Self::bind(settings) {
            return bound;
        }
        taken();
        loop {
            sleep(RETRY).await;
            if let Some(bound) = Self::bind(settings) {
                return bound;
            }
        }
    }

    /// `Host` as the browser sends it.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host.as_str(), self.port)
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The address that the provider sends the browser to.
    pub(crate) fn uri(&self) -> String {
        format!("http://{}{}", self.authority(), self.path)
    }
}

/// All addresses that the browser may take `host` for, or none of them: another program on one of
/// them could get the code.
fn bind(host: RedirectHost, port: u16) -> Option<(u16, Vec<TcpListener>)> {
    let tries = if port == 0 { FREE_PORT_TRIES } else { 1 };
    (0..tries).find_map(|_| bind_all(host, port).ok())
}

fn bind_all(host: RedirectHost, port: u16) -> io::Result<(u16, Vec<TcpListener>)> {
    let v4 = listen(IpAddr::V4(Ipv4Addr::LOCALHOST), port)?;
    let port = v4.local_addr()?.port();
    let mut sockets = vec![v4];
    if host == RedirectHost::Localhost {
        match listen(IpAddr::V6(Ipv6Addr::LOCALHOST), port) {
            Ok(v6) => sockets.push(v6),
            Err(error) if has_no_ipv6_loopback(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok((port, sockets))
}

/// Listens at an address from which everybody else is kept out.
pub(crate) fn listen(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    let socket = match address {
        IpAddr::V4(_) => TcpSocket::new_v4(),
        IpAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    os::keep_others_out(&socket)?;
    socket.bind(SocketAddr::new(address, port))?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(ports: &[u16]) -> Settings {
        Settings {
            redirect_ports: ports.to_vec(),
            ..Settings::default()
        }
    }

    /// Three ports that were free a moment ago.
    fn free_ports() -> Vec<u16> {
        let bound: Vec<_> = (0..3)
            .map(|_| Redirect::bind(&settings(&[])).unwrap())
            .collect();
        bound.iter().map(|redirect| redirect.port).collect()
    }

    #[tokio::test]
    async fn localhost_is_both_loopback_addresses() {
        let redirect = Redirect::bind(&settings(&[])).unwrap();
        let addresses = redirect
            .sockets
            .iter()
            .map(|socket| socket.local_addr().unwrap().ip());
        let addresses: Vec<_> = addresses.collect();
        assert_eq!(
            addresses,
            [
                IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(Ipv6Addr::LOCALHOST)
            ]
        );
        assert_eq!(
            redirect.uri(),
            format!("http://localhost:{}/callback", redirect.port)
        );
        let only_v4 = Settings {
            redirect_host: RedirectHost::Ipv4,
            ..settings(&[])
        };
        let only_v4 = Redirect::bind(&only_v4).unwrap();
        assert_eq!(only_v4.sockets.len(), 1);
        assert!(only_v4.uri().starts_with("http://127.0.0.1:"));
    }

    #[tokio::test]
    async fn a_port_of_which_one_address_is_taken_is_skipped() {
        let ports = free_ports();
        let _v6 = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, ports[0])).unwrap();
        let _wildcard = std::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, ports[1])).unwrap();
        let redirect = Redirect::bind(&settings(&ports)).unwrap();
        assert_eq!(redirect.port, ports[2]);
    }

    #[tokio::test]
    async fn nobody_else_can_listen_where_we_do() {
        let redirect = Redirect::bind(&settings(&[])).unwrap();
        for address in [
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        ] {
            assert!(
                std::net::TcpListener::bind((address, redirect.port)).is_err(),
                "{address}"
            );
        }
    }

    #[tokio::test]
    async fn a_taken_port_is_waited_for() {
        let first = Redirect::bind(&settings(&[])).unwrap();
        let settings = settings(&[first.port]);
        let (taken, was_taken) = tokio::sync::oneshot::channel();
        let waiting = Redirect::bind_when_free(&settings, || taken.send(()).unwrap());
        let release = async {
            was_taken.await.unwrap();
            let port = first.port;
            drop(first);
            port
        };
        let (second, port) = tokio::join!(waiting, release);
        assert_eq!(second.port, port);
    }
}
