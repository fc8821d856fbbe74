//! The client credential as IT handles it, and a keystore that does not answer.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use cardea_simulator::provider::{Client, Provider, ProviderSettings};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::harness::agent::Home;
use crate::harness::workstation::{CLIENT_ID, Desk, SECRET, Workstation, succeeded};

const LIMIT: Duration = Duration::from_secs(20);

/// Sees that a login fails for the keystore, and that nothing secret is on the disk instead.
async fn login_is_refused(workstation: &mut Workstation) -> Result<()> {
    let tool = workstation.agent.home.tool(&["login"]).await;
    let said = String::from_utf8_lossy(&tool.stderr).into_owned();
    assert_eq!(tool.status.code(), Some(1), "{said}");
    ensure!(said.contains("keystore_unavailable"), "{said}");
    ensure!(!workstation.agent.home.everything_written().contains(SECRET));
    Ok(())
}

#[tokio::test]
async fn a_keystore_that_is_locked_or_hangs_is_unavailable_until_it_answers() -> Result<()> {
    let (mut workstation, mut stream) = Workstation::with_a_card().await?;
    workstation.keyring.hang()?;
    login_is_refused(&mut workstation).await?;
    workstation.keyring.answer_again()?;
    workstation.sign_in_by_tool(&mut stream).await?;
    workstation.reader.remove();
    stream.until("session.ended").await?;

    workstation.keyring.lock().await?;
    login_is_refused(&mut workstation).await
}

#[tokio::test]
async fn without_a_keystore_nothing_is_kept_and_nobody_signs_in() -> Result<()> {
    let mut desk = Desk::new().await?;
    let nowhere = "unix:path=/nowhere/at/all";
    desk.home = desk.home.env("DBUS_SESSION_BUS_ADDRESS", nowhere);
    for arguments in [
        &["secret", "set", "--user"][..],
        &["keys", "create", "--user"],
    ] {
        let refused = desk.home.tool_told(arguments, SECRET).await;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{said}");
        ensure!(said.contains("keystore"), "{said}");
    }
    let plan = desk.plan("http://127.0.0.1:9/cis2");
    let workstation = desk.start(plan, ()).await?;
    let tool = workstation.agent.home.tool(&["login"]).await;
    let said = String::from_utf8_lossy(&tool.stderr).into_owned();
    ensure!(said.contains("keystore_unavailable"), "{said}");
    ensure!(!workstation.agent.home.everything_written().contains(SECRET));
    Ok(())
}

/// `cardea keys list`.
async fn listed(home: &Home) -> Result<Vec<Value>> {
    let listed = succeeded(&home.tool(&["keys", "list", "--user", "--json"]).await)?;
    Ok(serde_json::from_str(&listed)?)
}

async fn fails(home: &Home, arguments: &[&str], says: &str) -> Result<()> {
    let refused = home.tool(arguments).await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    ensure!(said.contains(says), "{says:?} is not in {said}");
    Ok(())
}

#[tokio::test]
async fn keys_are_rotated_with_the_old_one_at_hand() -> Result<()> {
    let desk = Desk::new().await?;
    let home = &desk.home;
    let mut kids = Vec::new();
    for _ in 0..2 {
        let create = ["keys", "create", "--user", "--bits", "2048"];
        kids.push(succeeded(&home.tool(&create).await)?.trim().to_owned());
    }
    let keys = listed(home).await?;
    let signs = keys.iter().find(|key| key["in_use"] == true);
    let signs = signs.context("none is in use")?["kid"]
        .as_str()
        .context("no kid")?;
    let other = kids.iter().find(|kid| *kid != signs).context("no other")?;
    let exported = succeeded(&home.tool(&["keys", "export", "--user"]).await)?;
    for kid in &kids {
        ensure!(
            exported.contains(kid.as_str()),
            "{kid} is not in {exported}"
        );
    }

    fails(
        home,
        &["keys", "remove", signs, "--user"],
        "cardea keys use KID",
    )
    .await?;
    succeeded(&home.tool(&["keys", "use", other, "--user"]).await)?;
    let keys = listed(home).await?;
    let signs_now = |key: &&Value| key["kid"] == other.as_str();
    let now = keys.iter().find(signs_now).context("it is gone")?;
    assert_eq!(now["in_use"], true, "{keys:?}");
    ensure!(now["in_use_since"].is_string(), "{keys:?}");

    succeeded(&home.tool(&["keys", "remove", signs, "--user"]).await)?;
    fails(
        home,
        &["keys", "remove", other, "--user"],
        "the one that signs",
    )
    .await?;
    succeeded(
        &home
            .tool(&["keys", "remove", other, "--user", "--in-use"])
            .await,
    )?;
    assert_eq!(listed(home).await?, [] as [Value; 0]);
    fails(home, &["keys", "use", other, "--user"], "no such key").await
}

