//! What a stream does not begin with: how many programs ask to be let in, and the settings.

use cardea_client::Client;
use cardea_desktop_model::Desktop;
use serde::Deserialize;

/// What came; none where the agent did not say.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) pairings: Option<usize>,
    pub(crate) settings: Option<Desktop>,
}

#[derive(Deserialize)]
struct Row {
    key: String,
    value: String,
}

/// Asks the agent.
pub(crate) async fn ask(client: &Client) -> Found {
    let pairings = client.pairings().await;
    let pairings = pairings.map(|pairings| pairings.len());
    if let Err(error) = &pairings {
        tracing::debug!(%error, "the agent does not say which programs ask");
    }
    Found {
        pairings: pairings.ok(),
        settings: settings(client).await,
    }
}

async fn settings(client: &Client) -> Option<Desktop> {
    let mut diagnostics = match client.diagnostics().await {
        Ok(diagnostics) => diagnostics,
        Err(error) => {
            tracing::debug!(%error, "the agent does not say its settings");
            return None;
        }
    };
    let rows = diagnostics.more.remove("settings")?;
    let rows: Vec<Row> = serde_json::from_value(rows).ok()?;
    let rows = rows
        .iter()
        .map(|row| (row.key.as_str(), row.value.as_str()));
    Some(Desktop::of_rows(rows))
}
