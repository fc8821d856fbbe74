//! The main job: card in, signed in at CIS2 in the browser, every program knows; card out, every
//! program knows.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::harness::agent::Agent;
use crate::harness::browser::Browser;
use crate::harness::opened_pages::OpenedPages;
use crate::harness::provider::{Credential, FLO, FLO_SUB, NURSE_AT_SURGERY, Provider, SAM};
use crate::harness::stream::Stream;
use crate::harness::workstation::certified::{self, at_certified_provider, redirect_uri};
use crate::harness::workstation::{CLIENT_ID, Desk, NHS_CARD, Workstation, succeeded};

/// Waits until programs are told that the session is over because the card was taken out.
async fn card_removed(stream: &mut Stream, session: &Value) -> Result<()> {
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "card_removed");
    assert_eq!(ended.data["session_id"], *session);
    let after = stream.until_state("no_card").await?;
    assert!(after.get("session").is_none());
    Ok(())
}

/// Waits until the provider has ended its session, and has been asked to revoke the token, which it
/// forgot with the session.
async fn given_back(provider: &Provider) -> Result<Value> {
    provider.sees("tokens_given").await?;
    let ended = provider.sees("session_ended").await?;
    assert_eq!(ended["found"], true);
    provider.sees("token_revoked").await?;
    Ok(ended)
}

#[tokio::test]
async fn a_removed_card_ends_the_session_for_everybody() -> Result<()> {
    let (workstation, mut stream) = Workstation::signed_in().await?;
    let snapshot = stream.until_state("active").await?;
    assert_eq!(snapshot["session"]["card_bound"], true);
    assert_eq!(snapshot["environment"], "custom");

    workstation.reader.remove();
    card_removed(&mut stream, &snapshot["session"]["id"]).await?;
    assert!(workstation.snapshot().await?.session.is_none());
    workstation.cleaned_up().await
}

/// The default way in: a key made on the workstation, its public half registered with CIS2.
#[tokio::test]
async fn a_nurse_signs_in_in_chromium_by_the_workstations_key() -> Result<()> {
    const PORT: u16 = 27117;
    let desk = Desk::new().await?;
    let kid = succeeded(&desk.home.tool(&["keys", "create", "--user"]).await)?;
    let exported = succeeded(&desk.home.tool(&["keys", "export", "--user"]).await)?;
    let jwks: Value = serde_json::from_str(&exported)?;
    assert_eq!(jwks["keys"][0]["kid"], kid.trim());
    assert!(jwks["keys"][0].get("d").is_none(), "the private key stays");
    let key = Credential::Key {
        alg: "RS512".into(),
        jwks,
    };
    let provider = certified::provider(key, PORT).await?;
    let plan = certified::plan(&desk, &provider, PORT)
        .setting("cis2", "client_auth = \"private_key_jwt\"");
    let mut workstation = desk.start(plan, provider).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;

    let mut browser = Browser::start().await?;
    browser.open(&workstation.ask_for_login().await?).await?;
    let asked = workstation.provider.sees("sign_in_asked").await?;
    for (parameter, value) in [
        ("client_id", json!(CLIENT_ID)),
        ("redirect_uri", json!(redirect_uri(PORT))),
        ("response_type", json!("code")),
        ("acr_values", json!("AAL3_ANY")),
        ("prompt", json!("login")),
        ("max_age", json!("300")),
        ("code_challenge_method", json!("S256")),
    ] {
        assert_eq!(asked[parameter], value, "{parameter}");
    }
    browser.enter_passcode(FLO).await?;
    browser.choose_role(NURSE_AT_SURGERY).await?;
    let page = browser
        .arrive_at(&format!("http://localhost:{PORT}/"))
        .await?;
    assert!(page.text.contains("You are signed in"), "{page:?}");
    for part in ["code=", "state="] {
        assert!(!page.url.contains(part), "{}", page.url);
    }

    let active = stream.until_state("active").await?;
    let session = &active["session"];
    let user = &session["user"];
    for (shown, value) in [
        (&user["id"], json!(FLO_SUB)),
        (&user["selected_roleid"], json!(NURSE_AT_SURGERY)),
        (&user["roles"][0]["org_name"], json!("EXAMPLE SURGERY")),
        (
            &user["roles"][0]["display_name"],
            json!("Nurse Access Role"),
        ),
        (&session["card_bound"], json!(true)),
        (&session["amr"], json!(["N3_SMARTCARD"])),
        (&session["authentication_assurance_level"], json!(3)),
    ] {
        assert_eq!(*shown, value, "{session}");
    }
    signed_in_at_the_command_line(&workstation.agent).await?;

    workstation.reader.remove();
    card_removed(&mut stream, &session["id"]).await?;
    let ended = given_back(&workstation.provider).await?;
    assert_eq!(ended["sub"], FLO_SUB);
    Ok(())
}

