//! A workstation proves itself to the broker by the certificate that IT has issued to it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::harness::agent::Plan;
use crate::harness::broker::BrokerFiles;
use crate::harness::tls::{Authority, Certified};
use crate::harness::workstation::brokered::{desk, keyless_desk, plan};
use crate::harness::workstation::{Workstation, simulated};

fn showing(plan: Plan, shown: &Certified) -> Plan {
    let setting = |key: &str, path: &Path| format!("{key} = {:?}", path.to_string_lossy());
    plan.setting("cis2", setting("broker_certificate", &shown.certificate))
        .setting("cis2", setting("broker_certificate_key", &shown.key))
}

/// The name by which the broker logs who shows this certificate.
fn name_of(shown: &Certified) -> Result<String> {
    let certificate = CertificateDer::from_pem_file(&shown.certificate)?;
    let hash = digest(&SHA256, &certificate);
    let first = hash.as_ref().iter().take(4);
    Ok(first.map(|byte| format!("{byte:02x}")).collect())
}

fn copy(from: &Certified, to: &Certified) -> Result<()> {
    fs::copy(&from.certificate, &to.certificate)?;
    fs::copy(&from.key, &to.key)?;
    Ok(())
}

/// A login that fails before anybody is asked: the code, and what the help desk reads.
async fn refused(workstation: &Workstation) -> Result<(String, String)> {
    let tool = workstation.agent.home.tool(&["login"]).await;
    ensure!(tool.status.code() == Some(1), "{tool:?}");
    let failure = workstation.snapshot().await?.failure;
    let failure = failure.context("no failure is shown")?;
    Ok((failure.code.as_str().to_owned(), failure.remedy))
}

#[tokio::test]
async fn a_workstation_signs_in_by_its_certificate_alone_and_by_a_renewed_one() -> Result<()> {
    let files = BrokerFiles::with_certificates("certificate").await?;
    let desk = keyless_desk(&files).await?;
    let first = files.authority().client("RECEPTION").await?;
    let renewed = files.authority().client("RECEPTION-RENEWED").await?;
    let provider = simulated::provider(None).await?;
    let mut broker = files.start(provider.issuer(), 27_141).await?;
    let plan = showing(plan(&desk, provider.issuer(), &broker), &first);
    let mut workstation = desk.start(plan, provider).await?;
    let mut stream = workstation.events().await?;
    let names = [name_of(&first)?, name_of(&renewed)?];
    for (index, name) in names.iter().enumerate() {
        workstation.insert(&mut stream).await?;
        workstation.sign_in_by_tool(&mut stream).await?;
        broker
            .has_logged(&format!("\"workstation\":\"{name}\""))
            .await?;
        workstation.reader.remove();
        stream.until("session.ended").await?;
        workstation.cleaned_up().await?;
        broker.last_of("revoke", index + 1).await?;
        copy(&renewed, &first)?;
    }
    let log = broker.stop().await?;
    workstation.leaks_nothing(&[&log, &stream.raw]).await?;
    Ok(())
}

