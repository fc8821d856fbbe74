//! The way to the broker: a client that shows this computer's certificate where there is one, and
//! another client when that is another one.

use std::sync::Arc;
use std::time::Duration;

use cardea_session::Time;
use tokio::sync::{Mutex, OnceCell};

use crate::blocking::BlockingThread;
use crate::client_certificate::{CertificateError, ClientCertificate, Fingerprint};
use crate::settings::CertificateFiles;
use crate::wire::{Reach, Wire};

/// How long reading the files may take: they may be on a network.
const READ_LIMIT: Duration = Duration::from_secs(5);

/// The client for all calls to one broker.
pub(crate) struct BrokerWire {
    files: Option<CertificateFiles>,
    reader: OnceCell<BlockingThread>,
    current: Mutex<Option<(Option<Fingerprint>, Arc<Wire>)>>,
}

impl BrokerWire {
    pub(crate) fn new(files: Option<CertificateFiles>) -> Self {
        Self {
            files,
            reader: OnceCell::new(),
            current: Mutex::default(),
        }
    }

    /// Whether this computer shows a certificate.
    pub(crate) fn shows_certificate(&self) -> bool {
        self.files.is_some()
    }

    /// The client, with the certificate as its files are now.
    pub(crate) async fn now(&self, now: Time) -> Result<Arc<Wire>, CertificateError> {
        let certificate = self.certificate(now).await?;
        let fingerprint = certificate.as_ref().map(|shown| shown.fingerprint);
        let mut current = self.current.lock().await;
        if let Some((shown, wire)) = current.as_ref()
            && *shown == fingerprint
        {
            return Ok(Arc::clone(wire));
        }
        let wire = Wire::new(Reach::Https);
        let wire = Arc::new(match certificate {
            Some(certificate) => wire.showing(certificate.identity),
            None => wire,
        });
        *current = Some((fingerprint, Arc::clone(&wire)));
        Ok(wire)
    }

    async fn certificate(&self, now: Time) -> Result<Option<ClientCertificate>, CertificateError> {
        let Some(files) = self.files.clone() else {
            return Ok(None);
        };
        let start = || async { BlockingThread::start("broker-certificate") };
        let reader = self.reader.get_or_try_init(start).await;
        let reader = reader.map_err(CertificateError::Thread)?;
        let read = reader.submit(READ_LIMIT, move || ClientCertificate::read(&files, now));
        let read = read.await.map_err(|_| CertificateError::NotRead)?;
        read.map(Some)
    }
}
