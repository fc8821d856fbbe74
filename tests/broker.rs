//! A workstation without the client credential signs in through a broker that has it.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use cardea_simulator::provider::{
    Client as SimulatedClient, Provider as Simulated, ProviderSettings,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use crate::harness::agent::Plan;
use crate::harness::broker::{Broker, BrokerFiles};
use crate::harness::browser::Browser;
use crate::harness::provider::{Client, Credential, FLO_SUB, Provider, SAM};
use crate::harness::serving;
use crate::harness::tls::{Authority, Certified, TlsFront};
use crate::harness::workstation::{CLIENT_ID, Desk, SECRET, Workstation, succeeded};

/// A desk that trusts the broker's authority, and the name by which a broker knows it.
pub async fn desk(files: &BrokerFiles) -> Result<(Desk, String)> {
    let mut desk = Desk::new().await?;
    let authority = files
        .authority()
        .certificate()
        .to_string_lossy()
        .into_owned();
    desk.home = desk.home.env("SSL_CERT_FILE", authority);
    let create = ["keys", "create", "--workstation", "--user"];
    let kid = succeeded(&desk.home.tool(&create).await)?.trim().to_owned();

    let exported = desk.home.tool(&["keys", "export", "--workstation"]).await;
    let line = String::from_utf8_lossy(&exported.stderr).into_owned();
    assert!(line.contains(&kid), "{line}");
    let jwks: Value = serde_json::from_str(&succeeded(&exported)?)?;
    assert_eq!(jwks["keys"][0]["kid"], kid);
    assert!(jwks["keys"][0].get("d").is_none(), "the private key stays");
    let of_client = desk.home.tool(&["keys", "list", "--json"]).await;
    assert_eq!(succeeded(&of_client)?.trim(), "[]");
    Ok((desk, kid))
}

/// The settings that send it to the broker.
pub fn plan(desk: &Desk, issuer: &str, broker: &Broker) -> Plan {
    desk.plan(issuer)
        .setting("cis2", "client_auth = \"broker\"")
        .setting("cis2", format!("broker_url = \"{}/\"", broker.url()))
        .setting("log", "level = \"trace\"")
}

#[tokio::test]
async fn a_workstation_without_the_credential_signs_in_and_gives_back_through_the_broker()
-> Result<()> {
    let files = BrokerFiles::with_secret(SECRET).await?;
    let (desk, kid) = desk(&files).await?;
    files.approve(&[&kid])?;
    let client = SimulatedClient::with_secret(CLIENT_ID, SECRET).on_any_port("/callback");
    let provider = Simulated::start(ProviderSettings::with_client(client)).await?;
    let post = "client_secret_post";
    let mut broker = files
        .start(provider.issuer(), CLIENT_ID, post, 27_131)
        .await?;
    let plan = plan(&desk, provider.issuer(), &broker);
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
    let person = workstation.first_person()?;
    let (login, _page) = workstation
        .login_by_tool(async |address| {
            Ok(cardea_simulator::browser::sign_in(&address, &person).await?)
        })
        .await?;
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
    let (desk, kid) = desk(&files).await?;
    files.approve(&[&kid])?;
    let client = Client {
        id: CLIENT_ID.into(),
        credential: Credential::Key {
            alg: "RS512".into(),
            jwks: files.jwks(CLIENT_ID).await?,
        },
        redirect_uris: vec![format!("http://localhost:{PORT}/callback")],
    };
    let provider = Provider::start(&[client]).await?;
    let jwt = "private_key_jwt";
    let broker = files
        .start(provider.issuer(), CLIENT_ID, jwt, 27_133)
        .await?;
    let plan = plan(&desk, provider.issuer(), &broker);
    let plan = plan.setting("cis2", format!("redirect_ports = [{PORT}]"));
    let mut workstation: Workstation<Provider> = desk.start(plan, provider).await?;
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
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
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
    let files = BrokerFiles::with_secret(SECRET).await?;
    let (desk, _) = desk(&files).await?;
    let broker = TlsFront::start(files.authority()).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    broker.connect_to(listener.local_addr()?.port());
    let serving = serving::each(listener, answer_by_another_clock);
    let _serving = AbortOnDropHandle::new(tokio::spawn(serving));

    let client = SimulatedClient::with_secret(CLIENT_ID, SECRET).on_any_port("/callback");
    let provider = Simulated::start(ProviderSettings::with_client(client)).await?;
    let plan = desk
        .plan(provider.issuer())
        .setting("cis2", "client_auth = \"broker\"")
        .setting("cis2", format!("broker_url = {:?}", broker.origin()));
    let mut workstation = desk.start(plan, provider).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    let person = workstation.first_person()?;
    let (login, _page) = workstation
        .login_by_tool(async |address| {
            Ok(cardea_simulator::browser::sign_in(&address, &person).await?)
        })
        .await?;
    assert_eq!(login.status.code(), Some(1));
    let failure = workstation.snapshot().await?.failure;
    let failure = failure.context("no failure is shown")?;
    assert_eq!(failure.code.as_str(), "clock_wrong");
    let remedy = failure.remedy;
    assert!(remedy.contains("assertion_not_yet_valid"), "{remedy}");
    assert!(remedy.contains(" min ahead of the broker's"), "{remedy}");
    Ok(())
}

