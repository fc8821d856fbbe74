//! The workstation at the simulated CIS2.

use std::process::Output;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use cardea_simulator::browser::{self, BrowseError, Page, SignIn};
use cardea_simulator::provider::{
    Client, Fault, Hold, IdTokenFault, Provider, ProviderSettings, Step,
};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{CLIENT_ID, Desk, SECRET, Workstation, plan_for, succeeded};
use crate::harness::agent::{Home, Plan};
use crate::harness::stream::Stream;

/// How long the provider may take to see what it is to see.
const LIMIT: Duration = Duration::from_secs(20);

/// A browser on its way, and where it ends up.
pub type Visit = JoinHandle<Result<Page, BrowseError>>;

/// The simulated CIS2, at which the practice has a client secret; it is reached at `origin` where
/// something stands in between.
pub async fn provider(origin: Option<String>) -> Result<Provider> {
    let client = Client::with_secret(CLIENT_ID, SECRET).on_any_port("/callback");
    let settings = ProviderSettings {
        origin,
        ..ProviderSettings::with_client(client)
    };
    Ok(Provider::start(settings).await?)
}

impl Workstation {
    /// With an empty reader and the settings as they are by default.
    pub async fn start() -> Result<Self> {
        Self::with(|plan| plan).await
    }

    /// With what `change` does to the settings.
    pub async fn with(change: impl FnOnce(Plan) -> Plan) -> Result<Self> {
        Self::at(Desk::new().await?, change).await
    }

    /// A developer's, with a program that may have the session's tokens.
    pub async fn of_developer(change: impl FnOnce(Plan) -> Plan) -> Result<Self> {
        Self::at(Desk::of_developer().await?, change).await
    }

    /// At this desk, with what `change` does to the settings.
    pub async fn at(desk: Desk, change: impl FnOnce(Plan) -> Plan) -> Result<Self> {
        let provider = provider(None).await?;
        desk.store_secret().await?;
        let plan = change(desk.plan(provider.issuer()));
        desk.start(plan, provider).await
    }

    /// The settings that it was started with, but for what was changed in them then.
    pub fn plan(&self) -> Plan {
        plan_for(self.provider.issuer(), &self.app)
    }

    /// With a provider that is reached at `origin`, by whatever stands in between; what that is
    /// is told the provider's own port. `change` may add to the user's environment.
    pub async fn behind(
        origin: String,
        connect: impl FnOnce(u16),
        change: impl FnOnce(Home) -> Home,
    ) -> Result<Self> {
        let provider = provider(Some(origin)).await?;
        connect(provider.port());
        let mut desk = Desk::new().await?;
        desk.home = change(desk.home);
        desk.store_secret().await?;
        let plan = desk.plan(provider.issuer());
        desk.start(plan, provider).await
    }

    /// With a card in the reader, and nobody signed in.
    pub async fn with_a_card() -> Result<(Self, Stream)> {
        let workstation = Self::start().await?;
        let mut stream = workstation.events().await?;
        workstation.insert(&mut stream).await?;
        Ok((workstation, stream))
    }

    /// With a card in the reader and somebody signed in.
    pub async fn signed_in() -> Result<(Self, Stream)> {
        Self::signed_in_with(|plan| plan).await
    }

    /// The same with what `change` does to the settings.
    pub async fn signed_in_with(change: impl FnOnce(Plan) -> Plan) -> Result<(Self, Stream)> {
        let mut workstation = Self::with(change).await?;
        let mut stream = workstation.events().await?;
        workstation.insert(&mut stream).await?;
        workstation.sign_in(&mut stream).await?;
        Ok((workstation, stream))
    }

    /// Signs the first person of the simulated CIS2 in, in the page at `address`.
    pub async fn sign_in_at(&self, address: &str) -> Result<Page> {
        Ok(browser::sign_in(address, &self.first_person()?).await?)
    }

    /// Who that is.
    pub fn first_person(&self) -> Result<SignIn> {
        Ok(SignIn::of(
            self.provider.people().first().context("nobody")?,
        ))
    }

    /// From a card in the reader to a session.
    pub async fn sign_in(&mut self, stream: &mut Stream) -> Result<()> {
        let address = self.ask_for_login().await?;
        self.sign_in_at(&address).await?;
        stream.until("session.started").await.map(drop)
    }

