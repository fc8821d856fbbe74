//! The workstation at the certified provider.

use anyhow::Result;

use super::{CLIENT_ID, Desk, SECRET, Workstation};
use crate::harness::provider::{Client, Credential, Provider};

/// Where the certified provider may send the browser back to. It compares addresses to the byte,
/// so each test has a port of its own, outside those that systems give out.
pub fn redirect_uri(port: u16) -> String {
    format!("http://localhost:{port}/callback")
}

/// A workstation at the certified provider, with a client secret.
pub async fn at_certified_provider(
    port: u16,
    settings: &[(&str, &str)],
) -> Result<Workstation<Provider>> {
    at_certified_provider_by(Credential::Secret(SECRET.into()), port, settings).await
}

/// The same where the secret goes another way, which the settings must say too.
pub async fn at_certified_provider_by(
    credential: Credential,
    port: u16,
    settings: &[(&str, &str)],
) -> Result<Workstation<Provider>> {
    let client = Client {
        id: CLIENT_ID.into(),
        credential,
        redirect_uris: vec![redirect_uri(port)],
    };
    let provider = Provider::start(&[client]).await?;
    let desk = Desk::new().await?;
    desk.store_secret().await?;
    let mut plan = desk
        .plan(provider.issuer())
        .setting("cis2", format!("redirect_ports = [{port}]"));
    for (table, line) in settings {
        plan = plan.setting(table, *line);
    }
    desk.start(plan, provider).await
}
