//! An authority that this computer does not trust, and a server with a certificate of it.

use std::path::PathBuf;
use std::process::Command;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

use super::*;

pub(super) struct Authority {
    folder: TempDir,
}

impl Authority {
    /// One of that name, with a certificate for `localhost` and 127.0.0.1 that is good for two days.
    pub(super) fn new(subject: &str) -> Self {
        let made = Self {
            folder: TempDir::new().unwrap(),
        };
        made.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
             -addext basicConstraints=critical,CA:TRUE -keyout ca.key -out ca.pem -subj {subject}"
        ));
        made.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -CA ca.pem \
             -CAkey ca.key -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
             -addext basicConstraints=critical,CA:FALSE -subj /CN=cis2.example \
             -keyout own.key -out own.pem",
        );
        made
    }

    fn openssl(&self, arguments: &str) {
        let made = Command::new("openssl")
            .args(
                arguments
                    .split_whitespace()
                    .map(|part| part.replace('~', " ")),
            )
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn read(&self, name: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.folder.path().join(name)).unwrap()
    }

    pub(super) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.read("ca.pem")).unwrap();
        roots
    }

    /// A server that shows its certificate and that of its authority; tells for each connection
    /// whether the handshake came to its end.
    pub(super) async fn serve(&self) -> (SocketAddr, mpsc::Receiver<bool>, AbortOnDropHandle<()>) {
        let chain = vec![self.read("own.pem"), self.read("ca.pem")];
        let key = PrivateKeyDer::from_pem_file(self.folder.path().join("own.key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, ended) = mpsc::channel(8);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let finished = acceptor.accept(stream).await.is_ok();
                if tell.send(finished).await.is_err() {
                    return;
                }
            }
        });
        (address, ended, AbortOnDropHandle::new(task))
    }
}