/// The provider knows one of two keys; the agent that runs signs with the one that IT says.
#[tokio::test]
async fn the_key_that_is_to_be_used_signs_the_next_login() -> Result<()> {
    let desk = Desk::new().await?;
    let create = ["keys", "create", "--user", "--bits", "2048"];
    for _ in 0..2 {
        succeeded(&desk.home.tool(&create).await)?;
    }
    let exported = succeeded(&desk.home.tool(&["keys", "export", "--user"]).await)?;
    let mut jwks: Value = serde_json::from_str(&exported)?;
    let signs = listed(&desk.home).await?;
    let signs = signs.iter().find(|key| key["in_use"] == true);
    let signs = signs.context("none is in use")?["kid"].clone();
    let keys = jwks["keys"].as_array_mut().context("no keys")?;
    keys.retain(|key| key["kid"] != signs);
    let known = keys[0]["kid"].as_str().context("no kid")?.to_owned();

    let client = Client::with_keys(CLIENT_ID, jwks, "RS512").on_any_port("/callback");
    let provider = Provider::start(ProviderSettings::with_client(client)).await?;
    let plan = desk
        .plan(provider.issuer())
        .setting("cis2", "client_auth = \"private_key_jwt\"");
    let mut workstation = desk.start(plan, provider).await?;
    let mut stream = workstation.events().await?;
    workstation.insert(&mut stream).await?;
    let address = workstation.ask_for_login().await?;
    workstation.sign_in_at(&address).await?;
    let failed = stream.until("login.failed").await?;
    assert_eq!(failed.data["code"], "provider_rejected_client");

    let home = &workstation.agent.home;
    succeeded(&home.tool(&["keys", "use", &known, "--user"]).await)?;
    workstation.sign_in_by_tool(&mut stream).await
}

/// At a terminal (by script(1), which has one) the secret is asked for, and is not shown.
#[tokio::test]
async fn a_secret_that_is_typed_is_not_shown() -> Result<()> {
    let desk = Desk::new().await?;
    let tool = desk.home.command(&["secret", "set", "--user"]);
    let program = tool
        .as_std()
        .get_program()
        .to_str()
        .context("odd path")?
        .to_owned();
    let mut script = tokio::process::Command::new("script");
    script.env_clear();
    for (name, value) in tool.as_std().get_envs() {
        if let Some(value) = value {
            script.env(name, value);
        }
    }
    let mut terminal = script
        .args(["-qec", &format!("{program} secret set --user"), "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("script")?;
    let mut typed = terminal.stdin.take().context("no input")?;
    let mut shown = terminal.stdout.take().context("no output")?;
    let mut text = String::new();
    let dialogue = async {
        while !text.contains("not shown") {
            text.push(char::from(shown.read_u8().await?));
        }
        typed.write_all(format!("{SECRET}\n").as_bytes()).await?;
        shown.read_to_string(&mut text).await?;
        anyhow::Ok(terminal.wait().await?)
    };
    let ended = timeout(LIMIT, dialogue).await.context("not in time")??;
    ensure!(ended.success(), "{ended}: {text}");
    ensure!(!text.contains(SECRET), "it was shown: {text}");
    // It was stored: it can be removed.
    succeeded(&desk.home.tool(&["secret", "remove", "--user"]).await).map(drop)
}

/// A secret among the arguments, where every user of the computer could see it.
#[tokio::test]
async fn a_secret_is_never_an_argument() -> Result<()> {
    let refused = Home::new().tool(&["secret", "set", SECRET]).await;
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    Ok(())
}
