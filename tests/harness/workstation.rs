//! A workstation: a reader on a real pcscd, an unlocked keystore, a browser to be driven, CIS2, and
//! the agent with one clinical program.

use std::time::Duration;

use anyhow::{Context, Result};
use cardea_session::Snapshot;
use cardea_simulator::browser::{self, Page, SignIn};
use cardea_simulator::provider::{Client, Provider, ProviderSettings};

use super::agent::{Agent, App, Plan};
use super::opened_pages::OpenedPages;
use super::pcscd::{OMNIKEY, Pcscd, Reader};
use super::secret_service::SecretService;
use super::stream::Stream;

/// The ATR of a card that names the NHS (pcsc-tools, smartcard_list.txt).
pub const NHS_CARD: &[u8] = b"\x3b\xf9\x18\x00\x00\x81\x31\xfeEJCOP41V22\xaf";
/// The ATR of a card that no pattern knows.
pub const OTHER_CARD: &[u8] = &[0x3b, 0x02, 0x14, 0x50];

const CLIENT_ID: &str = "969567331415.apps.national";
const SECRET: &str = "only-the-keystore-knows-this-secret";

/// Everything of one test, gone with it.
pub struct Workstation {
    pub agent: Agent,
    pub app: App,
    pub provider: Provider,
    pub pages: OpenedPages,
    pub reader: Reader,
    pub pcscd: Pcscd,
    _keyring: SecretService,
}

impl Workstation {
    /// With an empty reader and the settings as they are by default.
    pub async fn start() -> Result<Self> {
        Self::with(|plan| plan).await
    }

    /// With what `change` does to the agent's start.
    pub async fn with(change: impl FnOnce(Plan) -> Plan) -> Result<Self> {
        let client = Client::with_secret(CLIENT_ID, SECRET).on_any_port("/callback");
        let provider = Provider::start(ProviderSettings::with_client(client)).await?;
        let pcscd = Pcscd::start();
        let reader = pcscd.plug(OMNIKEY);
        let keyring = SecretService::start().await?;
        let pages = OpenedPages::new()?;
        let app = App::new("emis");
        let plan = Plan::new()
            .pcscd(&pcscd.socket())
            .env("DBUS_SESSION_BUS_ADDRESS", keyring.bus())
            .env("PATH", pages.path().to_string_lossy())
            .cis2(provider.issuer(), CLIENT_ID)
            .setting("cis2", "client_auth = \"client_secret_post\"")
            .setting("cis2", "redirect_ports = []")
            .setting("api", "port = 0")
            .app(&app);
        let agent = change(plan).start().await;
        let stored = agent.tool_told(&["secret", "set"], SECRET).await;
        anyhow::ensure!(
            stored.status.success(),
            "{}",
            String::from_utf8_lossy(&stored.stderr)
        );
        let workstation = Self {
            agent,
            app,
            provider,
            pages,
            reader,
            pcscd,
            _keyring: keyring,
        };
        workstation.settled().await?;
        Ok(workstation)
    }

    /// Waits until the agent sees the reader.
    async fn settled(&self) -> Result<()> {
        let mut stream = self.events().await?;
        stream.until_state("no_card").await?;
        Ok(())
    }

    /// The program's event stream.
    pub async fn events(&self) -> Result<Stream> {
        Stream::open(&self.agent.url, &self.app.token).await
    }

    /// What the program sees now.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        let request = http::Request::get(format!("{}/v1/session", self.agent.url))
            .header("authorization", format!("Bearer {}", self.app.token))
            .body(String::new())?;
        let answer = super::http::send(request).await?;
        anyhow::ensure!(answer.status() == 200, "{}", answer.status());
        Ok(serde_json::from_slice(answer.body())?)
    }

    /// Puts a card in and waits until programs know.
    pub async fn insert(&self, stream: &mut Stream) -> Result<()> {
        self.reader.insert(NHS_CARD);
        stream.until("card.inserted").await?;
        Ok(())
    }

    /// Asks for a login as the user does, and waits for the address that opens in the browser.
    pub async fn ask_for_login(&mut self) -> Result<String> {
        let body = String::from("{}");
        let answer = self.post("/v1/session/login", body).await?;
        anyhow::ensure!(answer.status() == 202, "{answer:?}");
        self.pages.next().await
    }

    /// Calls a route as the program.
    pub async fn post(&self, route: &str, body: String) -> Result<http::Response<bytes::Bytes>> {
        let request = http::Request::post(format!("{}{route}", self.agent.url))
            .header("authorization", format!("Bearer {}", self.app.token))
            .header("content-type", "application/json")
            .body(body)?;
        super::http::send(request).await
    }

    /// Signs the first person of the simulated CIS2 in, in the page at `address`.
    pub async fn sign_in_at(&self, address: &str) -> Result<Page> {
        let person = self.provider.people().first().context("nobody")?;
        Ok(browser::sign_in(address, &SignIn::of(person)).await?)
    }

    /// From a card in the reader to a session.
    pub async fn sign_in(&mut self, stream: &mut Stream) -> Result<()> {
        let address = self.ask_for_login().await?;
        self.sign_in_at(&address).await?;
        stream.until("session.started").await?;
        Ok(())
    }

    /// With a card in the reader and somebody signed in.
    pub async fn signed_in() -> Result<(Self, Stream)> {
        let mut workstation = Self::start().await?;
        let mut stream = workstation.events().await?;
        workstation.insert(&mut stream).await?;
        workstation.sign_in(&mut stream).await?;
        Ok((workstation, stream))
    }

    /// Waits until the provider has seen everything it gave out given back.
    pub async fn cleaned_up(&self) -> Result<()> {
        let limit = Duration::from_secs(20);
        self.provider
            .wait_for(limit, |log| log.cleaned_up())
            .await?;
        Ok(())
    }
}
