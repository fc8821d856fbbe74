//! Whether the redirect address can be had.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Examination;
use crate::redirect::{has_no_ipv6_loopback, listen};
use crate::{RedirectHost, Settings};

/// What becomes of one address of the redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectPort {
    /// The port; 0 for any that is free.
    pub port: u16,
    /// On which loopback address.
    pub family: PortFamily,
    /// What came of it.
    pub state: PortState,
}

/// A loopback address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortFamily {
    /// 127.0.0.1.
    V4,
    /// ::1.
    V6,
}

/// What comes of listening at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortState {
    /// A login could listen there.
    Free,
    /// Somebody else does: another user who is signing in, or this one's agent during a login, too.
    Taken,
    /// The system keeps it from everybody, as Windows does the ports of its excluded ranges
    /// (`netsh interface ipv4 show excludedportrange tcp`).
    KeptBySystem,
    /// This computer has no such address. A login goes on without it.
    NoSuchAddress,
    /// Anything else.
    Failed(io::ErrorKind),
}

impl Examination {
    /// Listens for a moment at each address that a login could be led back to, in the order in which
    /// it tries them. A login that is under way holds its own.
    #[must_use]
    #[expect(
        clippy::unused_async,
        reason = "as with the other steps, there has to be a runtime"
    )]
    pub async fn redirect_ports(&self) -> Vec<RedirectPort> {
        redirect_ports(&self.settings)
    }
}

fn redirect_ports(settings: &Settings) -> Vec<RedirectPort> {
    let any = [0];
    let ports = match settings.redirect_ports.as_slice() {
        [] => &any,
        ports => ports,
    };
    let families: &[PortFamily] = match settings.redirect_host {
        RedirectHost::Localhost => &[PortFamily::V4, PortFamily::V6],
        RedirectHost::Ipv4 => &[PortFamily::V4],
    };
    let each = |&port: &u16| {
        let state = move |&family: &PortFamily| RedirectPort {
            port,
            family,
            state: state(family, port),
        };
        families.iter().map(state)
    };
    ports.iter().flat_map(each).collect()
}

fn state(family: PortFamily, port: u16) -> PortState {
    let address = match family {
        PortFamily::V4 => IpAddr::V4(Ipv4Addr::LOCALHOST),
        PortFamily::V6 => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    match listen(address, port) {
        Ok(_) => PortState::Free,
        Err(error) => of_error(family, &error),
    }
}

fn of_error(family: PortFamily, error: &io::Error) -> PortState {
    if family == PortFamily::V6 && has_no_ipv6_loopback(error) {
        return PortState::NoSuchAddress;
    }
    let kind = error.kind();
    if kind == io::ErrorKind::AddrInUse {
        return PortState::Taken;
    }
    // On Windows `WSAEACCES`: neither another program nor another user can have it either.
    if kind == io::ErrorKind::PermissionDenied {
        return PortState::KeptBySystem;
    }
    PortState::Failed(kind)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn of(settings: &Settings) -> Vec<(u16, PortFamily, PortState)> {
        let ports = redirect_ports(settings).into_iter();
        ports.map(|at| (at.port, at.family, at.state)).collect()
    }

    fn with_ports(ports: &[u16]) -> Settings {
        Settings {
            redirect_ports: ports.to_vec(),
            ..Settings::default()
        }
    }

    #[tokio::test]
    async fn each_address_is_looked_at_for_itself_and_not_kept() {
        use PortFamily::{V4, V6};
        use PortState::{Free, Taken};

        let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
        let wildcard = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        let [one, other] = [&v6, &wildcard].map(|taken| taken.local_addr().unwrap().port());
        let settings = with_ports(&[one, other]);
        let ports = of(&settings);
        let expected = [(one, V4, Free), (one, V6, Taken), (other, V4, Taken)];
        assert_eq!(ports[..3], expected);
        let only_v4 = Settings {
            redirect_host: RedirectHost::Ipv4,
            ..with_ports(&[one, other])
        };
        assert_eq!(of(&only_v4), [(one, V4, Free), (other, V4, Taken)]);
        drop((v6, wildcard));
        for _ in 0..2 {
            let free = of(&settings).iter().all(|(_, _, state)| *state == Free);
            assert!(free);
        }
    }

    #[tokio::test]
    async fn any_port_is_looked_at_where_any_will_do() {
        let any = of(&with_ports(&[]));
        assert_eq!(any[0], (0, PortFamily::V4, PortState::Free));
        assert_eq!(any.len(), 2);
    }

    #[test]
    fn what_the_system_says_is_told_apart() {
        use io::ErrorKind;

        for (kind, v4, v6) in [
            (ErrorKind::AddrInUse, PortState::Taken, PortState::Taken),
            (
                ErrorKind::PermissionDenied,
                PortState::KeptBySystem,
                PortState::KeptBySystem,
            ),
            (
                ErrorKind::AddrNotAvailable,
                PortState::Failed(ErrorKind::AddrNotAvailable),
                PortState::NoSuchAddress,
            ),
        ] {
            let error = io::Error::from(kind);
            assert_eq!(of_error(PortFamily::V4, &error), v4);
            assert_eq!(of_error(PortFamily::V6, &error), v6);
        }
    }

    #[cfg(windows)]
    #[test]
    fn a_port_of_an_excluded_range_is_kept_by_the_system() {
        const WSAEACCES: i32 = 10013;
        let error = io::Error::from_raw_os_error(WSAEACCES);
        assert_eq!(of_error(PortFamily::V4, &error), PortState::KeptBySystem);
    }
}
