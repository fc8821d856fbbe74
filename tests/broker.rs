//! A workstation without the client credential signs in through a broker that has it.

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncWriteExt, copy, sink};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use crate::harness::broker::BrokerFiles;
use crate::harness::browser::Browser;
use crate::harness::provider::{Credential, FLO_SUB, SAM};
use crate::harness::serving;
use crate::harness::tls::{Authority, TlsFront};
use crate::harness::workstation::{brokered, certified, simulated};

#[tokio::test]
async fn a_workstation_without_the_credential_signs_in_and_gives_back_through_the_broker()
-> Result<()> {
    let files = BrokerFiles::with_secret().await?;
    let (desk, kid) = brokered::desk(&files).await?;
    files.approve(&[&kid])?;
    let provider = simulated::provider(None).await?;
    let mut broker = files.start(provider.issuer(), 27_131).await?;
    let plan = brokered::plan(&desk, provider.issuer(), &broker);
    let mut workstation = desk.start(plan, provider).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    workstation.sign_in(&mut stream).await?;

    workstation.reader.remove();
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "card_removed");
    workstation.cleaned_up().await?;
    broker.has_answered("exchange", "200").await?;
    broker.has_answered("revoke", "200").await?;

    // Taken off the list, the workstation is refused, and says so.
    broker.files().approve(&[])?;
    workstation.insert(&mut stream).await?;
    let (login, _page) = workstation.try_to_sign_in_by_tool().await?;
    assert_eq!(login.status.code(), Some(1));
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "provider_rejected_client");
    let failure = workstation.snapshot().await?.failure;
    let remedy = failure.context("no failure is shown")?.remedy;
    assert!(remedy.contains("workstation_unknown"), "{remedy}");

    let log = broker.stop().await?;
    ensure!(
        log.contains("\"TRACE\"") || log.contains("\"DEBUG\""),
        "{log}"
    );
    ensure!(log.contains(&kid[..8]) && !log.contains(&kid), "{log}");
    workstation.leaks_nothing(&[&log]).await?;
    Ok(())
}

#[tokio::test]
async fn a_broker_signs_for_its_workstations_at_the_certified_provider() -> Result<()> {
    const PORT: u16 = 27_132;
    let files = BrokerFiles::with_key().await?;
    let (desk, kid) = brokered::desk(&files).await?;
    files.approve(&[&kid])?;
    let key = Credential::Key {
        alg: "RS512".into(),
        jwks: files.jwks().await?,
    };
    let provider = certified::provider(key, PORT).await?;
    let broker = files.start(provider.issuer(), 27_133).await?;
    let plan = brokered::plan(&desk, provider.issuer(), &broker)
        .setting("cis2", format!("redirect_ports = [{PORT}]"));
    let mut workstation = desk.start(plan, provider).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;

    let mut browser = Browser::start().await?;
    browser.open(&workstation.ask_for_login().await?).await?;
    browser.enter_passcode(SAM).await?;
    let active = stream.until_state("active").await?;
    let user = &active["session"]["user"];
    assert!(user["id"].is_string() && user["id"] != FLO_SUB, "{user}");

    workstation.reader.remove();
    let ended = stream.until("session.ended").await?;
    assert_eq!(ended.data["reason"], "card_removed");
    workstation.provider.sees("session_ended").await?;
    workstation.provider.sees("token_revoked").await?;
    assert!(workstation.provider.saw("revocation_refused").is_empty());
    broker.stop().await.map(drop)
}

/// A broker by another clock, which refuses every assertion for that.
async fn answer_by_another_clock(mut client: TcpStream) -> Result<()> {
    serving::head(&mut client).await?;
    let body = r#"{"status":401,"title":"The assertion is of the future","code":"assertion_not_yet_valid"}"#;
    let answer = format!(
        "HTTP/1.1 401 Unauthorized\r\nDate: Thu, 09 Oct 2025 08:53:20 GMT\r\n\
         Content-Type: application/problem+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    client.write_all(answer.as_bytes()).await?;
    // What else is asked is not read, and must not make the system take the answer back.
    copy(&mut client, &mut sink()).await?;
    Ok(())
}

#[tokio::test]
async fn a_workstation_whose_clock_the_broker_does_not_accept_is_told_by_how_much() -> Result<()> {
    let files = BrokerFiles::with_secret().await?;
    let (desk, _) = brokered::desk(&files).await?;
    let broker = TlsFront::start(files.authority()).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    broker.connect_to(listener.local_addr()?.port());
    let serving = serving::each(listener, answer_by_another_clock);
    let _serving = AbortOnDropHandle::new(tokio::spawn(serving));

    let provider = simulated::provider(None).await?;
    let plan = brokered::plan_at(&desk, provider.issuer(), &broker.origin());
    let mut workstation = desk.start(plan, provider).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    let (login, _page) = workstation.try_to_sign_in_by_tool().await?;
    assert_eq!(login.status.code(), Some(1));
    let failure = workstation.snapshot().await?.failure;
    let failure = failure.context("no failure is shown")?;
    assert_eq!(failure.code.as_str(), "clock_wrong");
    let remedy = failure.remedy;
    assert!(remedy.contains("assertion_not_yet_valid"), "{remedy}");
    assert!(remedy.contains(" min ahead of the broker's"), "{remedy}");
    Ok(())
}

#[tokio::test]
async fn a_certificate_of_the_practices_own_authority_proves_a_workstation() -> Result<()> {
    let files = BrokerFiles::with_certificates("certificate").await?;
    let provider = simulated::provider(None).await?;
    let broker = files.start(provider.issuer(), 27_134).await?;

    let exchange = "/v1/exchange";
    let form = "code=unknown&code_verifier=v&redirect_uri=http://localhost:28117/callback";
    let data = ["--data", form];
    let without = broker.answer(exchange, None, &data).await?;
    assert!(without.contains("certificate_missing"), "{without}");
    assert!(without.ends_with(" 401"), "{without}");

    let ours = broker.files().authority().client("RECEPTION").await?;
    let with = broker.answer(exchange, Some(&ours), &data).await?;
    // The provider itself refuses the code.
    assert!(
        with.contains("\"invalid_grant\"") && with.ends_with(" 400"),
        "{with}"
    );

    let stranger = Authority::new("Stranger").await?;
    let theirs = stranger.client("RECEPTION").await?;
    let refused = broker.curl(exchange, Some(&theirs), &data).await?;
    assert!(refused.is_err(), "{refused:?}");

    broker.is_healthy().await?;
    let metrics = broker.answer("/metrics", None, &[]).await?;
    for line in [
        "cardea_broker_requests_total{route=\"exchange\",result=\"400\"} 1",
        "cardea_broker_requests_total{route=\"exchange\",result=\"certificate_missing\"} 1",
        "cardea_broker_connections 1",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
    broker.stop().await.map(drop)
}
