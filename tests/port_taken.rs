//! Somebody else has the agent's port: who it is is said, programs find the agent all the same, and
//! nobody who has the port gets a token.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Context, Result, ensure};
use cardea_client::{Client, ClientError};
use serde_json::json;

use crate::harness::agent::{Agent, App, Home, Plan};
use crate::harness::programs;
use crate::harness::squatter::{Says, Squatter};
use crate::harness::workstation::succeeded;

/// A user that every Debian system has and that nothing runs as: `news` (base-passwd).
const ANNE: u32 = 9;

/// A port that nobody has, as far as anyone can know, and the nineteen after it too; another one
/// for each test.
fn free_port() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(20_000);
    let mut ports = std::iter::repeat_with(|| NEXT.fetch_add(20, Ordering::Relaxed))
        .take_while(|port| *port < 28_000)
        .filter(|port| {
            (*port..*port + 20).all(|one| TcpListener::bind(("127.0.0.1", one)).is_ok())
        });
    ports.next().context("no free port")
}

fn plan(port: u16, when_taken: &str) -> Plan {
    Plan::new()
        .setting("api", format!("port = {port}"))
        .setting("api", format!("when_port_taken = {when_taken:?}"))
}

fn client(agent: &Agent, app: &App) -> Result<Client> {
    Ok(Client::discover(
        agent.home.endpoint_file(),
        app.of_client()?,
    ))
}

async fn said_of(agent: Agent) -> Result<String> {
    let (stopped, home) = agent.stop().await;
    ensure!(stopped.success());
    Ok(home.everything_written())
}

#[tokio::test]
async fn a_squatter_gets_no_token_and_programs_find_the_agent_on_the_next_port() -> Result<()> {
    let port = free_port()?;
    let squatter = Squatter::at(port, Says::no_proof(&json!("0"))).await?;
    let app = App::new("emis");
    let agent = plan(port, "next").app(&app).start_in(Home::new()).await;
    ensure!(
        agent.url == format!("http://127.0.0.1:{}", port + 1),
        "{}",
        agent.url
    );
    client(&agent, &app)?.session().await?;

    let misled = Client::tcp(&squatter.url, app.of_client()?)?;
    let refused = misled.session().await;
    ensure!(
        matches!(refused, Err(ClientError::NotProven)),
        "{refused:?}"
    );
    let told = squatter.heard();
    ensure!(told.contains("/v1/health?app=emis&nonce="), "{told}");
    ensure!(
        !told.contains(&app.token) && !told.to_lowercase().contains("bearer"),
        "{told}"
    );
    let said = said_of(agent).await?;
    ensure!(said.contains("another program") && said.contains("the port of the settings is taken"));
    Ok(())
}

#[tokio::test]
async fn by_setting_a_taken_port_is_a_failure_that_names_who_has_it() -> Result<()> {
    let port = free_port()?;
    let first = plan(port, "next").start_in(Home::new()).await;
    let home = Home::new();
    let second = plan(port, "fail").setting("cis2", "client_id = \"c\"");
    let (mut second, _output) = second.start_without_port(&home).await;
    let status = succeeded(&home.tool(&["status"]).await)?;
    ensure!(status.contains("[api_port_busy]"), "{status}");
    let json: serde_json::Value =
        serde_json::from_str(&succeeded(&home.tool(&["status", "--json"]).await)?)?;
    let remedy = json["failure"]["remedy"].as_str().context("no failure")?;
    ensure!(
        remedy.contains("an agent of this user in another session"),
        "{remedy}"
    );
    second.kill().await?;
    drop(first);
    Ok(())
}

#[tokio::test]
async fn another_users_agent_on_the_port_is_told_from_a_foreign_program() -> Result<()> {
    let folder = programs::cardea_for_everybody()?;
    let copy = folder.path().join("cardea");
    let port = free_port()?;
    let theirs = plan(port, "next").start_in(Home::of_user(ANNE, copy)).await;
    ensure!(theirs.url.ends_with(&port.to_string()));
    let app = App::new("emis");
    let ours = plan(port, "next").app(&app).start_in(Home::new()).await;
    client(&ours, &app)?.session().await?;
    ensure!(said_of(ours).await?.contains("another user's agent"));
    Ok(())
}
