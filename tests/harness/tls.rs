//! A certificate authority of the test's own, and a server in front of another that speaks TLS.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::watch;
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_util::task::AbortOnDropHandle;

use super::serving;

/// How keys are made.
const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

/// The authority at work.
const CA: &str = "ca -config ca.cnf";

const SERVER_EXTENSIONS: &str = "basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost\n\
                                 extendedKeyUsage=serverAuth\n";

/// What the authority remembers of whom it certified, and how.
const CA_SETTINGS: &str = "[ca]\ndefault_ca=ours\n\
    [ours]\ndatabase=index.txt\nserial=serial\ncrlnumber=crlnumber\nnew_certs_dir=.\n\
    certificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\ndefault_crl_days=1\n\
    policy=any\ncrl_extensions=crl\n\
    [any]\ncommonName=supplied\n\
    [crl]\nauthorityKeyIdentifier=keyid:always\n";

/// A certificate authority that nobody knows.
pub struct Authority {
    folder: TempDir,
}

/// A certificate and the key that belongs to it.
pub struct Certified {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    /// Makes one of this name, and a certificate of its for `localhost`.
    pub async fn new(name: &str) -> Result<Self> {
        let folder = TempDir::new()?;
        let path = folder.path();
        for (file, text) in [
            ("extensions", SERVER_EXTENSIONS),
            ("client-extensions", "extendedKeyUsage=clientAuth\n"),
            ("ca.cnf", CA_SETTINGS),
            ("index.txt", ""),
            ("serial", "1000\n"),
            ("crlnumber", "01\n"),
        ] {
            std::fs::write(path.join(file), text)?;
        }
        let authority = format!("-x509 -subj /CN={name} -days 2 -keyout ca.key -out ca.pem");
        openssl(path, &format!("req {KEY} {authority}")).await?;
        server(path).await?;
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

    /// Another certificate and key of `localhost`, in the place of the last.
    pub async fn renew_server(&self) -> Result<()> {
        server(self.folder.path()).await
    }

    /// A certificate and key of a computer that it knows, by this name.
    pub async fn client(&self, name: &str) -> Result<Certified> {
        self.client_valid(name, "-days 2").await
    }

    /// The same, out of date.
    pub async fn expired_client(&self, name: &str) -> Result<Certified> {
        let dates = "-startdate 20200101000000Z -enddate 20200201000000Z";
        self.client_valid(name, dates).await
    }

    async fn client_valid(&self, name: &str, dates: &str) -> Result<Certified> {
        let path = self.folder.path();
        let request = format!("-subj /CN={name} -keyout {name}.key -out {name}.request");
        openssl(path, &format!("req {KEY} {request}")).await?;
        let files = format!("-in {name}.request -out {name}.pem -extfile client-extensions");
        openssl(path, &format!("{CA} -batch -notext {dates} {files}")).await?;
        Ok(Certified {
            certificate: path.join(format!("{name}.pem")),
            key: path.join(format!("{name}.key")),
        })
    }

    /// Its list of what it has taken back, and now this too.
    pub async fn revoke(&self, client: &Certified) -> Result<PathBuf> {
        let certificate = client.certificate.display();
        openssl(self.folder.path(), &format!("{CA} -revoke {certificate}")).await?;
        self.revocations("").await
    }

    /// Its list of what it has taken back, written anew.
    pub async fn current_revocations(&self) -> Result<PathBuf> {
        self.revocations("").await
    }

    /// The same, out of date.
    pub async fn expired_revocations(&self) -> Result<PathBuf> {
        let dates = " -crl_lastupdate 20200101000000Z -crl_nextupdate 20200102000000Z";
        self.revocations(dates).await
    }

    async fn revocations(&self, dates: &str) -> Result<PathBuf> {
        let path = self.folder.path();
        openssl(path, &format!("{CA} -gencrl -out crl.new{dates}")).await?;
        let list = path.join("crl.pem");
        std::fs::rename(path.join("crl.new"), &list)?;
        Ok(list)
    }

    /// Connects to `localhost` as somebody who trusts this authority, and shows a certificate.
    pub async fn connect(
        &self,
        port: u16,
        shown: Option<&Certified>,
    ) -> Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.certificate())?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots);
        let client = match shown {
            None => client.with_no_client_auth(),
            Some(shown) => {
                let chain = vec![CertificateDer::from_pem_file(&shown.certificate)?];
                client.with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(&shown.key)?)?
            }
        };
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        let name = ServerName::try_from("localhost")?;
        let connector = TlsConnector::from(Arc::new(client));
        Ok(connector.connect(name, stream).await?)
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

async fn server(path: &Path) -> Result<()> {
    let files = "-subj /CN=localhost -keyout key.pem -out request";
    openssl(path, &format!("req {KEY} {files}")).await?;
    let signed = "-in request -CA ca.pem -CAkey ca.key -CAcreateserial -days 2";
    let files = "-extfile extensions -out server.pem";
    openssl(path, &format!("x509 -req {signed} {files}")).await
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
