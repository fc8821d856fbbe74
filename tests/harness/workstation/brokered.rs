//! The workstation that signs in through a broker.

use anyhow::Result;
use serde_json::Value;

use super::{Desk, succeeded};
use crate::harness::agent::Plan;
use crate::harness::broker::{Broker, BrokerFiles};

/// A desk without any key, that trusts the broker's authority.
pub async fn keyless_desk(files: &BrokerFiles) -> Result<Desk> {
    let mut desk = Desk::new().await?;
    let authority = files.authority().certificate();
    desk.home = desk.home.env("SSL_CERT_FILE", authority.to_string_lossy());
    Ok(desk)
}

/// The same with a key of the workstation's, and the name by which a broker knows it.
pub async fn desk(files: &BrokerFiles) -> Result<(Desk, String)> {
    let desk = keyless_desk(files).await?;
    let create = ["keys", "create", "--workstation", "--user"];
    let kid = succeeded(&desk.home.tool(&create).await)?.trim().to_owned();

    let exported = desk.home.tool(&["keys", "export", "--workstation"]).await;
    let line = String::from_utf8_lossy(&exported.stderr).into_owned();
    assert!(line.contains(&kid), "{line}");
    let jwks: Value = serde_json::from_str(&succeeded(&exported)?)?;
    assert_eq!(jwks["keys"][0]["kid"], kid);
    assert!(jwks["keys"][0].get("d").is_none(), "the private key stays");
    let of_client = desk.home.tool(&["keys", "list", "--json"]).await;
    assert_eq!(succeeded(&of_client)?.trim(), "[]");
    Ok((desk, kid))
}

/// The settings that send it to the broker.
pub fn plan(desk: &Desk, issuer: &str, broker: &Broker) -> Plan {
    plan_at(desk, issuer, &format!("{}/", broker.url())).setting("log", "level = \"trace\"")
}

/// The same for what is at this address.
pub fn plan_at(desk: &Desk, issuer: &str, broker_url: &str) -> Plan {
    desk.plan(issuer)
        .setting("cis2", "client_auth = \"broker\"")
        .setting("cis2", format!("broker_url = {broker_url:?}"))
}
