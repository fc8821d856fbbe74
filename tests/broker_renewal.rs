//! What is renewed in the broker's files counts without a restart, and what becomes wrong lets
//! nobody in who was not let in before.

use std::fs;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::CertificateDer;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::task::AbortOnDropHandle;

use crate::harness::broker::{Broker, BrokerFiles};
use crate::harness::tls::{Authority, Certified};
use crate::harness::workstation::{SECRET, simulated};

const FORM: &str = "code=unknown&code_verifier=v&redirect_uri=http://localhost:28117/callback";
/// What the provider says of a code that it does not know, from a client that it knows.
const TAKEN: &str = "invalid_grant 400";

/// How an exchange by this certificate is answered: the code of the error and the status, or that
/// there was no connection.
async fn exchange(broker: &Broker, shown: &Certified) -> Result<String> {
    let form = ["--data", FORM];
    let Ok(answer) = broker.curl("/v1/exchange", Some(shown), &form).await? else {
        return Ok("no connection".to_owned());
    };
    let (body, status) = answer.rsplit_once(' ').context("no status")?;
    let body: Value = serde_json::from_str(body)?;
    let code = body["error"].as_str().or(body["code"].as_str());
    Ok(format!("{} {status}", code.context("no code")?))
}

async fn is_wrong(broker: &Broker, file: &str) -> Result<bool> {
    let metrics = broker.answer("/metrics", None, &[]).await?;
    let line = format!("cardea_broker_file_wrong{{file=\"{file}\"}} ");
    let value = metrics.lines().find_map(|found| found.strip_prefix(&line));
    match value {
        Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) | None => anyhow::bail!("{metrics}"),
    }
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_and_a_good_one_beside_it_is_taken() -> Result<()> {
    let files = BrokerFiles::with_revocations().await?;
    let (lost, good) = (
        files.authority().client("LOST").await?,
        files.authority().client("GOOD").await?,
    );
    let provider = simulated::provider(None).await?;
    let mut broker = files.start(provider.issuer(), 27_145).await?;
    assert_eq!(exchange(&broker, &lost).await?, TAKEN);
    assert_eq!(exchange(&broker, &good).await?, TAKEN);

    broker.files().authority().revoke(&lost).await?;
    assert_eq!(exchange(&broker, &lost).await?, "no connection");
    broker.has_logged("\"why\":\"revoked\"").await?;
    assert_eq!(exchange(&broker, &good).await?, TAKEN);
    broker.stop().await.map(drop)
}

#[tokio::test]
async fn without_a_list_that_can_be_used_no_certificate_is_taken() -> Result<()> {
    let files = BrokerFiles::with_revocations().await?;
    let good = files.authority().client("GOOD").await?;
    let provider = simulated::provider(None).await?;
    let mut broker = files.start(provider.issuer(), 27_146).await?;
    let authority = broker.files().authority();
    let list = authority.current_revocations().await?;
    assert_eq!(exchange(&broker, &good).await?, TAKEN);
    assert!(!is_wrong(&broker, "client_ca").await?);

    let unchecked = "certificates_unchecked 503";
    for wrong in [
        "",
        "no list",
        "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
    ] {
        fs::write(&list, wrong)?;
        assert_eq!(exchange(&broker, &good).await?, unchecked, "{wrong:?}");
        assert!(is_wrong(&broker, "client_ca").await?, "{wrong:?}");
    }
    fs::remove_file(&list)?;
    assert_eq!(exchange(&broker, &good).await?, unchecked);
    broker.is_healthy().await?;

    // One that is out of date can be read, and says nothing of today.
    broker.files().authority().expired_revocations().await?;
    assert_eq!(exchange(&broker, &good).await?, "no connection");
    broker
        .has_logged("tls.client_crl has no current list")
        .await?;

    broker.files().authority().current_revocations().await?;
    assert_eq!(exchange(&broker, &good).await?, TAKEN);
    assert!(!is_wrong(&broker, "client_ca").await?);
    broker.stop().await.map(drop)
}

/// One connection for several requests, and the certificate that the broker showed.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    broker: CertificateDer<'static>,
    _task: AbortOnDropHandle<()>,
}

impl Connection {
    async fn to(broker: &Broker, port: u16, shown: Option<&Certified>) -> Result<Self> {
        let stream = broker.files().authority().connect(port, shown).await?;
        let certificates = stream.get_ref().1.peer_certificates();
        let own = certificates.and_then(<[_]>::first).context("none")?;
        let own = own.clone();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let task = tokio::spawn(async move {
            let _ended = connection.await;
        });
        Ok(Self {
            sender,
            broker: own,
            _task: AbortOnDropHandle::new(task),
        })
    }

