//! `cardea-dev demo`: the main job with nothing but this program. It runs a simulated reader, a
//! simulated CIS2 and the agent in one process, and shows what a connected program sees.

mod error;
mod interactive;
mod keys;
mod program;
mod script;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use cardea_client::{App, Client, Token};
use cardea_simulator::program::SimulatedProgram;
use cardea_simulator::provider::{self, Client as Registration, Provider, ProviderSettings};
use cardea_simulator::readers::SimulatedReaders;
use cardea_simulator::sample::Sample;
use clap::{Args, ValueEnum};
use tempfile::TempDir;
use tokio::sync::mpsc;

pub(crate) use error::{BoxError, DemoError};

use crate::sample;

/// The id of the simulated CIS2's one client.
const CLIENT_ID: &str = "969567331415.apps.simulated";

/// `cardea-dev demo`.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Do everything without a person, from insertion to removal, and print each step's time
    #[arg(long)]
    pub script: bool,
    /// Break one thing, to see that the script notices: it must fail with code 1
    #[arg(long = "break", value_name = "WHAT", requires = "script")]
    pub broken: Option<Broken>,
}

/// What `--break` breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Broken {
    /// The ID token is signed by another key
    Signature,
    /// The ID token has another nonce
    Nonce,
    /// The reader does not report that the card was removed
    Removal,
}

/// What the agent of the demo is made of, in place of PC/SC, the settings of this computer, the
/// keystore and the user's own folders.
pub(crate) struct Parts {
    /// The content of the settings file.
    pub(crate) settings: String,
    /// The client secret, for the keystore in memory.
    pub(crate) client_secret: String,
    /// The readers; the agent makes its card source by [`SimulatedReaders::connect`].
    pub(crate) readers: SimulatedReaders,
    /// How sign-in addresses are opened.
    pub(crate) browser: DemoBrowser,
    /// An empty folder of this user's, for sockets, logs and audit; removed after the demo.
    pub(crate) folder: PathBuf,
}

/// How the agent opens a sign-in address: it sends it to `addresses`, and then opens the system's
/// browser when `system` says so.
pub(crate) struct DemoBrowser {
    /// Where each address goes first; the send never waits long.
    pub(crate) addresses: mpsc::Sender<String>,
    /// Whether the system's browser opens too.
    pub(crate) system: SystemBrowser,
}

/// Whether the system's browser opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SystemBrowser {
    /// A person signs in there.
    Opens,
    /// The script signs in by HTTP.
    StaysShut,
}

/// The running agent.
pub(crate) trait DemoAgent {
    /// Where its local API is, for instance `http://127.0.0.1:28080`.
    fn url(&self) -> &str;

    /// Its endpoint file, by which the tools find it.
    fn endpoint_file(&self) -> &Path;

    /// Stops it in order, within a time limit.
    async fn stop(self);
}

/// Runs the demo until the person quits or the script ends. `start` starts the agent in this
/// process; when it returns, the local API answers.
///
/// # Errors
/// [`DemoError`]: something did not start, or the script did not see what it should.
pub(crate) async fn run<A: DemoAgent>(
    arguments: &DemoArguments,
    start: impl AsyncFnOnce(Parts) -> Result<A, BoxError>,
    out: &mut dyn Write,
) -> Result<(), DemoError> {
    let started = Instant::now();
    let folder = TempDir::with_prefix("cardea-demo-").map_err(DemoError::Folder)?;
    let secret = provider::random_secret();
    let registration = Registration::with_secret(CLIENT_ID, &secret).on_any_port("/callback");
    let provider = Provider::start(ProviderSettings::with_client(registration)).await?;
    let program = SimulatedProgram::new("demo");
    let page = SimulatedProgram::new(sample::ID);
    let page_token_sha256 = page.token_sha256();
    let found = Arc::new(OnceLock::<String>::new());
    let sample = Sample::start(0, page, {
        let found = Arc::clone(&found);
        Box::new(move || {
            let url = found.get().cloned();
            Box::pin(async { url })
        })
    })
    .await?;
    let readers = SimulatedReaders::new();
    let (addresses, opened) = mpsc::channel(4);
    let (on_insert, system) = match arguments.script {
        true => ("notify", SystemBrowser::StaysShut),
        false => ("login", SystemBrowser::Opens),
    };
    let agent = start(Parts {
        settings: settings(&provider, &program, on_insert)
            + "\n"
            + &sample::settings(&sample, &page_token_sha256),
        client_secret: secret,
        readers: readers.clone(),
        browser: DemoBrowser { addresses, system },
        folder: folder.path().to_owned(),
    })
    .await
    .map_err(DemoError::Agent)?;

    found.get_or_init(|| agent.url().to_owned());

    let connected = connect(agent.url(), &program);
    let ended = match connected {
        Err(error) => Err(error),
        Ok(client) => {
            let stage = Stage {
                provider,
                readers,
                client,
                sample,
                url: agent.url().to_owned(),
                endpoint_file: agent.endpoint_file().to_owned(),
                token: program.token.clone(),
                opened,
                started,
            };
            match arguments.script {
                true => script::run(stage, arguments.broken, out).await,
                false => interactive::run(stage, out).await,
            }
        }
    };
    agent.stop().await;
    ended
}

/// Names the endpoint file of a demo's agent to the tools of `cardea-dev`.
pub(crate) const ENDPOINT: &str = "CARDEA_ENDPOINT";

/// Everything there is once the agent runs.
struct Stage {
    provider: Provider,
    readers: SimulatedReaders,
    /// The connected program; it knows of the agent only what the local API says.
    client: Client,
    /// Another program: a web page.
    sample: Sample,
    url: String,
    /// By which the tools find the agent.
    endpoint_file: PathBuf,
    /// Its token, good for this demo: a developer's own program may use it too.
    token: String,
    /// The addresses that the agent opened in the browser.
    opened: mpsc::Receiver<String>,
    /// When the demo was started.
    started: Instant,
}

fn connect(url: &str, program: &SimulatedProgram) -> Result<Client, DemoError> {
    let app = App {
        id: program.id.clone(),
        token: Token::new(program.token.as_str())?,
    };
    Client::tcp(url, app).map_err(DemoError::api("cannot find the agent"))
}

fn settings(provider: &Provider, program: &SimulatedProgram, on_insert: &str) -> String {
    let issuer = provider.issuer();
    let SimulatedProgram { id, .. } = program;
    let token_sha256 = program.token_sha256();
    format!(
        r#"[cis2]
environment = "custom"
issuer = "{issuer}"
client_id = "{CLIENT_ID}"
client_auth = "client_secret_post"
redirect_ports = []

[card]
on_insert = "{on_insert}"

[api]
pairing = "ask"

[[api.apps]]
id = "{id}"
name = "Demo program"
scopes = ["session:read", "identity:read", "session:control"]
token_sha256 = "{token_sha256}"
"#
    )
}
