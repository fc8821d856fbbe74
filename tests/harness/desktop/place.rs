//! A desk with the tray on it instead of the bare agent.

use anyhow::{Context as _, Result, ensure};
use cardea_simulator::browser::{self, SignIn};
use cardea_simulator::provider::Provider;

use super::{Aids, Seat, Service, Tray, TrayHost, endpoint};
use crate::harness::agent::Plan;
use crate::harness::http::send;
use crate::harness::workstation::{Desk, NHS_CARD, simulated};

/// What the user chooses to sign in, in the tray and in the window.
pub const SIGN_IN: &str = "Log in with my Care Identity";

/// Everything of one test, gone with it; where nothing else is said CIS2 is the simulated one.
pub struct Place<P = Provider> {
    pub tray: Tray,
    pub desk: Desk,
    pub provider: P,
}

impl Place {
    /// With an empty reader and the settings as they are by default.
    pub async fn new() -> Result<Self> {
        Self::with(|plan| plan).await
    }

    /// With what `change` does to the settings.
    pub async fn with(change: impl FnOnce(Plan) -> Plan) -> Result<Self> {
        Self::where_notifications_are(Service::Well, change).await
    }

    /// The same with such a notification service.
    pub async fn where_notifications_are(
        service: Service,
        change: impl FnOnce(Plan) -> Plan,
    ) -> Result<Self> {
        let desk = Desk::new().await?;
        let provider = simulated::provider(None).await?;
        let plan = change(desk.plan(provider.issuer()));
        desk.store_secret().await?;
        let host = TrayHost::start(desk.keyring.bus(), service).await?;
        let tray = Tray::start_with(&desk.home, &plan, host).await?;
        Self::of(tray, desk, provider).await
    }

    /// Where windows are used.
    pub async fn with_windows(aids: Aids) -> Result<Self> {
        let desk = Desk::new().await?;
        let provider = simulated::provider(None).await?;
        let plan = desk.plan(provider.issuer());
        let seat = Seat::with_windows(desk.keyring.bus(), aids).await?;
        Self::at(seat, desk, &plan, provider).await
    }

    /// From a card that is put in to a session.
    pub async fn sign_in(&mut self) -> Result<()> {
        self.desk.reader.insert(NHS_CARD);
        self.tray.host.until_icon("card").await?;
        self.tray.host.choose(SIGN_IN).await?;
        self.go_on_in_the_browser().await?;
        self.tray.host.until_icon("signed-in").await.map(drop)
    }

    /// Does what a program does that wants to be connected.
    pub async fn ask_to_be_let_in(&self) -> Result<()> {
        let url = endpoint(&self.desk.home)?["url"].clone();
        let url = url.as_str().context("no address")?;
        let request = http::Request::post(format!("{url}/v1/pairings"))
            .header("content-type", "application/json")
            .body(r#"{"name":"Letters","scopes":["session:read"]}"#.to_owned())?;
        let answer = send(request).await?;
        ensure!(answer.status().is_success(), "{answer:?}");
        Ok(())
    }

    /// Signs the first person of the simulated CIS2 in, in the page that opens.
    pub async fn go_on_in_the_browser(&mut self) -> Result<()> {
        let person = self.provider.people().first().context("nobody")?;
        let who = SignIn::of(person);
        self.go_on_in_the_browser_as(&who).await
    }

    /// Signs somebody in there.
    pub async fn go_on_in_the_browser_as(&mut self, who: &SignIn) -> Result<()> {
        let address = self.desk.pages.next().await?;
        browser::sign_in(&address, who).await?;
        Ok(())
    }
}

impl<P> Place<P> {
    /// At this seat, this desk and provider.
    pub async fn at(seat: Seat, desk: Desk, plan: &Plan, provider: P) -> Result<Self> {
        desk.store_secret().await?;
        let tray = seat.show(&desk.home, plan).await?;
        Self::of(tray, desk, provider).await
    }

    async fn of(tray: Tray, desk: Desk, provider: P) -> Result<Self> {
        tray.host.until_icon("no-card").await?;
        Ok(Self {
            tray,
            desk,
            provider,
        })
    }
}
