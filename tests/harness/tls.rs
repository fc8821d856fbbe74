//! A certificate authority of the test's own, and a server in front of another that speaks TLS.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

use super::serving;

/// A certificate authority that nobody knows.
pub struct Authority {
    folder: TempDir,
}

impl Authority {
    /// Makes one of this name, and a certificate of its for `localhost`.
    pub async fn new(name: &str) -> Result<Self> {
        let folder = TempDir::new()?;
        let path = folder.path();
        std::fs::write(
            path.join("extensions"),
            "basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost\n\
             extendedKeyUsage=serverAuth\n",
        )?;
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        let authority = format!("-x509 -subj /CN={name} -days 2 -keyout ca.key -out ca.pem");
        openssl(path, &format!("req {key} {authority}")).await?;
        openssl(
            path,
            &format!("req {key} -subj /CN=localhost -keyout key.pem -out request"),
        )
        .await?;
        let signed = "-in request -CA ca.pem -CAkey ca.key -CAcreateserial -days 2";
        openssl(
            path,
            &format!("x509 -req {signed} -extfile extensions -out server.pem"),
        )
        .await?;
        Ok(Self { folder })
    }

    /// Its own certificate, for `SSL_CERT_FILE`.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The certificate and key of `localhost`.
    pub fn server_files(&self) -> (PathBuf, PathBuf) {
        let file = |name: &str| self.folder.path().join(name);
        (file("server.pem"), file("key.pem"))
    }

    /// A certificate and key of a computer that it knows.
    pub async fn client_files(&self) -> Result<(PathBuf, PathBuf)> {
        let path = self.folder.path();
        std::fs::write(
            path.join("client-extensions"),
            "extendedKeyUsage=clientAuth\n",
        )?;
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout client.key";
        openssl(
            path,
            &format!("req {key} -subj /CN=RECEPTION -out client.request"),
        )
        .await?;
        let signed = "-in client.request -CA ca.pem -CAkey ca.key -CAcreateserial -days 2";
        openssl(
            path,
            &format!("x509 -req {signed} -extfile client-extensions -out client.pem"),
        )
        .await?;
        Ok((path.join("client.pem"), path.join("client.key")))
    }

    fn server(&self) -> Result<ServerConfig> {
        let read = |name: &str| self.folder.path().join(name);
        let certificate = CertificateDer::from_pem_file(read("server.pem"))?;
        let key = PrivateKeyDer::from_pem_file(read("key.pem"))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        Ok(server)
    }
}

/// Runs `openssl` in a folder.
pub async fn openssl(folder: &Path, arguments: &str) -> Result<()> {
    let done = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .await
        .context("openssl")?;
    ensure!(done.status.success(), "{arguments}: {done:?}");
    Ok(())
}

/// Speaks TLS as `localhost`; gone with all connections when dropped.
pub struct TlsFront {
    port: u16,
    target: watch::Sender<u16>,
    _task: AbortOnDropHandle<()>,
}

impl TlsFront {
    /// Listens on a free port of 127.0.0.1, with a certificate of this authority.
    pub async fn start(authority: &Authority) -> Result<Self> {
        let acceptor = TlsAcceptor::from(Arc::new(authority.server()?));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (target, to) = watch::channel(0);
        let serving = serving::each(listener, move |client| {
            connection(client, acceptor.clone(), *to.borrow())
        });
        Ok(Self {
            port,
            target,
            _task: AbortOnDropHandle::new(tokio::spawn(serving)),
        })
    }

    /// Where it is reached.
    pub fn origin(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// Passes what was said on to this port of 127.0.0.1.
    pub fn connect_to(&self, port: u16) {
        self.target.send_replace(port);
    }
}

async fn connection(client: TcpStream, acceptor: TlsAcceptor, target: u16) -> Result<()> {
    let mut client = acceptor.accept(client).await?;
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
