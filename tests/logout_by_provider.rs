//! CIS2 ends a session: its logout token is handed in on the local socket by a program that has
//! the public address.

use anyhow::{Context, Result, ensure};
use cardea_simulator::provider::{Provider, Step};
use http::StatusCode;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::harness::browser::Browser;
use crate::harness::http::send_to_socket;
use crate::harness::provider::SAM;
use crate::harness::stream::Stream;
use crate::harness::workstation::Workstation;
use crate::harness::workstation::certified::at_certified_provider;

/// Hands a logout token in, and gives the status and the code of a problem.
async fn hand_in<P>(workstation: &Workstation<P>, token: &str) -> Result<(StatusCode, Value)> {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("logout_token", token)
        .finish();
    let request = http::Request::post("/v1/session/logout-token")
        .header("host", "cardea")
        .header("authorization", format!("Bearer {}", workstation.app.token))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)?;
    let socket = workstation.agent.home.runtime().join("cardea/agent.sock");
    let answer = send_to_socket(&socket, request).await?;
    let body: Value = serde_json::from_slice(answer.body())?;
    Ok((answer.status(), body["code"].clone()))
}

/// A logout token for the last tokens that the provider gave out.
fn logout_token(provider: &Provider, changes: &Value) -> Result<String> {
    let last = provider.log().grants().checked_sub(1).context("no grant")?;
    provider.logout_token(last, changes)?.context("no grant")
}

async fn ended_by_provider(stream: &mut Stream) -> Result<()> {
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "remote_logout");
    let after = stream.until_state("card_present").await?;
    assert!(after.get("session").is_none());
    Ok(())
}

#[tokio::test]
async fn a_logout_token_of_cis2_ends_the_session_and_its_replay_nothing() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::signed_in().await?;
    let good = logout_token(&workstation.provider, &json!({}))?;
    let (status, _) = hand_in(&workstation, &good).await?;
    assert_eq!(status, StatusCode::OK);
    ended_by_provider(&mut stream).await?;
    workstation.cleaned_up().await?;

    // The same user signs in again; by the `sub` alone every session of theirs is over.
    workstation.sign_in_by_tool(&mut stream).await?;
    let replayed = hand_in(&workstation, &good).await?;
    let refused = (StatusCode::BAD_REQUEST, json!("logout_token_invalid"));
    assert_eq!(replayed, refused);
    assert!(workstation.snapshot().await?.session.is_some());
    let by_subject = logout_token(&workstation.provider, &json!({"sid": null}))?;
    assert_eq!(hand_in(&workstation, &by_subject).await?.0, StatusCode::OK);
    ended_by_provider(&mut stream).await?;
    workstation.cleaned_up().await?;

    let raw = std::mem::take(&mut stream.raw);
    workstation.leaks_nothing(&[&raw]).await.map(drop)
}

#[tokio::test]
async fn a_logout_token_for_another_session_is_good_and_ends_nothing() -> Result<()> {
    let (workstation, _stream) = Workstation::signed_in().await?;
    for changes in [
        // The `sid` decides, whoever the `sub` is.
        json!({"sid": "another"}),
        json!({"sid": "another", "sub": null}),
        json!({"sid": null, "sub": "555000000999"}),
    ] {
        let token = logout_token(&workstation.provider, &changes)?;
        let (status, _) = hand_in(&workstation, &token).await?;
        assert_eq!(status, StatusCode::OK, "{changes}");
    }
    assert!(workstation.snapshot().await?.session.is_some());
    Ok(())
}

#[tokio::test]
async fn a_bad_logout_token_is_a_bad_request_and_ends_nothing() -> Result<()> {
    let (workstation, _stream) = Workstation::signed_in().await?;
    let provider = &workstation.provider;
    let good = logout_token(provider, &json!({}))?;
    let (unsigned, _) = good.rsplit_once('.').context("no JWT")?;
    let id_token = provider.issued().pop().context("no ID token")?;
    let mut bad = vec![format!("{unsigned}."), id_token, String::new()];
    for changes in [
        json!({"iss": "https://other.example"}),
        json!({"aud": "other"}),
        json!({"iat": 1_000_000_000, "exp": null}),
        json!({"exp": 1_000_000_000}),
        json!({"nonce": "n"}),
        json!({"events": {}}),
        json!({"jti": null}),
        json!({"sid": null, "sub": null}),
    ] {
        bad.push(logout_token(provider, &changes)?);
    }
    for token in bad {
        let answer = hand_in(&workstation, &token).await?;
        let refused = (StatusCode::BAD_REQUEST, json!("logout_token_invalid"));
        assert_eq!(answer, refused);
    }
    assert!(workstation.snapshot().await?.session.is_some());
    Ok(())
}

/// CIS2 ends its session while the agent still asks who that is: no session comes of it.
#[tokio::test]
async fn a_session_that_cis2_ended_during_the_login_does_not_begin() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::with_a_card().await?;
    let (hold, visit) = workstation.sign_in_held_at(Step::UserInfo).await?;
    let token = logout_token(&workstation.provider, &json!({}))?;
    assert_eq!(hand_in(&workstation, &token).await?.0, StatusCode::OK);
    hold.release();

    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "login_refused");
    let page = visit.await??;
    assert!(page.content.contains("login_refused"), "{page:?}");
    workstation.cleaned_up().await?;
    assert!(!stream.raw.contains("session.started"));
    workstation.sign_in_by_tool(&mut stream).await
}

/// The user signs out at the provider, in the browser; the provider says so to the address that it
/// knows, and what it said is handed on.
#[tokio::test]
async fn a_sign_out_at_a_certified_provider_reaches_the_workstation() -> Result<()> {
    const PORT: u16 = 27121;
    let mut workstation = at_certified_provider(PORT, &[]).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    let mut browser = Browser::start().await?;
    browser.open(&workstation.ask_for_login().await?).await?;
    browser.enter_passcode(SAM).await?;
    stream.until("session.started").await?;
    browser
        .arrive_at(&format!("http://localhost:{PORT}/"))
        .await?;

    let sign_out = format!("{}/connect/endSession", workstation.provider.issuer());
    browser.open(&sign_out).await?;
    browser.press("button[value=yes]").await?;
    let sent = workstation.provider.sees("logout_token_sent").await?;
    let token = sent["token"].as_str().context("no token")?;
    ensure!(token.split('.').count() == 3, "{token}");
    assert_eq!(hand_in(&workstation, token).await?.0, StatusCode::OK);
    ended_by_provider(&mut stream).await
}
