//! A network that is slow, breaks off or says nothing, before the broker and behind it: a login
//! becomes a session or a clear failure and never hangs, and the broker goes on.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cardea_simulator::browser;
use cardea_simulator::provider::Step;
use tokio::time::timeout;

use crate::faulty_network::{BROKEN, ENDLESS, NUISANCES, UNREACHABLE, fails_while_redeemed};
use crate::harness::broker::{Broker, BrokerFiles};
use crate::harness::fault_proxy::{FaultProxy, Trouble};
use crate::harness::stream::Stream;
use crate::harness::workstation::brokered::{desk, plan};
use crate::harness::workstation::{Workstation, simulated};

const LIMIT: Duration = Duration::from_secs(20);

/// Resets and half-closed connections, with nothing of the answer, some of it, and more.
const BREAKS: [Trouble; 5] = [
    Trouble::ResetAtOnce,
    Trouble::ResetAfter(20),
    Trouble::HalfClosedAfter(20),
    Trouble::ResetAfter(600),
    Trouble::HalfClosedAfter(600),
];

/// A workstation with a card, its broker, and the proxy on one side of that.
struct Scene {
    workstation: Workstation,
    broker: Broker,
    proxy: FaultProxy,
    stream: Stream,
    /// How often the broker was asked to exchange a code, and has answered.
    exchanges: usize,
}

/// Between agent and broker; what passes is TLS.
async fn before_the_broker(port: u16) -> Result<Scene> {
    let proxy = FaultProxy::start().await?;
    proxy.connect_to(port);
    let address = format!("https://localhost:{}", proxy.port());
    let files = BrokerFiles::with_secret().await?;
    let files = files.setting("CARDEA_BROKER_PUBLIC_URL", &address);
    let url = format!("broker_url = {address:?}");
    scene(files, port, proxy, None, Some(url)).await
}

/// Between broker and provider. The agent reaches the provider by the same address, and has asked
/// it what it needs for the exchange before there is trouble.
async fn behind_the_broker(port: u16) -> Result<Scene> {
    let proxy = FaultProxy::start().await?;
    let files = BrokerFiles::with_secret().await?;
    let origin = proxy.origin();
    scene(files, port, proxy, Some(origin), None).await
}

async fn scene(
    files: BrokerFiles,
    port: u16,
    proxy: FaultProxy,
    origin: Option<String>,
    broker_url: Option<String>,
) -> Result<Scene> {
    let (desk, kid) = desk(&files).await?;
    files.approve(&[&kid])?;
    // As many logins as these are no workstation's everyday life.
    let files = files.setting("CARDEA_BROKER_WORKSTATIONS_RATE_PER_MINUTE", "600");
    let is_behind = origin.is_some();
    let provider = simulated::provider(origin).await?;
    if is_behind {
        proxy.connect_to(provider.port());
    }
    let broker = files.start(provider.issuer(), port).await?;
    let plan = plan(&desk, provider.issuer(), &broker);
    let plan = match broker_url {
        Some(url) => plan.setting("cis2", url),
        None => plan,
    };
    let workstation = desk.start(plan, provider).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    Ok(Scene {
        workstation,
        broker,
        proxy,
        stream,
        exchanges: 0,
    })
}

impl Scene {
    /// The trouble begins when the user has signed in and the code is redeemed.
    async fn fails(&mut self, trouble: Trouble, codes: &[&str]) -> Result<()> {
        let (workstation, stream) = (&mut self.workstation, &mut self.stream);
        fails_while_redeemed(workstation, &self.proxy, stream, trouble, codes).await?;
        let healthy = self.broker.is_healthy().await;
        healthy.with_context(|| format!("after {trouble:?}"))
    }

    /// The same, where the broker has answered with this.
    async fn fails_and_broker_says(&mut self, trouble: Trouble, result: &str) -> Result<()> {
        self.fails(trouble, UNREACHABLE).await?;
        self.exchanges += 1;
        let said = self.broker.last_of("exchange", self.exchanges).await?;
        ensure!(said == result, "{trouble:?}: {said}");
        Ok(())
    }

    /// A login that comes to something, and its end.
    async fn signs_in_and_out(&mut self) -> Result<()> {
        self.workstation.sign_in_by_tool(&mut self.stream).await?;
        self.exchanges += 1;
        let grant = self.last_grant()?;
        self.workstation.reader.remove();
        self.stream.until("session.ended").await?;
        self.workstation
            .provider
            .wait_for(LIMIT, |log| log.revoked(grant) && log.session_ended(grant))
            .await?;
        self.workstation.insert(&mut self.stream).await
    }

    fn last_grant(&self) -> Result<usize> {
        let grants = self.workstation.provider.log().grants();
        grants.checked_sub(1).context("nothing was given out")
    }
}

#[tokio::test]
async fn a_broker_that_is_not_reached_is_a_failure_and_the_next_login_is_not_hindered() -> Result<()>
{
    let mut scene = before_the_broker(27_151).await?;
    for trouble in BREAKS.into_iter().chain([ENDLESS]) {
        scene.fails(trouble, UNREACHABLE).await?;
    }
    // None of them reached as far as the code.
    assert_eq!(scene.workstation.provider.log().grants(), 0);
    scene.proxy.trouble(Trouble::None);
    scene.signs_in_and_out().await
}