#[tokio::test]
async fn a_certificate_that_cannot_be_shown_is_named_to_the_help_desk() -> Result<()> {
    let files = BrokerFiles::with_certificates("certificate").await?;
    let desk = keyless_desk(&files).await?;
    let authority = files.authority();
    let shown = authority.client("SHOWN").await?;
    let good = authority.client("GOOD").await?;
    let expired = authority.expired_client("EXPIRED").await?;
    let stranger = Authority::new("Stranger").await?;
    let foreign = stranger.client("FOREIGN").await?;
    let provider = simulated::provider(None).await?;
    let broker = files.start(provider.issuer(), 27_142).await?;
    let plan = showing(plan(&desk, provider.issuer(), &broker), &shown);
    let mut workstation = desk.start(plan, provider).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;

    let missing = "client_credential_missing";
    let mut fails = async |says: &str| {
        let (code, remedy) = refused(&workstation).await?;
        ensure!(code == missing && remedy.contains(says), "{code}: {remedy}");
        let failed = stream.until("login.failed").await?;
        ensure!(failed.data["code"] == missing, "{:?}", failed.data);
        anyhow::Ok(())
    };
    copy(&expired, &shown)?;
    fails("[cis2] broker_certificate has expired").await?;
    fs::copy(&good.certificate, &shown.certificate)?;
    fails("do not belong together").await?;
    copy(&good, &shown)?;
    fs::set_permissions(&shown.key, Permissions::from_mode(0o644))?;
    fails("[cis2] broker_certificate_key can be read by others").await?;
    fs::set_permissions(&shown.key, Permissions::from_mode(0o600))?;
    fs::remove_file(&shown.certificate)?;
    fails("[cis2] broker_certificate cannot be read").await?;

    // One that the broker does not take is found out with the code in hand.
    copy(&foreign, &shown)?;
    let (login, _page) = workstation.try_to_sign_in_by_tool().await?;
    assert_eq!(login.status.code(), Some(1));
    let failed = stream.until("login.failed").await?;
    let told = String::from_utf8_lossy(&login.stderr).into_owned();
    assert_eq!(failed.data["code"], "provider_rejected_client", "{told}");
    assert!(told.contains("is not accepted there"), "{told}");

    copy(&good, &shown)?;
    workstation.sign_in_by_tool(&mut stream).await?;
    let log = broker.stop().await?;
    assert!(
        log.contains("not of an authority of tls.client_ca"),
        "{log}"
    );
    Ok(())
}

#[tokio::test]
async fn a_broker_that_asks_for_both_takes_neither_key_nor_certificate_alone() -> Result<()> {
    let files = BrokerFiles::with_certificates("both").await?;
    let (desk, kid) = desk(&files).await?;
    files.approve(&[&kid])?;
    let shown = files.authority().client("RECEPTION").await?;
    let provider = simulated::provider(None).await?;
    let mut broker = files.start(provider.issuer(), 27_143).await?;
    let plan = showing(plan(&desk, provider.issuer(), &broker), &shown);
    let mut workstation = desk.start(plan, provider).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in_by_tool(&mut stream).await?;
    broker.has_answered("exchange", "200").await?;
    workstation.reader.remove();
    stream.until("session.ended").await?;
    workstation.cleaned_up().await?;

    // Off the list, the key is refused although the certificate is good.
    broker.files().approve(&[])?;
    workstation.insert(&mut stream).await?;
    workstation.try_to_sign_in_by_tool().await?;
    assert_eq!(broker.last_of("exchange", 2).await?, "workstation_unknown");

    let form = ["--data", "code=C&code_verifier=V"];
    for (shown, missing) in [
        (None, "certificate_missing"),
        (Some(&shown), "assertion_missing"),
    ] {
        let answer = broker.answer("/v1/exchange", shown, &form).await?;
        ensure!(answer.contains(missing), "{answer}");
    }
    broker.stop().await.map(drop)
}

#[tokio::test]
async fn a_certificate_that_is_revoked_signs_nobody_in_any_more_and_the_next_one_does() -> Result<()>
{
    let files = BrokerFiles::with_revocations().await?;
    let desk = keyless_desk(&files).await?;
    let shown = files.authority().client("RECEPTION").await?;
    let other = files.authority().client("OFFICE").await?;
    let provider = simulated::provider(None).await?;
    let broker = files.start(provider.issuer(), 27_144).await?;
    let plan = showing(plan(&desk, provider.issuer(), &broker), &shown);
    let mut workstation = desk.start(plan, provider).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in_by_tool(&mut stream).await?;
    workstation.reader.remove();
    stream.until("session.ended").await?;
    workstation.cleaned_up().await?;

    broker.files().authority().revoke(&shown).await?;
    workstation.insert(&mut stream).await?;
    workstation.try_to_sign_in_by_tool().await?;
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "provider_rejected_client");

    copy(&other, &shown)?;
    workstation.sign_in_by_tool(&mut stream).await?;
    broker.stop().await.map(drop)
}
