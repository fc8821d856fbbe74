//! A program that nobody allowed beforehand asks, the user types its code, and revoking cuts it off.

use anyhow::{Context, Result, ensure};
use cardea_client::{Client, ClientError, Pairing, ProblemCode};
use cardea_session::Scope;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::harness::agent::{Agent, Home, Plan};
use crate::harness::http::send;
use crate::harness::stream::Stream;
use crate::harness::workstation::succeeded;

const ORIGIN: &str = "https://new.example";

struct Page {
    url: String,
}

impl Page {
    /// Posts as a browser does for the page.
    async fn post(&self, route: &str, body: Value) -> Result<(u16, Value)> {
        let request = Request::post(format!("{}{route}", self.url))
            .header("origin", ORIGIN)
            .header("content-type", "application/json")
            .body(body.to_string())?;
        let answer: Response<_> = send(request).await?;
        let status = answer.status().as_u16();
        Ok((
            status,
            serde_json::from_slice(answer.body()).unwrap_or_default(),
        ))
    }

    async fn ask(&self) -> Result<Value> {
        let wanted = json!({"name": "New page", "scopes": ["session:read"]});
        let (status, asked) = self.post("/v1/pairings", wanted).await?;
        ensure!(status == 201, "{asked}");
        Ok(asked)
    }

    async fn claim(&self, pairing: &Value) -> Result<(u16, Value)> {
        let id = pairing["id"].as_str().context("no id")?;
        let claim = json!({"claim_secret": pairing["claim_secret"]});
        self.post(&format!("/v1/pairings/{id}/token"), claim).await
    }
}

/// An agent whose settings know no program.
async fn agent_of(home: Home) -> Agent {
    Plan::new().setting("api", "port = 0").start_in(home).await
}

async fn apps(home: &Home, arguments: &[&str]) -> Result<String> {
    succeeded(&home.tool(&[&["apps"], arguments].concat()).await)
}

#[tokio::test]
async fn a_page_is_paired_by_its_code_and_cut_off_when_it_is_revoked() -> Result<()> {
    let agent = agent_of(Home::new()).await;
    let page = Page {
        url: agent.url.clone(),
    };
    let home = &agent.home;
    let pairing = page.ask().await?;
    ensure!(page.claim(&pairing).await?.0 == 202);
    let listed = apps(home, &["list"]).await?;
    ensure!(
        listed.contains(ORIGIN) && listed.contains("New page"),
        "{listed}"
    );

    let code = pairing["code"].as_str().context("no code")?;
    let approved = apps(home, &["approve", code]).await?;
    ensure!(approved.contains(ORIGIN), "{approved}");
    let (status, token) = page.claim(&pairing).await?;
    ensure!(status == 200, "{token}");
    let (id, token) = (token["app"].as_str(), token["token"].as_str());
    let (id, token) = (id.context("no id")?, token.context("no token")?);

    let mut stream = Stream::open_from(&agent.url, token, ORIGIN).await?;
    stream.until("snapshot").await?;
    let listed: Value = serde_json::from_str(&apps(home, &["list", "--json"]).await?)?;
    let listed = &listed["apps"][0];
    ensure!(
        listed["id"] == id && listed["source"] == "paired",
        "{listed}"
    );
    ensure!(listed["last_used_at"].is_string(), "{listed}");
    apps(home, &["revoke", id]).await?;
    stream.ended().await?;

    let (stopped, home) = agent.stop().await;
    ensure!(stopped.success());
    let audit = home.audit()?;
    let of_it = audit.iter().filter(|line| line["app"] == id);
    let actions: Vec<_> = of_it.map(|line| line["action"].clone()).collect();
    assert_eq!(actions, ["pairing", "grant", "revocation"]);
    let written = home.everything_written();
    for secret in [
        token,
        pairing["claim_secret"].as_str().context("no secret")?,
    ] {
        ensure!(!written.contains(secret), "a secret was written");
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_code_lets_nobody_in_and_a_declined_page_is_told() -> Result<()> {
    let agent = agent_of(Home::new()).await;
    let page = Page {
        url: agent.url.clone(),
    };
    let nobody = agent.home.tool(&["apps", "approve", "123456"]).await;
    ensure!(nobody.status.code() == Some(1));
    let pairing = page.ask().await?;
    let code = pairing["code"].as_str().context("no code")?;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = agent.home.tool(&["apps", "approve", wrong]).await;
    let said = String::from_utf8_lossy(&refused.stderr);
    ensure!(
        said.contains("[pairing_code_wrong]") && said.contains("left: 4"),
        "{said}"
    );
    ensure!(page.claim(&pairing).await?.0 == 202);
    apps(&agent.home, &["decline"]).await?;
    let (status, problem) = page.claim(&pairing).await?;
    ensure!(
        status == 403 && problem["code"] == "pairing_declined",
        "{problem}"
    );
    Ok(())
}

#[tokio::test]
async fn a_program_added_by_hand_is_in_after_a_restart() -> Result<()> {
    let agent = agent_of(Home::new()).await;
    let token = apps(
        &agent.home,
        &["add", "dictation", "--scope", "session:read"],
    )
    .await?;
    Stream::open(&agent.url, token.trim())
        .await?
        .until("snapshot")
        .await?;
    let (_, home) = agent.stop().await;
    let agent = agent_of(home).await;
    Stream::open(&agent.url, token.trim())
        .await?
        .until("snapshot")
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_program_by_our_own_client_is_let_in_by_its_code() -> Result<()> {
    let agent = agent_of(Home::new()).await;
    let socket = agent.endpoint["socket"].as_str().context("no socket")?;
    let scopes = [Scope::SessionRead].into_iter().collect();
    let pairing = Pairing::ask(socket, "Dictation", &scopes).await?;
    ensure!(pairing.claim().await?.is_none());
    let listed = apps(&agent.home, &["list"]).await?;
    let this = std::env::current_exe()?;
    ensure!(listed.contains(&*this.to_string_lossy()), "{listed}");
    apps(&agent.home, &["approve", pairing.code()]).await?;
    let app = pairing.wait().await?;
    let file = agent.home.endpoint_file();
    let client = Client::discover(file, app);
    assert_eq!(client.app().await?.name, "Dictation");
    client.session().await?;
    client.leave().await?;
    let gone = client.session().await;
    ensure!(
        matches!(&gone, Err(ClientError::Problem(problem)) if problem.code == ProblemCode::TokenRevoked)
            || matches!(gone, Err(ClientError::NotProven)),
        "{gone:?}"
    );
    Ok(())
}
