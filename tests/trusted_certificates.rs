//! A provider over https, as CIS2 is: whom the system trusts, the agent trusts, and nobody else.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cardea_simulator::browser;
use cardea_simulator::provider::Seen;

use crate::harness::agent::Home;
use crate::harness::connect_proxy::ConnectProxy;
use crate::harness::tls::{Authority, TlsFront};
use crate::harness::workstation::Workstation;

const LIMIT: Duration = Duration::from_secs(20);

/// A workstation whose provider is behind `front`, with these certificates as the system's.
async fn trusting(
    front: &TlsFront,
    trusted: &Authority,
    change: impl FnOnce(Home) -> Home,
) -> Result<Workstation> {
    let trust = |home: Home| home.env("SSL_CERT_FILE", trusted.certificate().to_string_lossy());
    let connect = |port| front.connect_to(port);
    Workstation::behind(front.origin(), connect, |home| change(trust(home))).await
}

/// Signs in by the tool. The user's browser need not trust the test's authority, so it goes to the
/// provider itself.
async fn sign_in(workstation: &mut Workstation, front: &TlsFront) -> Result<()> {
    let person = workstation.first_person()?;
    let provider = format!("http://127.0.0.1:{}", workstation.provider.port());
    let (tool, page) = workstation
        .login_by_tool(async |address| {
            let rest = address.strip_prefix(&front.origin()).context("elsewhere")?;
            Ok(browser::sign_in(&format!("{provider}{rest}"), &person).await?)
        })
        .await?;
    ensure!(tool.status.success(), "{tool:?}, {page:?}");
    Ok(())
}

fn asked(workstation: &Workstation) -> usize {
    let log = workstation.provider.log();
    log.count(|seen| matches!(seen, Seen::Discovery))
}

#[tokio::test]
async fn an_authority_that_the_system_trusts_is_enough_and_the_provider_is_asked_early()
-> Result<()> {
    let authority = Authority::new("ours").await?;
    let front = TlsFront::start(&authority).await?;
    let mut workstation = trusting(&front, &authority, |home| home).await?;
    let early = |log: &cardea_simulator::provider::Log| log.seen.contains(&Seen::Discovery);
    workstation
        .provider
        .wait_for(LIMIT, early)
        .await
        .context("the provider was not asked early")?;

    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    sign_in(&mut workstation, &front).await?;
    stream.until("session.started").await?;
    workstation.reader.remove();
    stream.until("session.ended").await?;
    workstation.cleaned_up().await?;
    workstation.leaks_nothing(&[&stream.raw]).await.map(drop)
}

#[tokio::test]
async fn an_authority_that_the_system_does_not_know_is_refused_and_named_as_the_problem()
-> Result<()> {
    let (authority, another) = (
        Authority::new("one").await?,
        Authority::new("another").await?,
    );
    let front = TlsFront::start(&authority).await?;
    let workstation = trusting(&front, &another, |home| home).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    let tool = workstation.agent.home.tool(&["login"]).await;
    let said = String::from_utf8_lossy(&tool.stderr).into_owned();
    assert_eq!(tool.status.code(), Some(1), "{said}");
    for part in [
        "provider_unreachable",
        "does not trust who issued the certificate",
    ] {
        ensure!(said.contains(part), "{part:?} is not in {said}");
    }
    assert_eq!(asked(&workstation), 0);
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "provider_unreachable");
    Ok(())
}

#[tokio::test]
async fn a_proxy_that_the_environment_names_is_gone_through() -> Result<()> {
    let authority = Authority::new("ours").await?;
    let front = TlsFront::start(&authority).await?;
    let proxy = ConnectProxy::start().await?;
    let through = |home: Home| home.env("HTTPS_PROXY", proxy.address());
    let mut workstation = trusting(&front, &authority, through).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    sign_in(&mut workstation, &front).await?;
    stream.until("session.started").await?;

    let target = front.origin().replace("https://", "");
    let asked = proxy.asked();
    assert!(!asked.is_empty(), "nobody asked the proxy");
    for line in asked {
        assert_eq!(line, format!("CONNECT {target} HTTP/1.1"));
    }
    Ok(())
}
