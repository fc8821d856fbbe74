//! The test provider and the browser do what the other tests take for granted. A fake relying party
//! stands where the agent will be.

mod relying_party;

use std::fs;
use std::process::Command;

use anyhow::Result;
use serde_json::json;
use tempfile::TempDir;

use crate::harness::browser::Browser;
use crate::harness::opened_pages::OpenedPages;
use crate::harness::provider::{FLO, FLO_SUB, KIM, NURSE_AT_SURGERY, Provider, SAM, path};
use relying_party::RelyingParty;

#[tokio::test]
async fn a_nurse_signs_in_with_passcode_and_role() -> Result<()> {
    let party = RelyingParty::with_secret().await?;
    let provider = Provider::start(&[party.client()]).await?;
    let mut browser = Browser::start().await?;

    let page = browser.open(&party.sign_in_at(&provider)).await?;
    assert_eq!(page.title, "Put in your Smartcard");
    let asked = provider.sees("sign_in_asked").await?;
    assert_eq!(asked["prompt"], "login");
    provider.sees("passcode_page").await?;

    browser.enter_passcode("0000").await?;
    let page = browser.wait_for("[role=alert]").await?;
    assert!(page.text.contains("not known here"), "{page:?}");

    browser.enter_passcode(FLO).await?;
    provider.sees("role_page").await?;
    browser.choose_role(NURSE_AT_SURGERY).await?;
    let callback = party.callback().await?;
    let page = browser.arrive_at(party.address()).await?;
    assert_eq!(page.text, "Back at the relying party");
    assert!(
        page.url
            .starts_with(&format!("{}callback?", party.address())),
        "{}",
        page.url
    );
    assert_eq!(callback["iss"], provider.issuer());
    assert_eq!(callback["state"], relying_party::STATE);

    let tokens = party.tokens(&provider, &callback["code"]).await?;
    let given = provider.sees("tokens_given").await?;
    let id_token = tokens.id_token_claims()?;
    for (claim, expected) in [
        ("iss", json!(provider.issuer())),
        ("sub", json!(FLO_SUB)),
        ("aud", json!("cardea")),
        ("azp", json!("cardea")),
        ("nonce", json!(relying_party::NONCE)),
        ("acr", json!("AAL3_ANY")),
        ("amr", json!(["N3_SMARTCARD"])),
        ("id_assurance_level", json!("3")),
        ("authentication_assurance_level", json!("3")),
        ("selected_roleid", json!(NURSE_AT_SURGERY)),
    ] {
        assert_eq!(id_token[claim], expected, "{claim}");
    }
    assert!(
        id_token["auth_time"].is_u64() && id_token["sid"].is_string(),
        "{id_token}"
    );
    assert!(
        id_token.get("nhsid_nrbac_roles").is_none(),
        "roles come from UserInfo only"
    );

    let user = party.user_info(&provider, &tokens).await?;
    assert_eq!(user["sub"], FLO_SUB);
    assert_eq!(
        user["nhsid_nrbac_roles"][0]["person_roleid"],
        NURSE_AT_SURGERY
    );
    assert_eq!(user["nhsid_user_orgs"][1]["org_name"], "EXAMPLE TRUST");

    party.revoke(&provider, &tokens).await?;
    let revoked = provider.sees("token_revoked").await?;
    assert_eq!(revoked["grant"], given["grant"]);
    assert!(
        party.user_info(&provider, &tokens).await.is_err(),
        "the access token is worth nothing"
    );

    party.end_session(&provider, &tokens).await?;
    let ended = provider.sees("session_ended").await?;
    assert_eq!(
        (&ended["sub"], &ended["found"]),
        (&json!(FLO_SUB), &json!(true))
    );
    Ok(())
}

