//! A provider that misbehaves: each way ends in its failure, without a session, and with nothing
//! said or written that should not be. What was given out all the same is given back.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cardea_session::FailureCode;
use cardea_simulator::browser::{self, Page};
use cardea_simulator::provider::{
    AnswerFault, CallbackFault, DiscoveryFault, Endpoint, Fault, IdTokenFault, Log, Provider,
    ProviderSettings, Seen, UserInfoFault,
};
use futures_util::future::try_join_all;
use serde_json::json;

use crate::harness::stream::Stream;
use crate::harness::workstation::{CLIENT_ID, Workstation};

use FailureCode::{
    AssuranceTooLow, LoginRefused, ProviderResponseInvalid, ProviderUnreachable, SmartcardRequired,
};

/// Ways of a provider that the agent has asked before.
fn faults() -> Vec<(Fault, FailureCode)> {
    let id_token = |fault| (Fault::IdToken(fault), ProviderResponseInvalid);
    let user_info = |fault| (Fault::UserInfo(fault), ProviderResponseInvalid);
    let answer = |endpoint, fault| (Fault::Answer(endpoint, fault), ProviderResponseInvalid);
    let without = |claim: &str| IdTokenFault::Without(claim.into());
    let with = |claim: &str, value| IdTokenFault::With(claim.into(), value);
    vec![
        (Fault::Callback(CallbackFault::AccessDenied), LoginRefused),
        (
            Fault::Callback(CallbackFault::WrongIssuer),
            ProviderResponseInvalid,
        ),
        (
            Fault::Callback(CallbackFault::NoIssuer),
            ProviderResponseInvalid,
        ),
        id_token(IdTokenFault::WrongIssuer),
        id_token(IdTokenFault::WrongAudience),
        id_token(IdTokenFault::SecondAudience),
        id_token(IdTokenFault::WrongAuthorisedParty),
        id_token(IdTokenFault::WrongNonce),
        id_token(IdTokenFault::WrongAccessTokenHash),
        id_token(IdTokenFault::WrongCodeHash),
        id_token(IdTokenFault::Expired),
        id_token(IdTokenFault::IssuedInTheFuture),
        id_token(IdTokenFault::AuthTimeStale),
        id_token(IdTokenFault::AuthTimeBeforeAttempt),
        id_token(IdTokenFault::AlgNone),
        id_token(IdTokenFault::HmacWithPublicKey),
        id_token(IdTokenFault::BadSignature),
        id_token(without("iss")),
        id_token(without("sub")),
        id_token(without("aud")),
        id_token(without("exp")),
        id_token(without("iat")),
        id_token(without("nonce")),
        id_token(without("auth_time")),
        id_token(with("sub", json!(""))),
        id_token(with("sub", json!(5))),
        id_token(with("aud", json!([]))),
        id_token(with("aud", json!([CLIENT_ID, CLIENT_ID, "other"]))),
        id_token(with("exp", json!("soon"))),
        id_token(with("auth_time", json!(null))),
        (
            Fault::IdToken(IdTokenFault::LowAuthenticationAssurance),
            AssuranceTooLow,
        ),
        (
            Fault::IdToken(IdTokenFault::LowIdentityAssurance),
            AssuranceTooLow,
        ),
        (
            Fault::IdToken(without("authentication_assurance_level")),
            AssuranceTooLow,
        ),
        id_token(with("id_assurance_level", json!("none"))),
        (Fault::IdToken(IdTokenFault::NoSmartcard), SmartcardRequired),
        (Fault::IdToken(without("amr")), SmartcardRequired),
        user_info(UserInfoFault::SubjectDiffers),
        user_info(UserInfoFault::Without("sub".into())),
        answer(Endpoint::Token, AnswerFault::Redirects),
        answer(Endpoint::Token, AnswerFault::ServerError),
        answer(Endpoint::Token, AnswerFault::Truncated),
        answer(Endpoint::Token, AnswerFault::Huge),
        answer(Endpoint::UserInfo, AnswerFault::Redirects),
        answer(Endpoint::UserInfo, AnswerFault::ServerError),
        answer(Endpoint::UserInfo, AnswerFault::Truncated),
        answer(Endpoint::UserInfo, AnswerFault::Huge),
    ]
}