/// Asks the broker by curl: the answer with its status at the end, or what curl says against it.
pub async fn curl(broker: &Broker, route: &str, more: &[&str]) -> Result<Result<String, String>> {
    let authority = broker.files().authority().certificate();
    let asked = tokio::process::Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--max-time",
            "20",
            "--noproxy",
            "*",
        ])
        .args(["--write-out", " %{http_code}", "--cacert"])
        .arg(authority)
        .args(more)
        .arg(format!("{}{route}", broker.url()))
        .output()
        .await?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(match asked.status.success() {
        true => Ok(text(asked.stdout)),
        false => Err(text(asked.stderr)),
    })
}

/// What makes curl show a certificate.
pub fn by_certificate(shown: &Certified) -> [String; 4] {
    let path = |path: &Path| path.to_string_lossy().into_owned();
    [
        "--cert".to_owned(),
        path(&shown.certificate),
        "--key".to_owned(),
        path(&shown.key),
    ]
}

#[tokio::test]
async fn a_certificate_of_the_practices_own_authority_proves_a_workstation() -> Result<()> {
    let files = BrokerFiles::with_secret(SECRET).await?;
    let authority = files.authority().certificate();
    let files = files
        .setting("CARDEA_BROKER_WORKSTATIONS_PROOF", "certificate")
        .setting("CARDEA_BROKER_TLS_CLIENT_CA", authority.to_string_lossy());
    let client = SimulatedClient::with_secret(CLIENT_ID, SECRET).on_any_port("/callback");
    let provider = Simulated::start(ProviderSettings::with_client(client)).await?;
    let post = "client_secret_post";
    let broker = files
        .start(provider.issuer(), CLIENT_ID, post, 27_134)
        .await?;

    let exchange = "/v1/exchange";
    let form = "code=unknown&code_verifier=v&redirect_uri=http://localhost:28117/callback";
    let data = ["--data", form];
    let without = curl(&broker, exchange, &data)
        .await?
        .map_err(anyhow::Error::msg)?;
    assert!(without.contains("certificate_missing"), "{without}");
    assert!(without.ends_with(" 401"), "{without}");

    let ours = broker.files().authority().client("RECEPTION").await?;
    let ours = by_certificate(&ours);
    let [a, b, c, d] = ours.each_ref().map(String::as_str);
    let with = [a, b, c, d, "--data", form];
    let with = curl(&broker, exchange, &with)
        .await?
        .map_err(anyhow::Error::msg)?;
    // The provider itself refuses the code.
    assert!(
        with.contains("\"invalid_grant\"") && with.ends_with(" 400"),
        "{with}"
    );

    let stranger = Authority::new("Stranger").await?;
    let theirs = by_certificate(&stranger.client("RECEPTION").await?);
    let [a, b, c, d] = theirs.each_ref().map(String::as_str);
    let refused = curl(&broker, exchange, &[a, b, c, d, "--data", form]).await?;
    assert!(refused.is_err(), "{refused:?}");

    let health = curl(&broker, "/health", &[]).await?;
    assert_eq!(health, Ok("{\"status\":\"ok\"} 200".to_owned()));
    let metrics = curl(&broker, "/metrics", &[])
        .await?
        .map_err(anyhow::Error::msg)?;
    for line in [
        "cardea_broker_requests_total{route=\"exchange\",result=\"400\"} 1",
        "cardea_broker_requests_total{route=\"exchange\",result=\"certificate_missing\"} 1",
        "cardea_broker_connections 1",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
    broker.stop().await.map(drop)
}
