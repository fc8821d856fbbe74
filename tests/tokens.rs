//! What a program with `tokens:read` gets, and that each release is written down.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cardea_session::State;
use serde_json::Value;
use tokio::time::timeout;

use crate::harness::agent::{LIMIT, Plan};
use crate::harness::workstation::{CLIENT_ID, Workstation};

const ROUTE: &str = "/v1/session/tokens";

async fn refused(workstation: &Workstation, code: &str) -> Result<()> {
    let answer = workstation.get(ROUTE).await?;
    let problem: Value = serde_json::from_slice(answer.body())?;
    ensure!(
        answer.status() == 409 && problem["code"] == code,
        "{problem}"
    );
    Ok(())
}

async fn tokens(workstation: &Workstation) -> Result<Value> {
    let answer = workstation.get(ROUTE).await?;
    ensure!(answer.status() == 200, "{answer:?}");
    ensure!(answer.headers()["cache-control"] == "no-store");
    Ok(serde_json::from_slice(answer.body())?)
}

#[tokio::test]
async fn a_program_that_may_have_tokens_gets_the_id_token_while_the_session_lasts() -> Result<()> {
    let mut workstation = Workstation::of_developer(|plan| plan).await?;
    let mut stream = workstation.events().await?;
    refused(&workstation, "no_session").await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in(&mut stream).await?;

    let tokens = tokens(&workstation).await?;
    let id_token = tokens["id_token"].as_str().context("no ID token")?;
    ensure!(
        workstation
            .provider
            .issued()
            .iter()
            .any(|one| one == id_token)
    );
    let claims = id_token.split('.').nth(1).context("no claims")?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
    for (ours, theirs) in [
        ("issuer", "iss"),
        ("client_id", "aud"),
        ("exp", "exp"),
        ("sid", "sid"),
    ] {
        assert_eq!(tokens[ours], claims[theirs], "{ours}");
    }
    assert_eq!(tokens["client_id"], CLIENT_ID);
    let session = workstation
        .snapshot()
        .await?
        .session
        .context("no session")?;
    assert_eq!(tokens["session_id"], session.id.as_str());
    // The agent may hold it for the clean-up; it is nobody else's.
    assert!(tokens.get("access_token").is_none());

    workstation.reader.remove();
    stream.until("session.ended").await?;
    refused(&workstation, "no_session").await?;

    let told = tokens.to_string();
    let (stopped, home) = workstation.agent.stop().await;
    ensure!(stopped.success(), "{stopped}");
    let mut releases = home.audit()?;
    releases.retain(|line| line.to_string().contains("token_release"));
    assert_eq!(releases.len(), 1, "{releases:?}");
    assert_eq!(releases[0]["app"], "emis");
    assert_eq!(releases[0]["session"], session.id.as_str());
    ensure!(!home.everything_written().contains(id_token), "{told}");
    Ok(())
}

#[tokio::test]
async fn the_access_token_is_given_out_only_by_setting() -> Result<()> {
    let release = |plan: Plan| plan.setting("api", "release_access_token = true");
    let mut workstation = Workstation::of_developer(release).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in(&mut stream).await?;
    let tokens = tokens(&workstation).await?;
    let access_token = tokens["access_token"].as_str().context("no access token")?;
    let issued = workstation.provider.issued();
    assert!(issued.iter().any(|one| one == access_token));

    // Taken back, it counts for the session under way too.
    workstation.agent.change_settings(&workstation.plan());
    let taken_back = async {
        while self::tokens(&workstation)
            .await?
            .get("access_token")
            .is_some()
        {}
        anyhow::Ok(())
    };
    timeout(LIMIT, taken_back)
        .await
        .context("still given out")??;
    assert_eq!(workstation.snapshot().await?.state, State::Active);
    Ok(())
}