/// Ways that show before the first login only: what they spoil is remembered once it was good.
fn faults_at_first_sight() -> Vec<(Fault, FailureCode)> {
    let discovery = |fault| (Fault::Discovery(fault), ProviderResponseInvalid);
    let answer = |endpoint, fault| (Fault::Answer(endpoint, fault), ProviderResponseInvalid);
    vec![
        discovery(DiscoveryFault::IssuerDiffersByOneByte),
        discovery(DiscoveryFault::EndpointNotLoopback),
        answer(Endpoint::Discovery, AnswerFault::Redirects),
        answer(Endpoint::Discovery, AnswerFault::ServerError),
        answer(Endpoint::Discovery, AnswerFault::Truncated),
        answer(Endpoint::Discovery, AnswerFault::Huge),
        answer(Endpoint::Jwks, AnswerFault::Redirects),
        answer(Endpoint::Jwks, AnswerFault::ServerError),
        answer(Endpoint::Jwks, AnswerFault::Truncated),
        answer(Endpoint::Jwks, AnswerFault::Huge),
        (
            Fault::IdToken(IdTokenFault::UnknownKeyId),
            ProviderResponseInvalid,
        ),
    ]
}

/// Ways that take the whole of a call's time.
fn silent_faults() -> Vec<(Fault, FailureCode)> {
    [
        (Endpoint::Discovery, AnswerFault::Hangs),
        (Endpoint::Discovery, AnswerFault::HangsHalfway),
        (Endpoint::Jwks, AnswerFault::Hangs),
        (Endpoint::Token, AnswerFault::Hangs),
        (Endpoint::Token, AnswerFault::HangsHalfway),
        (Endpoint::UserInfo, AnswerFault::Hangs),
    ]
    .map(|(endpoint, fault)| (Fault::Answer(endpoint, fault), ProviderUnreachable))
    .into()
}

/// How long the provider may take to see what it is to see.
const LIMIT: Duration = Duration::from_secs(20);

/// One login under this fault. Gives what the user was told by the tool.
async fn comes_to_nothing(
    workstation: &mut Workstation,
    stream: &mut Stream,
    fault: Fault,
    code: FailureCode,
) -> Result<String> {
    workstation.provider.clear_faults();
    let given_before = workstation.provider.log().grants();
    workstation.provider.add_fault(fault.clone());
    let (tool, page) = workstation.try_to_sign_in_by_tool().await?;
    ended_as(workstation, stream, code, Some(page)).await?;
    given_back(workstation, given_before, &fault).await?;
    ensure!(tool.status.code() == Some(1), "{tool:?}");
    Ok(format!(
        "{}{}",
        String::from_utf8(tool.stdout)?,
        String::from_utf8(tool.stderr)?
    ))
}

/// Sees that a login ended with this code, for programs, in the browser and at the provider.
async fn ended_as(
    workstation: &Workstation,
    stream: &mut Stream,
    code: FailureCode,
    page: Option<Page>,
) -> Result<()> {
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], code.as_str());
    let snapshot = stream.until_state("card_present").await?;
    assert_eq!(snapshot["failure"]["code"], code.as_str());
    assert!(snapshot.get("session").is_none());
    if let Some(page) = page {
        assert!(page.content.contains(code.as_str()), "{page:?}");
    }
    let log = workstation.provider.log();
    let followed = log.count(|seen| matches!(seen, Seen::RedirectFollowed { .. }));
    assert_eq!(followed, 0, "a redirect was followed");
    Ok(())
}

/// Waits until the provider has back what it gave out beyond the first `given_before`. What never
/// arrived whole nobody can give back.
async fn given_back(workstation: &Workstation, given_before: usize, fault: &Fault) -> Result<()> {
    if matches!(fault, Fault::Answer(Endpoint::Token, _)) {
        return Ok(());
    }
    let back = |log: &Log| {
        (given_before..log.grants()).all(|grant| log.revoked(grant) && log.session_ended(grant))
    };
    let waited = workstation.provider.wait_for(LIMIT, back).await;
    waited.context("something was not given back").map(drop)
}

#[tokio::test]
async fn each_way_to_misbehave_has_its_failure_and_no_session() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::with_a_card().await?;
    let mut told = String::new();
    for (fault, code) in faults() {
        let shown = format!("{fault:?}");
        let said = comes_to_nothing(&mut workstation, &mut stream, fault, code).await;
        told += &said.context(shown)?;
    }
    assert!(!stream.raw.contains("session.started"));

    // It was the faults: without them the same person is signed in.
    workstation.provider.clear_faults();
    workstation.sign_in_by_tool(&mut stream).await?;
    let events = std::mem::take(&mut stream.raw);
    workstation.leaks_nothing(&[&told, &events]).await.map(drop)
}

