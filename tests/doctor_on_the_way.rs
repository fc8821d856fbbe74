//! `cardea doctor` on the way to CIS2 and the broker: each step is made to fail for its own reason.

use std::net::TcpListener;

use anyhow::{Result, ensure};
use serde_json::json;
use tokio_util::task::AbortOnDropHandle;

use crate::harness::agent::Home;
use crate::harness::broker::BrokerFiles;
use crate::harness::doctor::Examined;
use crate::harness::serving;
use crate::harness::tls::{Authority, TlsFront};
use crate::harness::workstation::{CLIENT_ID, Desk, brokered, simulated, succeeded};

/// Settings for a provider with this issuer.
fn settle(home: &Home, issuer: &str, more: &str) -> Result<()> {
    let text = format!(
        "[cis2]\nenvironment = \"custom\"\nissuer = {issuer:?}\nclient_id = {CLIENT_ID:?}\n\
         client_auth = \"client_secret_post\"\n{more}\n"
    );
    Ok(std::fs::write(home.config(), text)?)
}

/// Somebody on a port of 127.0.0.1 who answers everything so.
async fn answering(answer: impl Into<String>) -> Result<(u16, AbortOnDropHandle<()>)> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    Ok((port, serving::answering(listener, answer.into())))
}

#[tokio::test]
async fn a_name_that_is_none_and_a_port_that_nobody_has_are_told_apart() -> Result<()> {
    let home = Home::new();
    settle(&home, "https://cis2.invalid/op", "")?;
    let examined = Examined::of(&home).await?;
    examined.warns("cis2_name", "failure", "provider_unreachable", "DNS")?;
    for skipped in [
        "cis2_connection",
        "cis2_certificate",
        "cis2_discovery",
        "clock",
    ] {
        examined.is(skipped, "skipped")?;
    }

    let closed = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    settle(&home, &format!("https://127.0.0.1:{closed}/op"), "")?;
    let examined = Examined::of(&home).await?;
    examined.warns(
        "cis2_connection",
        "failure",
        "the connection is refused",
        "firewall",
    )?;
    examined.is("cis2_certificate", "skipped")?;
    Ok(())
}

#[tokio::test]
async fn a_proxy_that_asks_who_is_there_is_named_as_what_stands_in_the_way() -> Result<()> {
    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                   Proxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n";
    let (port, _proxy) = answering(refusal).await?;
    let home = Home::new().env(
        "HTTPS_PROXY",
        format!("http://anne:secret@127.0.0.1:{port}"),
    );
    settle(&home, "https://cis2.example/op", "")?;
    let examined = Examined::of(&home).await?;
    let proxy = examined.is("cis2_proxy", "ok")?;
    ensure!(
        proxy["summary"]
            .to_string()
            .contains(&format!("127.0.0.1:{port}")),
        "{proxy}"
    );
    examined.is("cis2_name", "skipped")?;
    examined.warns("cis2_connection", "failure", "asks who is there", "NTLM")?;
    let all = examined.report.to_string();
    ensure!(!all.contains("anne") && !all.contains("secret@"), "{all}");

    // Part of a password that is not encoded would stand where the host does.
    let home = home.env("HTTPS_PROXY", "http://anne:hun@ter2/x@127.0.0.1:9");
    let examined = Examined::of(&home).await?;
    examined.warns("cis2_proxy", "warning", "HTTPS_PROXY", "percent-encoded")?;
    let all = examined.report.to_string();
    ensure!(!all.contains("ter2") && !all.contains("hun"), "{all}");

    // One of a kind that is not looked into may well work.
    let home = home.env("HTTPS_PROXY", "socks5://127.0.0.1:9");
    let examined = Examined::of(&home).await?;
    examined.warns("cis2_connection", "warning", "not examined", "Sign in once")?;
    ensure!(examined.check("cis2_discovery")?["outcome"] != "skipped");

    let (port, _no_proxy) = answering("220 mail.example\r\n\r\n").await?;
    let home = home.env("HTTPS_PROXY", format!("http://127.0.0.1:{port}"));
    let examined = Examined::of(&home).await?;
    examined.warns(
        "cis2_connection",
        "failure",
        "is no proxy",
        "address of the proxy",
    )?;
    Ok(())
}

