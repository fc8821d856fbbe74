//! What CIS2 asks of its relying parties beyond a login that works, seen from outside.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cardea_session::Snapshot;
use cardea_simulator::browser::{self, SignIn};
use cardea_simulator::provider::{AnswerFault, AuthorizeRequest, Endpoint, Fault, Seen};
use serde_json::Value;

use crate::harness::browser::Browser;
use crate::harness::provider::{Credential, SAM};
use crate::harness::stream::Stream;
use crate::harness::workstation::certified::at_certified_provider_by;
use crate::harness::workstation::{SECRET, Workstation, succeeded};

/// How long the provider may take to see what it is to see.
const LIMIT: Duration = Duration::from_secs(20);

/// The person with several roles, and those.
fn gp(workstation: &Workstation) -> Result<(SignIn, Vec<String>)> {
    let mut people = workstation.provider.people().iter();
    let gp = people.find(|person| person.roles.len() > 1);
    let gp = gp.context("nobody has several roles")?;
    let roles = gp.roles.iter().map(|role| role.id.clone()).collect();
    Ok((SignIn::of(gp), roles))
}

/// What the provider was asked last.
fn asked(workstation: &Workstation) -> Result<AuthorizeRequest> {
    let log = workstation.provider.log();
    let asked = log.seen.iter().rev().find_map(|seen| {
        let Seen::Authorize(request) = seen else {
            return None;
        };
        Some(request.clone())
    });
    asked.context("nothing was asked")
}

async fn sign_in_as(
    workstation: &mut Workstation,
    arguments: &[&str],
    person: &SignIn,
) -> Result<Snapshot> {
    let (output, _page) = workstation
        .login_by_tool_as(arguments, async |address| {
            Ok(browser::sign_in(&address, person).await?)
        })
        .await?;
    succeeded(&output)?;
    workstation.snapshot().await
}

fn session_and_role(snapshot: &Snapshot) -> Result<(String, Option<String>)> {
    let session = snapshot.session.as_ref().context("no session")?;
    let user = session.user.as_ref().context("no user")?;
    Ok((session.id.to_string(), user.selected_roleid.clone()))
}

#[tokio::test]
async fn a_role_is_changed_and_the_session_goes_on() -> Result<()> {
    let mut workstation = Workstation::start().await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    let (mut gp, roles) = gp(&workstation)?;
    let signed_in = sign_in_as(&mut workstation, &["login"], &gp).await?;
    let (session, role) = session_and_role(&signed_in)?;
    assert_eq!(role.as_ref(), roles.first());
    assert_eq!(asked(&workstation)?.prompt.as_deref(), Some("login"));

    gp.role = roles.last().cloned();
    let changed = sign_in_as(&mut workstation, &["login", "--change-role"], &gp).await?;
    let (same, role) = session_and_role(&changed)?;
    assert_eq!((same, role.as_ref()), (session.clone(), roles.last()));
    let event = stream.until("session.changed").await?;
    assert_eq!(event.data["session_id"], session.as_str());
    let request = asked(&workstation)?;
    let has = |scope: &str| request.scopes.iter().any(|asked| asked == scope);
    assert!(has("changedrole") && !has("selectedrole"), "{request:?}");
    assert_eq!((request.prompt, request.max_age), (None, None));

    // By the API as by the tool.
    gp.role = roles.first().cloned();
    let answer = workstation
        .post("/v1/session/login", r#"{"change_role":true}"#)
        .await?;
    assert_eq!(answer.status(), 202);
    browser::sign_in(&workstation.pages.next().await?, &gp).await?;
    stream.until("session.changed").await?;
    let back = session_and_role(&workstation.snapshot().await?)?;
    assert_eq!((back.0, back.1.as_ref()), (session, roles.first()));
    Ok(())
}

#[tokio::test]
async fn who_proves_again_who_they_are_keeps_the_session() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::signed_in().await?;
    let before = workstation.snapshot().await?;
    let person = workstation.first_person()?;
    let again = ["login", "--reauthenticate"];
    let after = sign_in_as(&mut workstation, &again, &person).await?;
    assert_eq!(session_and_role(&before)?, session_and_role(&after)?);
    stream.until("session.changed").await?;
    let request = asked(&workstation)?;
    assert_eq!(request.prompt.as_deref(), Some("login"));
    assert!(request.scopes.iter().any(|scope| scope == "selectedrole"));

    // A login without either is refused, and both at once are no question.
    let plain = workstation.post("/v1/session/login", "{}").await?;
    assert_eq!(plain.status(), 409);
    let both = r#"{"change_role":true,"reauthenticate":true}"#;
    let both = workstation.post("/v1/session/login", both).await?;
    assert_eq!(both.status(), 400);
    Ok(())
}