/// A login of an agent that has never asked the provider before. The browser may get nowhere.
async fn first_login(fault: Fault, code: FailureCode) -> Result<()> {
    let shown = format!("{fault:?}");
    fails_at_first(fault, code).await.context(shown)
}

async fn fails_at_first(fault: Fault, code: FailureCode) -> Result<()> {
    let (mut workstation, mut stream) = Workstation::with_a_card().await?;
    let before_the_browser = matches!(
        fault,
        Fault::Discovery(_) | Fault::Answer(Endpoint::Discovery, _)
    );
    workstation.provider.add_fault(fault.clone());
    workstation.ask_for_login_only().await?;
    let page = if before_the_browser {
        None
    } else {
        let address = workstation.pages.next().await?;
        Some(workstation.sign_in_at(&address).await?)
    };
    // The browser is sent on before a call of the agent has taken its whole time.
    let page = page.filter(|_| code != ProviderUnreachable);
    ended_as(&workstation, &mut stream, code, page).await?;
    given_back(&workstation, 0, &fault).await?;
    assert!(!stream.raw.contains("session.started"));
    let events = std::mem::take(&mut stream.raw);
    workstation.leaks_nothing(&[&events]).await.map(drop)
}

#[tokio::test]
async fn what_is_wrong_at_first_sight_is_no_session_either() -> Result<()> {
    for (fault, code) in faults_at_first_sight() {
        first_login(fault, code).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_provider_that_falls_silent_is_unreachable() -> Result<()> {
    let logins = silent_faults()
        .into_iter()
        .map(|(fault, code)| first_login(fault, code));
    try_join_all(logins).await.map(drop)
}

#[tokio::test]
async fn a_provider_that_is_gone_is_unreachable() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::with_a_card().await?;
    let address = workstation.ask_for_login().await?;
    let callback = browser::sign_in_without_return(&address, &workstation.first_person()?).await?;
    let another = Provider::start(ProviderSettings::default()).await?;
    assert_ne!(another.issuer(), workstation.provider.issuer());
    std::mem::replace(&mut workstation.provider, another)
        .stop()
        .await;

    let page = browser::open(&callback).await?;
    assert!(page.content.contains("provider_unreachable"), "{page:?}");
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "provider_unreachable");
    Ok(())
}

#[tokio::test]
async fn new_keys_of_the_provider_are_fetched() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::signed_in().await?;
    workstation.provider.rotate_key()?;
    workstation.reader.remove();
    stream.until("session.ended").await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in_by_tool(&mut stream).await
}

/// What comes to the redirect address without being its redirect is turned away, and the login
/// goes on.
#[tokio::test]
async fn stray_visits_to_the_redirect_address_change_nothing() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::with_a_card().await?;
    let address = workstation.ask_for_login().await?;
    let person = workstation.first_person()?;
    let callback = browser::sign_in_without_return(&address, &person).await?;

    let prefetch = browser::open_with(&callback, &[("sec-purpose", "prefetch")]).await?;
    let (before, after) = callback.split_once("state=").context("no state")?;
    let forged = browser::open(&format!("{before}state=x{after}")).await?;
    let elsewhere = callback.replacen("/callback", "/callback/", 1);
    let elsewhere = browser::open(&elsewhere).await?;
    let stateless = browser::open(&before.replace("code=", "error=access_denied&code=")).await?;
    for page in [prefetch, forged, elsewhere, stateless] {
        assert_eq!(page.status, 400, "{page:?}");
    }
    assert_eq!(workstation.provider.log().grants(), 0);
    assert!(workstation.snapshot().await?.login.is_some());

    let page = browser::open(&callback).await?;
    assert!(page.content.contains("You are signed in"), "{page:?}");
    stream.until("session.started").await?;
    assert_eq!(workstation.provider.log().grants(), 1);
    Ok(())
}

/// Wrong state, from the provider itself: the attempt goes on until the user gives up.
#[tokio::test]
async fn a_provider_that_forgets_the_state_is_not_heard() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::with_a_card().await?;
    let forgets = Fault::Callback(CallbackFault::WrongState);
    workstation.provider.add_fault(forgets);
    let address = workstation.ask_for_login().await?;
    let person = workstation.first_person()?;
    let page = browser::sign_in(&address, &person).await?;
    assert_eq!(page.status, 400, "{page:?}");
    assert!(workstation.snapshot().await?.login.is_some());

    let cancelled = workstation.agent.home.tool(&["cancel"]).await;
    ensure!(cancelled.status.success(), "{cancelled:?}");
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "login_cancelled");
    assert_eq!(workstation.provider.log().grants(), 0);
    Ok(())
}