#[tokio::test]
async fn a_brokers_answer_that_breaks_off_is_a_failure_and_the_next_login_is_not_hindered()
-> Result<()> {
    let mut scene = before_the_broker(27_152).await?;
    scene.signs_in_and_out().await?;
    // From the second connection on TLS is resumed, and its handshake shorter.
    scene.proxy.trouble(Trouble::None);
    scene.workstation.sign_in_by_tool(&mut scene.stream).await?;
    // Handshake and answer, the larger part of which is the answer.
    let whole = scene.proxy.longest_answer();
    scene.workstation.reader.remove();
    scene.stream.until("session.ended").await?;
    scene.workstation.cleaned_up().await?;
    scene.workstation.insert(&mut scene.stream).await?;
    for trouble in [
        Trouble::ResetAfter(whole - 200),
        Trouble::HalfClosedAfter(whole - 200),
        Trouble::SilentAfter(whole - 200),
    ] {
        scene.fails(trouble, BROKEN).await?;
    }
    // All of them are later than the provider's answer.
    assert_eq!(scene.last_grant()?, 4);
    scene.proxy.trouble(Trouble::None);
    scene.signs_in_and_out().await
}

#[tokio::test]
async fn a_slow_network_before_the_broker_is_no_failure() -> Result<()> {
    let mut scene = before_the_broker(27_153).await?;
    for nuisance in NUISANCES {
        scene.proxy.trouble(nuisance);
        scene.signs_in_and_out().await?;
    }
    Ok(())
}

#[tokio::test]
async fn tokens_for_a_workstation_that_the_broker_lost_are_revoked() -> Result<()> {
    let mut scene = before_the_broker(27_154).await?;
    let mut hold = scene.workstation.provider.hold(Step::Token);
    let person = scene.workstation.first_person()?;
    let proxy = &scene.proxy;
    let login = scene.workstation.login_by_tool(async |address| {
        let visit = browser::sign_in(&address, &person);
        let cut = async {
            let reached = timeout(LIMIT, hold.reached()).await;
            // The provider has given the tokens out, and the broker waits for them.
            proxy.trouble(Trouble::ResetAtOnce);
            reached.context("no token call")
        };
        let (page, cut) = tokio::join!(visit, cut);
        cut?;
        Ok(page?)
    });
    let (tool, page) = login.await?;
    ensure!(tool.status.code() == Some(1), "{tool:?}");
    assert!(page.content.contains("provider_unreachable"), "{page:?}");
    let failed = scene.stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "provider_unreachable");
    scene.broker.has_logged("a connection broke").await?;

    hold.release();
    scene
        .workstation
        .provider
        .wait_for(LIMIT, |log| log.grants() == 1 && log.revoked(0))
        .await?;
    scene.broker.is_healthy().await?;
    scene.proxy.trouble(Trouble::None);
    scene.signs_in_and_out().await
}

#[tokio::test]
async fn a_broker_that_is_gone_at_the_end_of_a_session_delays_nothing() -> Result<()> {
    let mut scene = before_the_broker(27_155).await?;
    for trouble in [Trouble::ResetAtOnce, Trouble::Silent] {
        scene.proxy.trouble(Trouble::None);
        scene.workstation.sign_in_by_tool(&mut scene.stream).await?;
        let grant = scene.last_grant()?;
        scene.proxy.trouble(trouble);
        scene.workstation.reader.remove();
        let ended = scene.stream.until("session.ended").await?;
        assert_eq!(ended.data["reason"], "card_removed");
        // What needs no broker is done all the same.
        let ended = |log: &cardea_simulator::provider::Log| log.session_ended(grant);
        scene.workstation.provider.wait_for(LIMIT, ended).await?;
        scene.broker.is_healthy().await?;
        scene.workstation.insert(&mut scene.stream).await?;
    }
    // The clean-up before may still be waiting.
    scene.proxy.trouble(Trouble::None);
    scene.signs_in_and_out().await
}

#[tokio::test]
async fn a_broker_that_does_not_reach_the_provider_says_so_and_goes_on() -> Result<()> {
    let mut scene = behind_the_broker(27_156).await?;
    // The broker has asked the provider for nothing yet, so its discovery fails.
    for trouble in BREAKS {
        let result = "provider_unreachable";
        scene.fails_and_broker_says(trouble, result).await?;
    }
    // Here the agent may be the first to give up.
    scene.fails(Trouble::Silent, UNREACHABLE).await?;
    assert_eq!(scene.workstation.provider.log().grants(), 0);
    scene.proxy.trouble(Trouble::None);
    scene.signs_in_and_out().await
}

#[tokio::test]
async fn a_providers_answer_that_breaks_off_behind_the_broker_is_a_failure() -> Result<()> {
    let mut scene = behind_the_broker(27_157).await?;
    scene.signs_in_and_out().await?;
    // The broker knows the provider now, so what fails is the exchange.
    for trouble in BREAKS {
        let result = "provider_unreachable";
        scene.fails_and_broker_says(trouble, result).await?;
    }
    scene.fails(ENDLESS, UNREACHABLE).await?;
    scene.proxy.trouble(Trouble::None);
    scene.signs_in_and_out().await
}

#[tokio::test]
async fn a_slow_network_behind_the_broker_is_no_failure() -> Result<()> {
    let mut scene = behind_the_broker(27_158).await?;
    for nuisance in NUISANCES {
        scene.proxy.trouble(nuisance);
        scene.signs_in_and_out().await?;
    }
    Ok(())
}
