//! The TypeScript client in Node, at the real agent.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use crate::harness::node::{NodeProgram, Output};
use crate::harness::squatter::{Says, Squatter};
use crate::harness::workstation::{Workstation, succeeded};

/// So long without being called, and a program has slept.
const STALL: Duration = Duration::from_secs(5);

/// A program in Node.
struct Program {
    node: NodeProgram,
    output: Output,
}

impl Program {
    /// Finds the agent by its endpoint file.
    async fn start(workstation: &Workstation) -> Result<Self> {
        let file = workstation.agent.home.endpoint_file();
        Self::with(workstation, json!({"endpointFile": file})).await
    }

    async fn with(workstation: &Workstation, mut options: Value) -> Result<Self> {
        let (mut node, output) = NodeProgram::start("program.mjs")?;
        options["app"] = json!(workstation.app.id);
        options["token"] = json!(workstation.app.token);
        if options.get("environment").is_none() {
            options["environment"] = json!("custom");
        }
        node.say(&options).await?;
        Ok(Self { node, output })
    }

    async fn next(&mut self) -> Result<Value> {
        self.output.next_soon(&self.node).await
    }

    async fn call(&mut self, method: &str, with: Value) -> Result<Value> {
        self.node
            .say(&json!({"call": method, "with": with}))
            .await?;
        self.next().await
    }

    async fn watch(&mut self) -> Result<()> {
        self.node.say(&json!({"watch": true})).await?;
        ensure!(self.next().await?["view"] == "checking");
        Ok(())
    }
}

#[tokio::test]
async fn a_program_in_node_knows_who_is_signed_in_and_when_the_card_leaves() -> Result<()> {
    let (workstation, _stream) = Workstation::signed_in().await?;
    let mut program = Program::start(&workstation).await?;
    program.watch().await?;
    let signed_in = program.next().await?;
    let session = workstation
        .snapshot()
        .await?
        .session
        .context("no session")?;
    assert_eq!(
        signed_in,
        json!({"view": "signedIn", "session": session.id})
    );
    workstation.reader.remove();
    assert_eq!(
        program.next().await?,
        json!({"view": "signedOut", "reason": "card_removed"})
    );
    Ok(())
}

#[tokio::test]
async fn a_program_in_live_use_takes_nobodys_word_but_that_of_live() -> Result<()> {
    let (workstation, _stream) = Workstation::signed_in().await?;
    let file = workstation.agent.home.endpoint_file();
    let options = json!({"endpointFile": file, "environment": "live"});
    let mut program = Program::with(&workstation, options).await?;
    program.watch().await?;
    let refused = json!({"view": "signedOut", "reason": "other_environment"});
    assert_eq!(program.next().await?, refused);
    Ok(())
}