#[tokio::test]
async fn whose_certificate_it_is_is_said_and_an_inspecting_product_is_named() -> Result<()> {
    let inspector = Authority::new("Zscaler-Intermediate").await?;
    let front = TlsFront::start(&inspector).await?;
    let provider = simulated::provider(Some(front.origin())).await?;
    front.connect_to(provider.port());
    let home = Home::new();
    settle(&home, provider.issuer(), "")?;
    let examined = Examined::of(&home).await?;
    examined.warns(
        "cis2_certificate",
        "failure",
        "does not trust who issued",
        "exempt the host",
    )?;
    ensure!(
        examined
            .check("cis2_certificate")?
            .to_string()
            .contains("Zscaler reads")
    );
    examined.is("cis2_discovery", "skipped")?;

    let home = home.env("SSL_CERT_FILE", inspector.certificate().to_string_lossy());
    let examined = Examined::of(&home).await?;
    examined.warns(
        "cis2_certificate",
        "warning",
        "read on the way by Zscaler",
        "exempt",
    )?;
    examined.is("cis2_discovery", "ok")?;
    examined.is("clock", "ok")?;

    let ours = Authority::new("Surgery").await?;
    let front = TlsFront::start(&ours).await?;
    let provider = simulated::provider(Some(front.origin())).await?;
    front.connect_to(provider.port());
    settle(&home, provider.issuer(), "")?;
    let home = home.env("SSL_CERT_FILE", ours.certificate().to_string_lossy());
    let examined = Examined::of(&home).await?;
    let shown = examined.is("cis2_certificate", "ok")?;
    ensure!(
        shown["summary"]
            .to_string()
            .contains("issued by Surgery, good until"),
        "{shown}"
    );
    Ok(())
}

#[tokio::test]
async fn what_does_not_speak_tls_is_said_to() -> Result<()> {
    let (port, _server) = answering("220 mail.example\r\n").await?;
    let home = Home::new();
    settle(&home, &format!("https://localhost:{port}/op"), "")?;
    // Nobody who ends a handshake by a head of HTTP has read one.
    let examined = Examined::of(&home).await?;
    let certificate = examined.is("cis2_certificate", "failure")?;
    assert_eq!(certificate["code"], "provider_unreachable");
    ensure!(
        certificate["remedy"].to_string().contains("TLS 1.2"),
        "{certificate}"
    );
    Ok(())
}

#[tokio::test]
async fn a_wrong_clock_and_another_issuer_are_told_by_what_cis2_answers() -> Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let origin = format!("http://127.0.0.1:{port}");
    let document = json!({
        "issuer": format!("{origin}/op"),
        "authorization_endpoint": format!("{origin}/authorize"),
        "token_endpoint": format!("{origin}/token"),
        "userinfo_endpoint": format!("{origin}/userinfo"),
        "jwks_uri": format!("{origin}/jwks"),
    })
    .to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nDate: Thu, 09 Oct 2025 08:53:20 GMT\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{document}",
        document.len()
    );
    let _serving = serving::answering(listener, answer);
    let home = Home::new();
    settle(&home, &format!("{origin}/op"), "")?;
    let examined = Examined::of(&home).await?;
    examined.is("cis2_discovery", "ok")?;
    examined.warns("clock", "failure", "ahead of the provider", "time server")?;
    assert_eq!(examined.check("clock")?["code"], "clock_wrong");

    settle(&home, &format!("{origin}/other"), "")?;
    let examined = Examined::of(&home).await?;
    examined.warns(
        "cis2_discovery",
        "failure",
        "not byte for byte",
        "environment and issuer",
    )?;
    // The answer says what time it is all the same.
    examined.warns("clock", "failure", "clock_wrong", "time server")?;
    Ok(())
}

#[tokio::test]
async fn what_cis2_offers_is_compared_with_the_settings_when_asked_for() -> Result<()> {
    let provider = simulated::provider(None).await?;
    let home = Home::new();
    settle(&home, provider.issuer(), "")?;
    let examined = Examined::of(&home).await?;
    examined.is("cis2_document", "skipped")?;
    let examined = Examined::by(&home, &["--cis2"]).await?;
    examined.is("cis2_document", "ok")?;
    settle(
        &home,
        provider.issuer(),
        "scopes = [\"openid\", \"everything\"]",
    )?;
    let examined = Examined::by(&home, &["--cis2"]).await?;
    examined.warns(
        "cis2_document",
        "warning",
        "not offered: everything",
        "[cis2] scopes",
    )?;
    Ok(())
}

