//! `cardea-dev demo`: the agent that the demo runs on.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cardea_agent::browser::{Browser, Opening, SystemBrowser};
use cardea_agent::credential::{Credentials, MemoryKeystore, Secret};
use cardea_agent::logs::Terminal;
use cardea_agent::paths::UserPaths;
use cardea_agent::settings::{Build, ConfigFile, Location, Places};
use cardea_agent::{Endpoint, Parts};
use cardea_client::Client;
use cardea_client::session::ProviderEnvironment;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::demo::{self, BoxError, DemoAgent, DemoArguments, DemoBrowser};
use crate::failure::CommandError;

pub(super) async fn run(
    arguments: &DemoArguments,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    Ok(demo::run(arguments, Running::start, out).await?)
}

/// The demo's agent, when the environment names one.
pub(super) fn named_agent() -> Option<Client> {
    let file = std::env::var_os(demo::ENDPOINT)?;
    let endpoint = Endpoint::read(file.as_ref()).ok()?;
    Some(Client::socket(endpoint.socket, None))
}

/// The agent in this process.
struct Running {
    url: String,
    endpoint_file: PathBuf,
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    async fn start(parts: demo::Parts) -> Result<Self, BoxError> {
        let keystore = Arc::new(MemoryKeystore::default());
        let credentials = Credentials::new(keystore.clone());
        credentials
            .store_client_secret(&Secret::new(parts.client_secret))
            .await?;

        let readers = parts.readers;
        let paths = UserPaths::in_folder(&parts.folder);
        let endpoint_file = paths.endpoint();
        let parts = Parts {
            places: places(&parts.folder, &parts.settings)?,
            paths,
            terminal: Terminal::None,
            environment: Some(ProviderEnvironment::Simulated),
            cards: Box::new(move |settings, sink| Ok(Box::new(readers.connect(settings, sink)?))),
            keystore,
            browser: Arc::new(parts.browser),
        };
        let stop = CancellationToken::new();
        let (tell, told) = oneshot::channel();
        let ready = |endpoint: &Endpoint| {
            // Without anybody to be told there is no demo.
            let _gone = tell.send(endpoint.url.clone());
        };
        let task = tokio::spawn({
            let stop = stop.clone();
            async move { cardea_agent::run(parts, ready, stop).await }
        });
        match told.await {
            Ok(Some(url)) => Ok(Self {
                url,
                endpoint_file,
                stop,
                task,
            }),
            Ok(None) => Err("the agent found no free port".into()),
            Err(_) => Err(match task.await? {
                Ok(()) => "the agent ended at once".into(),
                Err(error) => error.into(),
            }),
        }
    }
}

/// The settings in the demo's folder, and nothing of this computer's.
fn places(folder: &Path, settings: &str) -> std::io::Result<Places> {
    let file = folder.join("config.toml");
    std::fs::write(&file, settings)?;
    Ok(Places {
        policy: Location::File(folder.join("policy.toml")),
        installation: None,
        file: ConfigFile::Given(file),
        user: None,
        build: Build::Developer,
    })
}

impl DemoAgent for Running {
    fn url(&self) -> &str {
        &self.url
    }

    fn endpoint_file(&self) -> &Path {
        &self.endpoint_file
    }

    async fn stop(self) {
        self.stop.cancel();
        // What it ended with is in its log; the demo is over in any case.
        let _ended = self.task.await;
    }
}

impl Browser for DemoBrowser {
    fn open<'a>(&'a self, address: &'a str) -> Opening<'a> {
        Box::pin(async move {
            // Who reads the addresses may have gone with the end of the demo.
            let _gone = self.addresses.send(address.to_owned()).await;
            match self.system {
                demo::SystemBrowser::Opens => SystemBrowser.open(address).await,
                demo::SystemBrowser::StaysShut => Ok(()),
            }
        })
    }
}