#[tokio::test]
async fn a_program_that_was_stopped_when_the_card_left_checks_before_anything_else() -> Result<()> {
    let (workstation, mut stream) = Workstation::signed_in().await?;
    let mut program = Program::start(&workstation).await?;
    program.watch().await?;
    ensure!(program.next().await?["view"] == "signedIn");

    for leaves in [false, true] {
        program.node.stop()?;
        let stopped = Instant::now();
        if leaves {
            workstation.reader.remove();
            stream.until("session.ended").await?;
        }
        // What is waited for is that the program has stood still for long enough to know it.
        sleep_until(stopped + STALL + Duration::from_secs(2)).await;
        program.node.go_on()?;
        assert_eq!(program.next().await?, json!({"view": "checking"}));
        let then = program.next().await?;
        match leaves {
            false => assert_eq!(then["view"], "signedIn"),
            true => assert_eq!(then, json!({"view": "signedOut", "reason": "card_removed"})),
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_agents_end_signs_a_program_in_node_out() -> Result<()> {
    let (workstation, _stream) = Workstation::signed_in().await?;
    let mut program = Program::start(&workstation).await?;
    program.watch().await?;
    ensure!(program.next().await?["view"] == "signedIn");
    let _home = workstation.agent.kill().await;
    assert_eq!(
        program.next().await?,
        json!({"view": "signedOut", "reason": "agent_lost"})
    );
    Ok(())
}

#[tokio::test]
async fn the_calls_of_the_typescript_client_are_the_agents() -> Result<()> {
    let (workstation, _stream) = Workstation::signed_in().await?;
    let mut program = Program::start(&workstation).await?;
    let info = program.call("info", json!([])).await?;
    assert_eq!(info["value"]["id"], workstation.app.id);
    let now = program.call("session", json!([])).await?;
    let (snapshot, tag) = (&now["value"]["snapshot"], &now["value"]["tag"]);
    assert_eq!(snapshot["state"], "active");
    for wait in [0, 1] {
        let unchanged = program.call("sessionChange", json!([tag, wait])).await?;
        assert_eq!(unchanged, json!({"value": null}));
    }
    for (call, with, answer) in [
        ("activity", json!([]), json!({"value": null})),
        ("tokens", json!([]), json!({"error": "scope_missing"})),
        ("login", json!([]), json!({"error": "already_signed_in"})),
        (
            "logout",
            json!(["another"]),
            json!({"error": "session_mismatch"}),
        ),
        (
            "logout",
            json!([snapshot["session"]["id"]]),
            json!({"value": null}),
        ),
    ] {
        assert_eq!(program.call(call, with).await?, answer, "{call}");
    }
    let changed = program.call("sessionChange", json!([tag, 25])).await?;
    let after = &changed["value"]["snapshot"];
    assert_eq!(after["last_end"]["reason"], "app_logout", "{changed}");
    Ok(())
}

#[tokio::test]
async fn a_program_in_node_is_let_in_by_its_code_and_leaves_by_itself() -> Result<()> {
    let workstation = Workstation::start().await?;
    let home = &workstation.agent.home;
    let (mut node, mut output) = NodeProgram::start("program.mjs")?;
    let wanted = json!({
        "name": "Records", "scopes": ["session:read"],
        "endpointFile": home.endpoint_file(),
    });
    node.say(&json!({"pair": wanted})).await?;
    let asked = output.next_soon(&node).await?;
    let code = asked["code"].as_str().context("no code")?;
    succeeded(&home.tool(&["apps", "approve", code]).await)?;
    let paired = output.next_soon(&node).await?;
    let mut program = Program { node, output };
    let info = program.call("info", json!([])).await?;
    assert_eq!(info["value"]["id"], paired["paired"], "{paired}");
    assert_eq!(
        program.call("unpair", json!([])).await?,
        json!({"value": null})
    );
    let gone = program.call("session", json!([])).await?;
    assert_eq!(gone, json!({"error": "not_proven"}));
    Ok(())
}

#[tokio::test]
async fn a_squatter_never_gets_the_token_not_even_one_that_asks_the_agent() -> Result<()> {
    let workstation = Workstation::start().await?;
    let agent = workstation.agent.url.strip_prefix("http://");
    let agent = agent.context("not http")?.to_owned();
    let made_up = json!({
        "status": "ok", "boot": "x", "proof": "bDmxhUNLipq55BvqZI_SfCqBHHWS56yEo6ACjl_r2Hw",
    });
    for says in [Says::MadeUp(made_up), Says::WhatTheAgentSays(agent)] {
        let squatter = Squatter::at(0, says).await?;
        let options = json!({"url": squatter.url});
        let mut program = Program::with(&workstation, options).await?;
        let refused = program.call("session", json!([])).await?;
        assert_eq!(refused, json!({"error": "not_proven"}));
        program.watch().await?;
        assert_eq!(program.next().await?["view"], "signedOut");
        let heard = squatter.heard();
        assert!(heard.contains("GET /v1/health?app=emis&nonce="), "{heard}");
        assert!(!heard.contains(&workstation.app.token), "{heard}");
        assert!(!heard.to_lowercase().contains("authorization"), "{heard}");
    }
    Ok(())
}