    async fn exchange(&mut self) -> Result<String> {
        let request = Request::post("/v1/exchange")
            .header("host", "localhost")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::from(FORM))?;
        let answer = self.sender.send_request(request).await?;
        let body = answer.into_body().collect().await?.to_bytes();
        Ok(String::from_utf8(body.to_vec())?)
    }
}

#[tokio::test]
async fn a_connection_does_not_outlive_the_certificate_it_was_made_by() -> Result<()> {
    const PORT: u16 = 27_147;
    let files = BrokerFiles::with_revocations().await?;
    let lost = files.authority().client("LOST").await?;
    let provider = simulated::provider(None).await?;
    let broker = files.start(provider.issuer(), PORT).await?;
    let mut connection = Connection::to(&broker, PORT, Some(&lost)).await?;
    let taken = connection.exchange().await?;
    assert!(taken.contains("invalid_grant"), "{taken}");
    broker.files().authority().revoke(&lost).await?;
    let refused = connection.exchange().await?;
    assert!(refused.contains("certificate_refused"), "{refused}");
    broker.stop().await.map(drop)
}

/// A system may throw away what it has received when the other side breaks a connection off.
#[tokio::test]
async fn who_is_refused_can_read_why_whatever_was_still_being_said() -> Result<()> {
    const PORT: u16 = 27_150;
    let files = BrokerFiles::with_certificates("certificate").await?;
    let stranger = Authority::new("Stranger").await?;
    let foreign = stranger.client("FOREIGN").await?;
    let provider = simulated::provider(None).await?;
    let broker = files.start(provider.issuer(), PORT).await?;
    let mut stream = broker
        .files()
        .authority()
        .connect(PORT, Some(&foreign))
        .await?;
    stream.write_all(&[b'a'; 12 * 1024]).await?;
    let mut rest = Vec::new();
    let told = stream.read_to_end(&mut rest).await;
    let told = told.expect_err("it was not refused").to_string();
    assert!(told.contains("UnknownCA"), "{told}");
    let ended = stream.get_mut().0.read_to_end(&mut rest).await;
    ended.context("the connection was broken off")?;
    broker.stop().await.map(drop)
}

#[tokio::test]
async fn a_renewed_server_certificate_is_shown_and_a_broken_one_is_not() -> Result<()> {
    const PORT: u16 = 27_148;
    let files = BrokerFiles::with_certificates("certificate").await?;
    let provider = simulated::provider(None).await?;
    let mut broker = files.start(provider.issuer(), PORT).await?;
    let first = Connection::to(&broker, PORT, None).await?.broker;
    broker.files().authority().renew_server().await?;
    let renewed = Connection::to(&broker, PORT, None).await?.broker;
    ensure!(renewed != first, "the first one is still shown");

    let (certificate, key) = broker.files().authority().server_files();
    for file in [certificate, key] {
        let good = fs::read(&file)?;
        fs::write(&file, "-----BEGIN NOTHING-----\n")?;
        let shown = Connection::to(&broker, PORT, None).await?.broker;
        ensure!(shown == renewed, "{}", file.display());
        assert!(is_wrong(&broker, "certificate").await?);
        fs::write(&file, good)?;
        assert!(!is_wrong(&broker, "certificate").await?);
    }
    broker
        .has_logged("of no use; what was there before stays")
        .await?;
    broker.stop().await.map(drop)
}

#[tokio::test]
async fn a_new_credential_is_used_from_the_next_login_on_and_a_broken_one_is_not() -> Result<()> {
    let files = BrokerFiles::with_certificates("certificate").await?;
    files.write("credential", "an-older-secret")?;
    let shown = files.authority().client("RECEPTION").await?;
    let provider = simulated::provider(None).await?;
    let broker = files.start(provider.issuer(), 27_149).await?;
    assert_eq!(exchange(&broker, &shown).await?, "invalid_client 401");
    broker.files().write("credential", SECRET)?;
    assert_eq!(exchange(&broker, &shown).await?, TAKEN);
    assert!(!is_wrong(&broker, "credential").await?);

    broker.files().write("credential", "two\nlines")?;
    assert_eq!(exchange(&broker, &shown).await?, TAKEN);
    assert!(is_wrong(&broker, "credential").await?);
    let log = broker.stop().await?;
    ensure!(
        !log.contains("two\\nlines") && !log.contains(SECRET),
        "{log}"
    );
    Ok(())
}