#[tokio::test]
async fn a_client_shows_who_it_is_by_a_signed_assertion() -> Result<()> {
    let party = RelyingParty::with_key().await?;
    let provider = Provider::start(&[party.client()]).await?;
    let mut browser = Browser::start().await?;

    browser.open(&party.sign_in_at(&provider)).await?;
    browser.enter_passcode(SAM).await?;
    let callback = party.callback().await?;
    let tokens = party.tokens(&provider, &callback["code"]).await?;
    assert_eq!(
        tokens.id_token_claims()?["selected_roleid"],
        "555000000308",
        "the only role"
    );
    assert!(
        provider.saw("role_page").is_empty(),
        "nobody is asked about a single role"
    );
    Ok(())
}

#[tokio::test]
async fn someone_without_a_role_can_sign_in() -> Result<()> {
    let party = RelyingParty::with_secret().await?;
    let evidence = ["pwd"];
    let provider = Provider::start_with(&[party.client()], "AAL2_TOTP", &evidence).await?;
    let mut browser = Browser::start().await?;

    browser.open(&party.sign_in_at(&provider)).await?;
    browser.enter_passcode(KIM).await?;
    let callback = party.callback().await?;
    let id_token = party
        .tokens(&provider, &callback["code"])
        .await?
        .id_token_claims()?;
    assert!(id_token.get("selected_roleid").is_none(), "{id_token}");
    assert_eq!(
        (&id_token["acr"], &id_token["amr"]),
        (&json!("AAL2_TOTP"), &json!(evidence))
    );
    Ok(())
}

#[tokio::test]
async fn who_cancels_is_sent_back_with_an_error() -> Result<()> {
    let party = RelyingParty::with_secret().await?;
    let provider = Provider::start(&[party.client()]).await?;
    let mut browser = Browser::start().await?;

    browser.open(&party.sign_in_at(&provider)).await?;
    browser.press("text=Cancel").await?;
    let callback = party.callback().await?;
    assert_eq!(callback["error"], "access_denied");
    assert!(provider.saw("tokens_given").is_empty());
    Ok(())
}

#[tokio::test]
async fn the_browser_takes_pictures() -> Result<()> {
    let party = RelyingParty::with_secret().await?;
    let provider = Provider::start(&[party.client()]).await?;
    let mut browser = Browser::start().await?;
    browser.open(&party.sign_in_at(&provider)).await?;
    browser.enter_passcode(FLO).await?;
    browser.wait_for("button[name=role]").await?;

    let folder = TempDir::new()?;
    let picture = folder.path().join("role.png");
    browser.screenshot(&picture).await?;
    let picture = fs::read(picture)?;
    assert!(picture.starts_with(b"\x89PNG"));
    Ok(())
}

#[tokio::test]
async fn an_answer_can_be_held_back_after_its_work_is_done() -> Result<()> {
    let party = RelyingParty::with_secret().await?;
    let mut provider = Provider::start(&[party.client()]).await?;
    let mut browser = Browser::start().await?;
    browser.open(&party.sign_in_at(&provider)).await?;
    browser.enter_passcode(SAM).await?;
    let callback = party.callback().await?;

    provider.hold(path::TOKEN).await?;
    let answer = async {
        let tokens = party.tokens(&provider, &callback["code"]);
        tokio::pin!(tokens);
        tokio::select! {
            biased;
            _ = &mut tokens => panic!("the answer was not held"),
            held = provider.sees("held") => assert_eq!(held?["path"], path::TOKEN),
        }
        assert_eq!(
            provider.saw("tokens_given").len(),
            1,
            "given out, though nobody has them yet"
        );
        anyhow::Ok(())
    };
    answer.await?;
    provider.release(path::TOKEN).await?;
    Ok(())
}

#[tokio::test]
async fn the_stand_in_for_the_desktop_hands_addresses_over() -> Result<()> {
    let mut pages = OpenedPages::new()?;
    let address = "http://127.0.0.1:1/authorize?scope=openid%20profile&state='x'";
    let opened = Command::new("xdg-open")
        .arg(address)
        .env("PATH", pages.path())
        .status()?;
    assert!(opened.success());
    assert_eq!(pages.next().await?, address);

    let pages = OpenedPages::failing()?;
    let opened = Command::new("xdg-open")
        .arg(address)
        .env("PATH", pages.path())
        .status()?;
    assert_eq!(opened.code(), Some(3));
    Ok(())
}
