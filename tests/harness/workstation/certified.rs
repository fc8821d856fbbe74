//! The workstation at the certified provider.

use anyhow::Result;

use super::{CLIENT_ID, Desk, SECRET, Workstation};
use crate::harness::agent::Plan;
use crate::harness::provider::{Client, Credential, Provider};

/// Where the certified provider may send the browser back to. It compares addresses to the byte,
/// so each test has a port of its own, outside those that systems give out.
pub fn redirect_uri(port: u16) -> String {
    format!("http://localhost:{port}/callback")
}

/// The certified provider, at which the practice has this credential.
pub async fn provider(credential: Credential, port: u16) -> Result<Provider> {
    let client = Client {
        id: CLIENT_ID.into(),
        credential,
        redirect_uris: vec![redirect_uri(port)],
    };
    Provider::start(&[client]).await
}

/// The settings for it, with that port.
pub fn plan(desk: &Desk, provider: &Provider, port: u16) -> Plan {
    desk.plan(provider.issuer())
        .setting("cis2", format!("redirect_ports = [{port}]"))
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
    let provider = provider(credential, port).await?;
    let desk = Desk::new().await?;
    desk.store_secret().await?;
    let mut plan = plan(&desk, &provider, port);
    for (table, line) in settings {
        plan = plan.setting(table, *line);
    }
    desk.start(plan, provider).await
}