#[tokio::test]
async fn another_user_who_proves_who_they_are_replaces_the_session() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::signed_in().await?;
    let (before, _) = session_and_role(&workstation.snapshot().await?)?;
    let (gp, _) = gp(&workstation)?;
    let after = sign_in_as(&mut workstation, &["login", "--reauthenticate"], &gp).await?;
    let (session, _) = session_and_role(&after)?;
    assert_ne!(before, session);
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "replaced");
    stream.until("session.started").await?;
    // The first one's tokens are given back, the second one's are in use.
    let given_back = workstation
        .provider
        .wait_for(LIMIT, |log| log.revoked(0) && log.session_ended(0))
        .await?;
    assert!(!given_back.revoked(1) && !given_back.session_ended(1));
    Ok(())
}

#[tokio::test]
async fn several_roles_without_a_chosen_one_are_no_role() -> Result<()> {
    let without = "scopes = [\"openid\", \"profile\", \"nationalrbacaccess\", \"associatedorgs\"]";
    let mut workstation = Workstation::with(|plan| plan.setting("cis2", without)).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    let (gp, roles) = gp(&workstation)?;
    sign_in_as(&mut workstation, &["login"], &gp).await?;
    let snapshot = stream.until_state("active").await?;
    let user = &snapshot["session"]["user"];
    assert_eq!(user["roles"].as_array().map(Vec::len), Some(roles.len()));
    assert!(user.get("selected_roleid").is_none(), "{user}");
    let status = succeeded(&workstation.agent.home.tool(&["status"]).await)?;
    let shown = format!("none chosen ({} to choose from)", roles.len());
    ensure!(status.contains(&shown), "{status}");
    Ok(())
}

#[tokio::test]
async fn programs_hear_that_the_id_token_expires_soon() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::with_a_card().await?;
    let soon = workstation.id_tokens_expire_in(200)?;
    workstation.sign_in_by_tool(&mut stream).await?;
    let expiring = stream.until("tokens.expiring").await?;
    let session = workstation
        .snapshot()
        .await?
        .session
        .context("no session")?;
    assert_eq!(expiring.data["session_id"], session.id.to_string());
    assert_eq!(session.id_token_expires_at.unix(), i64::try_from(soon)?);
    Ok(())
}

/// Ends the session of a signed-in workstation in one way after the other.
async fn ended_as(
    workstation: &mut Workstation,
    stream: &mut Stream,
    reason: &str,
) -> Result<Value> {
    match reason {
        "user_logout" => {
            succeeded(&workstation.agent.home.tool(&["logout"]).await)?;
        }
        "app_logout" => {
            let answer = workstation.post("/v1/session/logout", "{}").await?;
            ensure!(answer.status() == 204, "{answer:?}");
        }
        "card_removed" => workstation.reader.remove(),
        other => anyhow::bail!("{other}"),
    }
    let mut ended = stream.until("session.ended").await?;
    Ok(ended.data["reason"].take())
}

#[tokio::test]
async fn every_end_is_cleaned_up_at_the_provider_and_delays_nothing() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::signed_in().await?;
    for reason in ["user_logout", "app_logout", "card_removed"] {
        // The provider does not answer the end of its session.
        let hangs = Fault::Answer(Endpoint::EndSession, AnswerFault::Hangs);
        workstation.provider.add_fault(hangs);
        let given = workstation.provider.log().grants();
        assert_eq!(
            ended_as(&mut workstation, &mut stream, reason).await?,
            reason
        );
        if reason == "card_removed" {
            workstation.insert(&mut stream).await?;
        }
        workstation.sign_in_by_tool(&mut stream).await?;
        // After its deadline the other step is made all the same.
        let revoked = |log: &cardea_simulator::provider::Log| log.revoked(given - 1);
        workstation.provider.wait_for(LIMIT, revoked).await?;
        workstation.provider.clear_faults();
    }
    Ok(())
}

#[tokio::test]
async fn a_certified_provider_takes_the_secret_in_the_header() -> Result<()> {
    const PORT: u16 = 27122;
    let credential = Credential::SecretInHeader(SECRET.into());
    let in_header = [("cis2", "client_auth = \"client_secret_basic\"")];
    let mut workstation = at_certified_provider_by(credential, PORT, &in_header).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    let mut browser = Browser::start().await?;
    browser.open(&workstation.ask_for_login().await?).await?;
    browser.enter_passcode(SAM).await?;
    stream.until("session.started").await?;
    workstation.reader.remove();
    stream.until("session.ended").await?;
    workstation.provider.sees("session_ended").await?;
    workstation.provider.sees("token_revoked").await.map(drop)
}
