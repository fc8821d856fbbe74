//! Ends of a session that nobody asks for, as the provider sees them: its own session is ended, and
//! the tokens are revoked.

use anyhow::Result;

use crate::harness::agent::Plan;
use crate::harness::stream::Stream;
use crate::harness::workstation::{OTHER_CARD, Workstation};

async fn ended_as(workstation: &Workstation, stream: &mut Stream, reason: &str) -> Result<()> {
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], reason);
    workstation.cleaned_up().await?;
    assert_eq!(workstation.provider.log().grants(), 1);
    Ok(())
}

/// What is left of a session under this setting when its limit has passed.
async fn ended_by_the_clock(setting: &str, reason: &str) -> Result<()> {
    let limited = |plan: Plan| plan.setting("session", setting);
    let (workstation, mut stream) = Workstation::signed_in_with(limited).await?;
    ended_as(&workstation, &mut stream, reason).await
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends_at_the_provider_too() -> Result<()> {
    ended_by_the_clock("idle_timeout = \"1s\"", "idle_timeout").await
}

#[tokio::test]
async fn a_session_that_lasted_its_time_ends_at_the_provider_too() -> Result<()> {
    ended_by_the_clock("max_lifetime = \"1s\"", "lifetime_exceeded").await
}

#[tokio::test]
async fn a_session_bound_to_its_id_token_ends_at_the_provider_too() -> Result<()> {
    let bound = |plan: Plan| plan.setting("session", "max_lifetime = \"id_token\"");
    let mut workstation = Workstation::with(bound).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    let address = workstation.ask_for_login().await?;
    workstation.id_tokens_expire_in(3)?;
    workstation.sign_in_at(&address).await?;
    ended_as(&workstation, &mut stream, "lifetime_exceeded").await
}

#[tokio::test]
async fn settings_that_cannot_be_used_end_the_session_at_the_provider_too() -> Result<()> {
    let (workstation, mut stream) = Workstation::signed_in().await?;
    let wrong = workstation.plan().setting("cis2", "issuer = 7");
    workstation.agent.change_settings(&wrong);
    ended_as(&workstation, &mut stream, "policy_changed").await
}

/// What signed in is what cleans up, whatever the new settings are.
#[tokio::test]
async fn settings_that_forbid_the_session_end_it_at_the_provider_that_it_is_of() -> Result<()> {
    let mut workstation = Workstation::start().await?;
    let mut stream = workstation.events().await?;
    workstation.reader.insert(OTHER_CARD);
    stream.until("card.inserted").await?;
    workstation.sign_in(&mut stream).await?;
    let other = workstation
        .plan()
        .setting("cis2", "client_id = \"another.client\"")
        .setting("card", "recognise = \"known\"");
    let other = other.setting("cis2", "issuer = \"http://127.0.0.1:9/elsewhere\"");
    workstation.agent.change_settings(&other);
    ended_as(&workstation, &mut stream, "policy_changed").await
}
