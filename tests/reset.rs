//! `cardea reset --user`: what Cardea keeps for a user is gone, and nothing else.

use anyhow::{Context, Result, ensure};

use crate::harness::agent::Home;
use crate::harness::workstation::{Desk, Workstation, succeeded};

/// How many keys of this user there are.
async fn keys(home: &Home, more: &[&str]) -> Result<usize> {
    let list = [&["keys", "list", "--user", "--json"][..], more].concat();
    let listed = succeeded(&home.tool(&list).await)?;
    let listed: serde_json::Value = serde_json::from_str(&listed)?;
    Ok(listed.as_array().context("no list")?.len())
}

/// The secret and one key of each kind are in the keystore, or none of them.
async fn keystore_has(home: &Home, count: usize) -> Result<()> {
    assert_eq!(keys(home, &[]).await?, count);
    assert_eq!(keys(home, &["--workstation"]).await?, count);
    Ok(())
}

#[tokio::test]
async fn a_reset_removes_what_is_the_users_once_the_agent_is_gone() -> Result<()> {
    let desk = Desk::new().await?;
    desk.store_secret().await?;
    let create = ["keys", "create", "--user"];
    for more in [&["--bits", "2048"][..], &["--workstation"]] {
        succeeded(&desk.home.tool(&[&create[..], more].concat()).await)?;
    }
    let plan = desk.plan("http://127.0.0.1:9/cis2");
    let Workstation { agent, keyring, .. } = desk.start(plan, ()).await?;
    succeeded(
        &agent
            .home
            .tool(&["apps", "add", "gp", "--scope", "session:read"])
            .await,
    )?;
    let config = agent.home.runtime().with_file_name("config/cardea");
    std::fs::create_dir_all(&config)?;
    std::fs::write(config.join("user.toml"), "[desktop]\nlanguage = \"cy\"\n")?;

    // While it runs it would write everything anew.
    let refused = agent.home.tool(&["reset", "--user"]).await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    ensure!(
        said.contains("an agent of this user is running. Stop it"),
        "{said}"
    );
    ensure!(said.trim_end().lines().count() == 1, "{said}");
    keystore_has(&agent.home, 1).await?;
    ensure!(config.join("user.toml").exists());
    ensure!(
        agent.get("/v1/health", "").await?.status() == 200,
        "it goes on"
    );

    // As a crash leaves things.
    let home = agent.kill().await;
    let state = home.state().join("cardea");
    let unknown = state.join("letter.txt");
    std::fs::write(&unknown, "to whom it may concern")?;
    for left in ["apps.json", "audit.jsonl", "logs"] {
        ensure!(state.join(left).exists(), "{left}");
    }
    ensure!(home.endpoint_file().exists());
    let told = succeeded(&home.tool(&["reset", "--user"]).await)?;
    for name in ["the client secret", "the key ", "the workstation key "] {
        ensure!(told.contains(&format!("removed {name}")), "{name}: {told}");
    }
    let endpoint = home.endpoint_file().display().to_string();
    ensure!(told.contains(&format!("removed {endpoint}")), "{told}");
    ensure!(
        told.contains(&format!("stays, not Cardea's: {}", unknown.display())),
        "{told}"
    );
    keystore_has(&home, 0).await?;
    let secret = home.tool(&["secret", "remove", "--user"]).await;
    let said = String::from_utf8_lossy(&secret.stderr).into_owned();
    ensure!(said.contains("no client secret"), "{said}");
    let left: Vec<_> = std::fs::read_dir(&state)?.collect::<Result<_, _>>()?;
    ensure!(left.len() == 1 && left[0].path() == unknown, "{left:?}");
    ensure!(!config.exists() && !home.runtime().join("cardea").exists());

    let again = succeeded(&home.tool(&["reset", "--user"]).await)?;
    ensure!(
        again.contains("nothing to remove") && !again.contains("removed "),
        "{again}"
    );
    drop(keyring);
    Ok(())
}

#[tokio::test]
async fn a_keystore_that_is_silent_fails_the_reset_and_the_files_go_all_the_same() -> Result<()> {
    let desk = Desk::new().await?;
    desk.store_secret().await?;
    let config = desk.home.runtime().with_file_name("config/cardea");
    std::fs::create_dir_all(&config)?;
    std::fs::write(config.join("user.toml"), "[desktop]\n")?;
    desk.keyring.hang()?;
    let failed = desk.home.tool(&["reset", "--user"]).await;
    let said = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert_eq!(failed.status.code(), Some(1), "{said}");
    ensure!(said.contains("what is in the keystore"), "{said}");
    ensure!(!config.exists());

    desk.keyring.answer_again()?;
    let told = succeeded(&desk.home.tool(&["reset", "--user"]).await)?;
    assert_eq!(told, "removed the client secret\n");
    Ok(())
}
