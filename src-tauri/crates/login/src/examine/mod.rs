//! What works between this computer and CIS2, step by step, for whoever has to say why a login does
//! not: facts, of which others make findings and advice.
//!
//! Nothing is sent that a login would not send, but for the question to a broker whether it knows
//! this computer. No browser opens, and nobody is signed in. Each step can be dropped at any time; its
//! own limit is among the [`limits`].

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::sync::OnceCell;

use crate::blocking::BlockingThread;
use crate::broker_wire::BrokerWire;
use crate::discovery::reach;
use crate::proxy::Proxies;
use crate::wire::{Reach, Wire};
use crate::{ClientAuth, Clock, Credentials, Keystore, Settings};

mod certificate;
mod connection;
mod credential;
mod discovery;
mod document;
mod enrolment;
mod inspector;
pub mod limits;
mod name;
mod ports;
mod proxies;
mod step;
mod target;
#[cfg(test)]
mod tests;
mod tunnel;

pub use certificate::{CertificateProblem, Presented};
pub use connection::{Connection, ConnectionProblem, FailedWay, NoConnection};
pub use credential::{CredentialFound, KeyFound, NoCredential};
pub use discovery::{Clocks, Discovered, NoDiscovery};
pub use document::{DocumentField, Fit};
pub use enrolment::{BrokerExamined, Enrolment, NotEnrolled};
pub use name::{Addresses, NameProblem};
pub use ports::{PortFamily, PortState, RedirectPort};
pub use proxies::{ProxiesNamed, ProxyProblem, Way};
pub use step::{NotApplicable, Step};

pub use crate::assertion::AssertionError;
pub use crate::client_certificate::{CertificateError as ClientCertificateError, FileProblem};
pub use crate::clock::ClockDifference;
pub use crate::discovery::DiscoveryError;
pub use crate::keystore::SignError;
pub use crate::proxy::SaidBy;
pub use crate::secret::NoRandomness;
pub use crate::wire::WireError;
pub use crate::x509::{CertificateNames, Name};

use target::Target;

/// One examination by the settings as they are now. What the system says about proxies is asked once
/// for each address; everything else each time.
pub struct Examination {
    settings: Settings,
    credentials: Credentials,
    /// What a broker knows this computer by.
    workstation: Credentials,
    clock: Arc<dyn Clock>,
    wire: Wire,
    broker_wire: BrokerWire,
    proxies: OnceCell<Proxies>,
    /// None when the address in the settings may not be used.
    provider: Option<Target>,
    /// Likewise, or when there is none.
    broker: Option<Target>,
    /// Asks for names: the system may hold whoever does for long.
    names: OnceCell<BlockingThread>,
    /// Asks the system about certificates, likewise.
    verifier: OnceCell<BlockingThread>,
    /// The last document that was read.
    document: Mutex<Option<Arc<Value>>>,
}

impl Examination {
    /// Nothing is asked or opened before the first step.
    #[must_use]
    pub fn new(settings: Settings, keystore: Arc<dyn Keystore>, clock: Arc<dyn Clock>) -> Self {
        let (credentials, workstation) = Credentials::of_settings(&settings, keystore);
        let reach = reach(&settings).ok();
        let provider = reach.and_then(|reach| Target::at(&settings.issuer, reach));
        let broker = match settings.client_auth {
            ClientAuth::Broker => Target::at(&settings.broker_url, Reach::Https),
            ClientAuth::PrivateKeyJwt
            | ClientAuth::ClientSecretPost
            | ClientAuth::ClientSecretBasic => None,
        };
        Self {
            wire: Wire::new(reach.unwrap_or(Reach::Https)),
            broker_wire: BrokerWire::new(settings.broker_certificate.clone()),
            credentials,
            workstation,
            clock,
            proxies: OnceCell::new(),
            provider,
            broker,
            names: OnceCell::new(),
            verifier: OnceCell::new(),
            document: Mutex::default(),
            settings,
        }
    }
}