#[tokio::test]
async fn a_credential_that_is_missing_and_a_keystore_that_is_not_there_are_told_apart() -> Result<()>
{
    let desk = Desk::new().await?;
    settle(&desk.home, "http://127.0.0.1:9/op", "")?;
    let examined = Examined::of(&desk.home).await?;
    examined.warns(
        "client_credential",
        "failure",
        "client_credential_missing",
        "secret set",
    )?;
    desk.store_secret().await?;
    let examined = Examined::of(&desk.home).await?;
    examined.is("client_credential", "ok")?;

    let key = "client_auth = \"private_key_jwt\"\nassertion_alg = \"ES256\"";
    let settings = std::fs::read_to_string(desk.home.config())?;
    std::fs::write(
        desk.home.config(),
        settings.replace("client_auth = \"client_secret_post\"", key),
    )?;
    let examined = Examined::of(&desk.home).await?;
    examined.warns(
        "client_credential",
        "failure",
        "client_credential_missing",
        "keys create",
    )?;
    std::fs::write(
        desk.home.config(),
        settings.replace("client_secret_post", "private_key_jwt"),
    )?;
    succeeded(
        &desk
            .home
            .tool(&["keys", "create", "--user", "--bits", "2048"])
            .await,
    )?;
    let examined = Examined::of(&desk.home).await?;
    let key = examined.is("client_credential", "ok")?;
    ensure!(
        key["summary"].to_string().contains("has just signed"),
        "{key}"
    );

    let without = Home::new().env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    settle(&without, "http://127.0.0.1:9/op", "")?;
    let examined = Examined::of(&without).await?;
    examined.warns(
        "client_credential",
        "failure",
        "keystore_unavailable",
        "start it",
    )?;
    Ok(())
}

#[tokio::test]
async fn a_broker_that_knows_this_computer_does_not_or_is_away_is_told_apart() -> Result<()> {
    let files = BrokerFiles::with_secret().await?;
    let (desk, kid) = brokered::desk(&files).await?;
    let provider = simulated::provider(None).await?;
    let broker = files.start(provider.issuer(), 27_139).await?;
    let plain = format!(
        "[cis2]\nenvironment = \"custom\"\nissuer = {:?}\nclient_id = {CLIENT_ID:?}\n\
         client_auth = \"broker\"\nbroker_url = {:?}\n",
        provider.issuer(),
        broker.url()
    );
    std::fs::write(desk.home.config(), plain)?;
    let examined = Examined::of(&desk.home).await?;
    examined.is("client_credential", "ok")?;
    examined.warns(
        "broker",
        "failure",
        "workstation_unknown",
        "keys export --workstation",
    )?;
    assert_eq!(
        examined.check("broker")?["code"],
        "provider_rejected_client"
    );

    broker.files().approve(&[&kid])?;
    let examined = Examined::of(&desk.home).await?;
    let known = examined.is("broker", "ok")?;
    ensure!(
        known["summary"].to_string().contains("knows this computer"),
        "{known}"
    );

    broker.stop().await?;
    let examined = Examined::of(&desk.home).await?;
    examined.warns("broker", "failure", "provider_unreachable", "firewall")?;
    Ok(())
}

#[tokio::test]
async fn ports_that_others_have_on_either_family_are_named() -> Result<()> {
    let v4 = TcpListener::bind("127.0.0.1:0")?;
    let port = v4.local_addr()?.port();
    let home = Home::new();
    settle(
        &home,
        "http://127.0.0.1:9/op",
        &format!("redirect_ports = [{port}]"),
    )?;
    let examined = Examined::of(&home).await?;
    examined.warns(
        "redirect_ports",
        "failure",
        "redirect_port_busy",
        "register other ports",
    )?;
    drop(v4);
    let examined = Examined::of(&home).await?;
    examined.is("redirect_ports", "ok")?;
    let _v6 = TcpListener::bind(("::1", port))?;
    let examined = Examined::of(&home).await?;
    examined.warns(
        "redirect_ports",
        "failure",
        &format!("::1, port {port}: taken"),
        "register other ports",
    )?;
    Ok(())
}
