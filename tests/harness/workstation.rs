//! A workstation: a reader on a real pcscd, an unlocked keystore, a browser to be driven, CIS2, and
//! the agent with one clinical program.

pub mod brokered;
pub mod certified;
pub mod simulated;

use std::path::PathBuf;
use std::process::Output;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use cardea_session::Snapshot;
use cardea_simulator::provider;
use http::Response;

use super::agent::{Agent, App, Home, Plan};
use super::opened_pages::OpenedPages;
use super::pcscd::{OMNIKEY, Pcscd, Reader};
use super::secret_service::SecretService;
use super::stream::Stream;

/// The ATR of a card that names the NHS (pcsc-tools, smartcard_list.txt).
pub const NHS_CARD: &[u8] = b"\x3b\xf9\x18\x00\x00\x81\x31\xfeEJCOP41V22\xaf";
/// The ATR of a card that no pattern knows.
pub const OTHER_CARD: &[u8] = &[0x3b, 0x02, 0x14, 0x50];

/// How CIS2 knows the practice.
pub const CLIENT_ID: &str = "969567331415.apps.national";
/// What the practice shows CIS2.
pub const SECRET: &str = "only-the-keystore-knows-this-secret";

/// What is there before the agent is started.
pub struct Desk {
    pub home: Home,
    pub app: App,
    pub pages: OpenedPages,
    pub reader: Reader,
    pub pcscd: Pcscd,
    pub keyring: SecretService,
}

impl Desk {
    /// With an empty reader.
    pub async fn new() -> Result<Self> {
        Self::of(Home::new(), App::new("emis")).await
    }

    /// With an empty reader and this copy of the program.
    pub async fn with_program(program: PathBuf) -> Result<Self> {
        Self::of(Home::of_program(program), App::new("emis")).await
    }

    /// A developer's, with a program that may have the session's tokens.
    pub async fn of_developer() -> Result<Self> {
        Self::of(Home::of_developer(), App::with_tokens("emis")).await
    }

    async fn of(home: Home, app: App) -> Result<Self> {
        let keyring = SecretService::start().await?;
        let pages = OpenedPages::new()?;
        let pcscd = Pcscd::start();
        let home = home
            .env("PCSCLITE_CSOCK_NAME", pcscd.socket().to_string_lossy())
            .env("DBUS_SESSION_BUS_ADDRESS", keyring.bus())
            .env("PATH", pages.path().to_string_lossy());
        Ok(Self {
            home,
            app,
            reader: pcscd.plug(OMNIKEY),
            pages,
            pcscd,
            keyring,
        })
    }

    /// Puts the client secret into the keystore.
    pub async fn store_secret(&self) -> Result<()> {
        succeeded(&self.home.tool_told(&["secret", "set"], SECRET).await).map(drop)
    }

    /// The settings for a provider on loopback, which leave every port to the system.
    pub fn plan(&self, issuer: &str) -> Plan {
        plan_for(issuer, &self.app)
    }

    /// Starts the agent, and waits until it sees the reader.
    pub async fn start<P>(self, plan: Plan, provider: P) -> Result<Workstation<P>> {
        let workstation = Workstation {
            agent: plan.start_in(self.home).await,
            app: self.app,
            provider,
            pages: self.pages,
            reader: self.reader,
            pcscd: self.pcscd,
            keyring: self.keyring,
        };
        workstation.events().await?.until_state("no_card").await?;
        Ok(workstation)
    }
}

/// Everything of one test, gone with it; where nothing else is said CIS2 is the simulated one.
pub struct Workstation<P = provider::Provider> {
    pub agent: Agent,
    pub app: App,
    pub provider: P,
    pub pages: OpenedPages,
    pub reader: Reader,
    pub pcscd: Pcscd,
    pub keyring: SecretService,
}

impl<P> Workstation<P> {
    /// The program's event stream.
    pub async fn events(&self) -> Result<Stream> {
        Stream::open(&self.agent.url, &self.app.token).await
    }

    /// What the program sees now.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        let answer = self.get("/v1/session").await?;
        ensure!(answer.status() == 200, "{}", answer.status());
        Ok(serde_json::from_slice(answer.body())?)
    }

    /// Asks a route as the program.
    pub async fn get(&self, route: &str) -> Result<Response<Bytes>> {
        self.agent.get(route, &self.app.token).await
    }

    /// Calls a route as the program.
    pub async fn post(&self, route: &str, body: &str) -> Result<Response<Bytes>> {
        self.agent.post(route, &self.app.token, body).await
    }

    /// Puts a card in and waits until programs know.
    pub async fn insert(&self, stream: &mut Stream) -> Result<()> {
        self.reader.insert(NHS_CARD);
        stream.until("card.inserted").await.map(drop)
    }

    /// Asks for a login as the user does, and waits for the address that opens in the browser.
    pub async fn ask_for_login(&mut self) -> Result<String> {
        self.ask_for_login_only().await?;
        self.pages.next().await
    }

    /// Asks for a login, and waits for nothing.
    pub async fn ask_for_login_only(&self) -> Result<()> {
        let answer = self.post("/v1/session/login", "{}").await?;
        ensure!(answer.status() == 202, "{answer:?}");
        Ok(())
    }

    /// Asks for a login by `cardea login`, which programs' limits do not hold up, and lets `user`
    /// do what the user does at the address that opens.
    pub async fn login_by_tool<T>(
        &mut self,
        user: impl AsyncFnOnce(String) -> Result<T>,
    ) -> Result<(Output, T)> {
        self.login_by_tool_as(&["login"], user).await
    }

    /// The same with these arguments of the tool.
    pub async fn login_by_tool_as<T>(
        &mut self,
        arguments: &[&str],
        user: impl AsyncFnOnce(String) -> Result<T>,
    ) -> Result<(Output, T)> {
        let Self { agent, pages, .. } = self;
        let visit = async { user(pages.next().await?).await };
        let (output, visited) = tokio::join!(agent.home.tool(arguments), visit);
        let visited = visited.with_context(|| {
            format!("cardea login: {}", String::from_utf8_lossy(&output.stderr))
        })?;
        Ok((output, visited))
    }
}

fn plan_for(issuer: &str, app: &App) -> Plan {
    Plan::new()
        .cis2(issuer, CLIENT_ID)
        .setting("cis2", "client_auth = \"client_secret_post\"")
        .setting("cis2", "redirect_ports = []")
        .setting("api", "port = 0")
        .app(app)
}

/// What a tool printed, when it succeeded.
pub fn succeeded(output: &Output) -> Result<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, complaint) = (text(&output.stdout), text(&output.stderr));
    ensure!(
        output.status.success(),
        "{}: {complaint}, after {said}",
        output.status
    );
    Ok(said)
}