async fn signed_in_at_the_command_line(agent: &Agent) -> Result<()> {
    let status = succeeded(&agent.home.tool(&["status"]).await)?;
    for shown in ["Flo Nurse", "Nurse Access Role", "EXAMPLE SURGERY"] {
        ensure!(status.contains(shown), "{shown:?} is not in {status}");
    }
    let waited = agent.home.tool(&["wait", "--for", "active"]).await;
    succeeded(&waited).map(drop)
}

#[tokio::test]
async fn a_browser_that_is_closed_leaves_the_login_to_its_limit() -> Result<()> {
    const PORT: u16 = 27118;
    let short = [("cis2", "login_timeout = \"10s\"")];
    let mut workstation = at_certified_provider(PORT, &short).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;

    let (login, ()) = workstation
        .login_by_tool(async |address| {
            let mut browser = Browser::start().await?;
            browser.open(&address).await.map(drop)
        })
        .await?;
    workstation.provider.sees("passcode_page").await?;
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "login_timed_out");
    assert_eq!(login.status.code(), Some(1));
    let after = stream.until_state("card_present").await?;
    assert_eq!(after["failure"]["code"], "login_timed_out");
    assert!(workstation.provider.saw("tokens_given").is_empty());

    // The next one is not hindered by it.
    let (login, page) = workstation
        .login_by_tool(async |address| {
            let mut browser = Browser::start().await?;
            browser.open(&address).await?;
            browser.enter_passcode(SAM).await?;
            browser
                .arrive_at(&format!("http://localhost:{PORT}/"))
                .await
        })
        .await?;
    succeeded(&login)?;
    assert!(page.text.contains("You are signed in"), "{page:?}");
    let active = stream.until_state("active").await?;
    assert!(active.get("failure").is_none());
    Ok(())
}

#[tokio::test]
async fn a_card_that_comes_at_the_providers_prompt_is_the_sessions() -> Result<()> {
    const PORT: u16 = 27119;
    let mut workstation = at_certified_provider(PORT, &[]).await?;
    let mut stream = workstation.events().await?;
    let mut browser = Browser::start().await?;
    browser.open(&workstation.ask_for_login().await?).await?;
    workstation.provider.sees("passcode_page").await?;

    workstation.reader.insert(NHS_CARD);
    stream.until("card.inserted").await?;
    browser.enter_passcode(SAM).await?;
    let active = stream.until_state("active").await?;
    let session = &active["session"];
    assert_eq!(session["card_bound"], true);
    let reader = workstation.reader.name().to_string();
    assert_eq!(session["readers"], json!([reader]));

    workstation.reader.remove();
    card_removed(&mut stream, &session["id"]).await
}

#[tokio::test]
async fn without_a_card_a_login_by_smartcard_comes_to_nothing() -> Result<()> {
    const PORT: u16 = 27120;
    let mut workstation = at_certified_provider(PORT, &[]).await?;
    let mut stream = workstation.events().await?;
    let mut browser = Browser::start().await?;
    browser.open(&workstation.ask_for_login().await?).await?;
    browser.enter_passcode(SAM).await?;
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "card_missing");
    let page = browser
        .arrive_at(&format!("http://localhost:{PORT}/"))
        .await?;
    assert!(page.text.contains("card"), "{page:?}");
    given_back(&workstation.provider).await?;
    let now = workstation.snapshot().await?;
    now.failure.context("no failure is shown").map(drop)
}

#[tokio::test]
async fn the_browser_that_the_settings_name_opens_the_login() -> Result<()> {
    let mut named = OpenedPages::new()?;
    let browser = format!("browser = {:?}", named.program());
    let workstation = Workstation::with(|plan| plan.setting("desktop", browser)).await?;
    workstation.ask_for_login_only().await?;
    let address = named.next().await?;
    ensure!(
        address.starts_with(workstation.provider.issuer()),
        "{address}"
    );
    Ok(())
}