    /// The same by `cardea login`, which programs' limits do not hold up.
    pub async fn sign_in_by_tool(&mut self, stream: &mut Stream) -> Result<()> {
        let (login, _page) = self.try_to_sign_in_by_tool().await?;
        ensure!(succeeded(&login)?.contains("Signed in."));
        stream.until("session.started").await.map(drop)
    }

    /// The same, whatever comes of it: what the tool said, and where the browser ended up.
    pub async fn try_to_sign_in_by_tool(&mut self) -> Result<(Output, Page)> {
        let person = self.first_person()?;
        self.login_by_tool(async |address| Ok(browser::sign_in(&address, &person).await?))
            .await
    }

    /// Asks for a login, in which the first person goes on until the provider has come to `step`,
    /// where it stays; and how the visit ends, once it may go on.
    pub async fn sign_in_held_at(&mut self, step: Step) -> Result<(Hold, Visit)> {
        let address = self.ask_for_login().await?;
        let person = self.first_person()?;
        let mut hold = self.provider.hold(step);
        let visit = tokio::spawn(async move { browser::sign_in(&address, &person).await });
        timeout(LIMIT, hold.reached())
            .await
            .context("the step was never reached")?;
        Ok((hold, visit))
    }

    /// From now on the provider's ID tokens expire so many seconds after now; gives when that is.
    pub fn id_tokens_expire_in(&self, seconds: u64) -> Result<u64> {
        let soon = SystemTime::now() + Duration::from_secs(seconds);
        let soon = soon.duration_since(UNIX_EPOCH)?.as_secs();
        let expires = IdTokenFault::With("exp".into(), json!(soon));
        self.provider.add_fault(Fault::IdToken(expires));
        Ok(soon)
    }

    /// Waits until the provider has seen everything it gave out given back.
    pub async fn cleaned_up(&self) -> Result<()> {
        self.provider
            .wait_for(LIMIT, |log| log.cleaned_up())
            .await
            .with_context(|| format!("{:?}", self.provider.log()))?;
        Ok(())
    }

    /// What nothing may show that programs do not ask for with their token: what the provider gave
    /// out, and what shows who somebody is.
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = self.provider.issued();
        secrets.extend([SECRET.to_owned(), self.app.token.clone()]);
        secrets
    }

    /// Who is who.
    pub fn personal(&self) -> Vec<String> {
        let people = self.provider.people().iter();
        people
            .flat_map(|person| {
                let roles = person.roles.iter().flat_map(|role| {
                    let codes = [&role.id, &role.person_orgid, &role.org_code, &role.code];
                    let names = role.name.iter().chain([&role.org_name]);
                    let named = role.activities.iter().chain(&role.workgroups);
                    let named = named.flat_map(|(code, name)| [code, name]);
                    codes.into_iter().chain(names).chain(named)
                });
                let names = [&person.id, &person.given_name, &person.family_name];
                names.into_iter().chain(roles).cloned().collect::<Vec<_>>()
            })
            .collect()
    }

    /// Ends the agent and sees that nothing it wrote has a secret or anything personal in it, and
    /// nothing that was said to programs (`told`, perhaps with names) has a secret. Gives what it
    /// wrote.
    pub async fn leaks_nothing(self, told: &[&str]) -> Result<String> {
        let (secrets, personal) = (self.secrets(), self.personal());
        let (stopped, home) = self.agent.stop().await;
        ensure!(stopped.success(), "{stopped}");
        let written = written(&home)?;
        for unwanted in secrets.iter().chain(&personal) {
            ensure!(!written.contains(unwanted), "{unwanted} in {written}");
        }
        for secret in &secrets {
            let place = told.iter().find(|text| text.contains(secret.as_str()));
            ensure!(place.is_none(), "{secret} was told: {place:?}");
        }
        Ok(written)
    }
}

/// What an agent wrote; it is looked for where something is, so that the search means something.
fn written(home: &Home) -> Result<String> {
    let written = home.everything_written();
    for mark in ["the agent is ready", "\"action\""] {
        ensure!(written.contains(mark), "{mark:?} is not in {written}");
    }
    Ok(written)
}
