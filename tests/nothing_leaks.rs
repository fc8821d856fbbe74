//! No token, code, secret, name or user id where it does not belong: logs at their most talkative,
//! the audit, errors, what programs without the scope are told.

use anyhow::{Context, Result, ensure};
use cardea_simulator::browser;
use cardea_simulator::provider::{AnswerFault, Endpoint, Fault, IdTokenFault};
use url::Url;

use crate::harness::agent::App;
use crate::harness::stream::Stream;
use crate::harness::workstation::{Workstation, succeeded};

/// What only this login's browser, provider and agent know.
fn of_the_attempt(address: &str) -> Result<Vec<String>> {
    let url = Url::parse(address)?;
    ["state", "nonce", "code_challenge"]
        .into_iter()
        .map(|name| {
            let value = url.query_pairs().find(|(key, _)| key == name);
            Ok(value.with_context(|| format!("no {name}"))?.1.into_owned())
        })
        .collect()
}

/// A whole day: logins that fail and one that does not, proved again, ended by a program, by hand
/// and by the card.
async fn a_day(
    workstation: &mut Workstation,
    stream: &mut Stream,
) -> Result<(String, Vec<String>)> {
    let (mut told, mut attempts) = (String::new(), Vec::new());
    let person = workstation.first_person()?;
    for fault in [
        Some(Fault::IdToken(IdTokenFault::WrongNonce)),
        Some(Fault::IdToken(IdTokenFault::NoSmartcard)),
        Some(Fault::Answer(Endpoint::UserInfo, AnswerFault::Truncated)),
        Some(Fault::Answer(Endpoint::Token, AnswerFault::Truncated)),
        None,
    ] {
        workstation.provider.clear_faults();
        if let Some(fault) = fault {
            workstation.provider.add_fault(fault);
        }
        let (tool, address) = workstation
            .login_by_tool(async |address| {
                browser::sign_in(&address, &person).await?;
                Ok(address)
            })
            .await?;
        told += &String::from_utf8_lossy(&[tool.stdout, tool.stderr].concat());
        attempts.extend(of_the_attempt(&address)?);
    }
    stream.until("session.started").await?;

    let reauthenticate = ["login", "--reauthenticate"];
    let mut again = workstation.agent.home.command(&reauthenticate).spawn()?;
    let address = workstation.pages.next().await?;
    attempts.extend(of_the_attempt(&address)?);
    browser::sign_in(&address, &person).await?;
    stream.until("session.changed").await?;
    ensure!(again.wait().await?.success());

    for tool in [
        &["config", "show"][..],
        &["apps", "list"],
        &["config", "check"],
    ] {
        let config = workstation.agent.home.config();
        let config = ["--config", config.to_str().context("odd path")?];
        let arguments = if tool[0] == "config" {
            [tool, &config].concat()
        } else {
            tool.to_vec()
        };
        told += &succeeded(&workstation.agent.home.tool(&arguments).await)?;
    }
    let ended = workstation.post("/v1/session/logout", "{}").await?;
    ensure!(ended.status() == 204, "{ended:?}");
    stream.until("session.ended").await?;
    Ok((told, attempts))
}

#[tokio::test]
async fn a_whole_day_leaves_nothing_secret_or_personal_behind() -> Result<()> {
    let discreet = App {
        scopes: &["session:read"],
        ..App::new("discreet")
    };
    let mut workstation =
        Workstation::with(|plan| plan.setting("log", "level = \"trace\"").app(&discreet)).await?;
    let mut stream = workstation.events().await?;
    let mut unnamed = Stream::open(&workstation.agent.url, &discreet.token).await?;
    workstation.insert(&mut stream).await?;
    let (told, attempts) = a_day(&mut workstation, &mut stream).await?;

    // A program that is refused is not told its own mistake either.
    let wrong = "not-a-token-that-anybody-has-0123456789abcdef";
    let refused = workstation.agent.get("/v1/session", wrong).await?;
    ensure!(refused.status() == 401, "{refused:?}");
    let refused = String::from_utf8_lossy(refused.body()).into_owned();
    ensure!(!refused.contains(wrong), "{refused}");

    workstation.reader.remove();
    stream.until("card.removed").await?;
    unnamed.until("session.started").await?;
    unnamed.until("card.removed").await?;

    // The tokens are really what is looked for, and those with the scope are really told names.
    assert!(workstation.provider.issued().len() >= 10);
    let personal = workstation.personal();
    assert!(personal.iter().any(|name| stream.raw.contains(name)));
    for name in &personal {
        ensure!(!unnamed.raw.contains(name), "{name} in {}", unnamed.raw);
        ensure!(!told.contains(name), "{name} in {told}");
    }
    let said = [stream.raw.as_str(), &unnamed.raw, &told, &refused];
    let written = workstation.leaks_nothing(&said).await?;
    assert!(
        written.contains("TRACE") || written.contains("DEBUG"),
        "{written}"
    );
    for secret in attempts.iter().map(String::as_str).chain([wrong]) {
        ensure!(!written.contains(secret), "{secret} in {written}");
        ensure!(said.iter().all(|text| !text.contains(secret)), "{secret}");
    }
    Ok(())
}
