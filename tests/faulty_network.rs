//! A network between agent and provider that is slow, breaks off or says nothing: a login becomes a
//! session or a clear failure, and never hangs.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cardea_simulator::browser;

use crate::harness::fault_proxy::{FaultProxy, Trouble};
use crate::harness::stream::Stream;
use crate::harness::workstation::Workstation;

pub const UNREACHABLE: &[&str] = &["provider_unreachable"];
/// Which of the two depends on whether the answer's head has come through.
pub const BROKEN: &[&str] = &["provider_unreachable", "provider_response_invalid"];

/// One byte at a time: what takes longer than any limit, and is never quite silent.
pub const ENDLESS: Trouble = Trouble::Slow {
    bytes: 1,
    pause: Duration::from_millis(100),
};

/// What no login can live with, and how it fails.
const TROUBLES: [(Trouble, &[&str]); 7] = [
    (Trouble::ResetAtOnce, UNREACHABLE),
    (Trouble::ResetAfter(20), UNREACHABLE),
    (Trouble::ResetAfter(600), BROKEN),
    (Trouble::HalfClosedAfter(20), UNREACHABLE),
    (Trouble::HalfClosedAfter(600), BROKEN),
    (Trouble::Silent, UNREACHABLE),
    (ENDLESS, UNREACHABLE),
];

/// What a login lives with.
pub const NUISANCES: [Trouble; 2] = [
    Trouble::Latency(Duration::from_millis(150)),
    Trouble::Slow {
        bytes: 64,
        pause: Duration::from_millis(10),
    },
];

async fn behind_a_proxy() -> Result<(Workstation, FaultProxy, Stream)> {
    let proxy = FaultProxy::start().await?;
    let connect = |port| proxy.connect_to(port);
    let workstation = Workstation::behind(proxy.origin(), connect, |home| home).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    Ok((workstation, proxy, stream))
}

/// A login for which the trouble begins when the user has signed in and the code is redeemed.
pub async fn fails_while_redeemed(
    workstation: &mut Workstation,
    proxy: &FaultProxy,
    stream: &mut Stream,
    trouble: Trouble,
    codes: &[&str],
) -> Result<()> {
    proxy.trouble(Trouble::None);
    let person = workstation.first_person()?;
    let (tool, ()) = workstation
        .login_by_tool(async |address| {
            let callback = browser::sign_in_without_return(&address, &person).await?;
            proxy.trouble(trouble);
            // The page is answered within its own limit, whatever becomes of the login.
            browser::open(&callback).await?;
            Ok(())
        })
        .await?;
    ensure!(tool.status.code() == Some(1), "{trouble:?}: {tool:?}");
    failed_with(stream, codes, trouble).await
}

async fn failed_with(stream: &mut Stream, codes: &[&str], trouble: Trouble) -> Result<()> {
    let failed = stream.until("login.failed").await?;
    let code = failed.data["code"].as_str().context("no code")?;
    ensure!(codes.contains(&code), "{trouble:?}: {code}");
    let snapshot = stream.until_state("card_present").await?;
    assert!(snapshot.get("session").is_none());
    Ok(())
}

#[tokio::test]
async fn before_the_browser_opens_each_trouble_is_a_failure_and_the_next_login_is_not_hindered()
-> Result<()> {
    let (mut workstation, proxy, mut stream) = behind_a_proxy().await?;
    for (trouble, codes) in TROUBLES {
        proxy.trouble(trouble);
        let tool = workstation.agent.home.tool(&["login"]).await;
        ensure!(tool.status.code() == Some(1), "{trouble:?}: {tool:?}");
        failed_with(&mut stream, codes, trouble).await?;
    }
    assert_eq!(workstation.provider.log().grants(), 0);
    proxy.trouble(Trouble::None);
    workstation.sign_in_by_tool(&mut stream).await
}

#[tokio::test]
async fn while_the_code_is_redeemed_each_trouble_is_a_failure_too() -> Result<()> {
    let (mut workstation, proxy, mut stream) = behind_a_proxy().await?;
    for (trouble, codes) in TROUBLES {
        fails_while_redeemed(&mut workstation, &proxy, &mut stream, trouble, codes).await?;
    }
    proxy.trouble(Trouble::None);
    workstation.sign_in_by_tool(&mut stream).await
}

#[tokio::test]
async fn a_slow_network_is_no_failure() -> Result<()> {
    let (mut workstation, proxy, mut stream) = behind_a_proxy().await?;
    for nuisance in NUISANCES {
        proxy.trouble(nuisance);
        workstation.sign_in_by_tool(&mut stream).await?;
        workstation.reader.remove();
        stream.until("session.ended").await?;
        workstation.insert(&mut stream).await?;
    }
    Ok(())
}
