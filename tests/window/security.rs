//! What the page is never told, and what it cannot do.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use cardea_simulator::browser::{self, SignIn};
use cardea_simulator::provider::{Client, Provider, ProviderSettings};
use serde_json::{Value, json};
use url::Url;

use super::at_work::opened;
use crate::harness::desktop::place::{Place, SIGN_IN};
use crate::harness::desktop::{Aids, Page, Seat};
use crate::harness::workstation::{CLIENT_ID, Desk, NHS_CARD, SECRET, Workstation};

/// Keeps everything that comes to the page from now on. Answers come by `fetch`; events and what
/// channels say come as calls of registered functions, whose register is open to be looked into.
const LISTEN_IN: &str = "
    window.heard = [];
    const fetched = window.fetch;
    window.fetch = async (...question) => {
        const answer = await fetched(...question);
        window.heard.push(question[0] + ' ' + await answer.clone().text());
        return answer;
    };
    const all = window.__TAURI_INTERNALS__.callbacks;
    const find = all.get.bind(all);
    all.get = (id) => {
        const callback = find(id);
        return callback && ((said) => {
            window.heard.push('called ' + JSON.stringify(said));
            return callback(said);
        });
    };";

/// Asks for a command as the page itself does; gives why it is refused.
const ASK: &str = "
    const [command, done] = arguments;
    window.__TAURI_INTERNALS__.invoke(command, {}).then(
        (answer) => done({answer}), (refusal) => done({refusal: String(refusal)}));";

const PIN: &str = "only-the-user-knows-this-pin";

/// A developer's workstation, with a program that may have the session's tokens.
async fn at_provider_with_pins() -> Result<Workstation> {
    let client = Client::with_secret(CLIENT_ID, SECRET).on_any_port("/callback");
    let mut settings = ProviderSettings::with_client(client);
    for person in &mut settings.people {
        person.pin = PIN.to_owned();
    }
    let provider = Provider::start(settings).await?;
    let desk = Desk::of_developer().await?;
    desk.store_secret().await?;
    let plan = desk.plan(provider.issuer());
    desk.start(plan, provider).await
}

async fn heard(page: &Page) -> Result<String> {
    let heard = page.run("return window.heard.join('\\n')", &[]).await?;
    Ok(heard.as_str().context("nothing was heard")?.to_owned())
}

/// What only this login's browser, provider and agent know.
fn of_the_attempt(address: &str) -> Result<Vec<String>> {
    let url = Url::parse(address)?;
    let secret = |name: &&str| ["state", "nonce", "code_challenge"].contains(name);
    let pairs = url.query_pairs().filter(|(name, _)| secret(&name.as_ref()));
    let values: Vec<_> = pairs.map(|(_, value)| value.into_owned()).collect();
    ensure!(values.len() == 3, "{address}");
    Ok(values)
}

/// A session with a change of role, in which a program takes the tokens and every view is looked at.
#[tokio::test]
async fn the_page_hears_no_token_code_or_secret_in_a_whole_session() -> Result<()> {
    let mut workstation = at_provider_with_pins().await?;
    let seat = Seat::with_windows(workstation.keyring.bus(), Aids::None).await?;
    let tray = seat
        .show(&workstation.agent.home, &workstation.plan())
        .await?;
    let (window, page) = tray.open("Open Cardea").await?;
    page.press("Continue").await?;
    page.shows("No card is in the reader").await?;
    page.run(LISTEN_IN, &[]).await?;

    workstation.reader.insert(NHS_CARD);
    let partner = workstation.provider.people()[1].clone();
    let mut secrets = Vec::new();
    for (button, role, shown) in [
        (SIGN_IN, 0, "Clinical Practitioner Access Role"),
        ("Change role", 1, "Privacy Officer"),
    ] {
        page.press(button).await?;
        let address = workstation.pages.next().await?;
        secrets.extend(of_the_attempt(&address)?);
        let who = SignIn {
            role: Some(partner.roles[role].id.clone()),
            ..SignIn::of(&partner)
        };
        let callback = browser::sign_in_without_return(&address, &who).await?;
        let code = Url::parse(&callback)?;
        let code = code.query_pairs().find(|(name, _)| name == "code");
        secrets.push(code.context("no code")?.1.into_owned());
        browser::open(&callback).await?;
        page.shows(shown).await?;
    }
    let released = workstation.get("/v1/session/tokens").await?;
    ensure!(released.status() == 200, "{released:?}");
    for (view, shown) in [
        ("programs", "1 time, last"),
        ("readers", "The session ends when this card leaves"),
        ("activity", "took the ID token"),
        ("computer", "All settings"),
        ("about", "Licence"),
        ("now", "Privacy Officer"),
    ] {
        page.go_to(view).await?;
        page.shows(shown).await?;
    }
    page.go_to("computer").await?;
    page.press("Run the checks").await?;
    page.shows("Checks done:").await?;
    workstation.reader.remove();
    page.says("Signed out. The card was taken out.").await?;

    let heard = heard(&page).await?;
    secrets.extend(workstation.secrets());
    secrets.push(PIN.to_owned());
    ensure!(
        secrets.len() >= 14 && secrets.contains(&SECRET.to_owned()),
        "{secrets:?}"
    );
    for secret in &secrets {
        ensure!(!heard.contains(secret), "{secret} in {heard}");
    }
    // What is looked for is looked for where the rest is.
    for told in [
        &partner.family_name,
        "token_release",
        "check.finished",
        "\"payload\":{\"number\"",
    ] {
        ensure!(heard.contains(told), "{told} is not in {heard}");
    }
    drop(page);
    let mut looked_for: Vec<&str> = secrets.iter().map(String::as_str).collect();
    looked_for.push(&partner.family_name);
    let held = window.holds(&looked_for)?;
    assert_eq!(held, BTreeSet::from([partner.family_name]));
    Ok(())
}

#[tokio::test]
async fn the_page_may_ask_for_nothing_but_what_it_shows() -> Result<()> {
    let place = Place::with_windows(Aids::None).await?;
    let (_window, page) = opened(&place, "Open Cardea").await?;
    for command in [
        "plugin:window|close",
        "plugin:webview|create_webview_window",
        "plugin:path|resolve_directory",
        "plugin:app|version",
        "plugin:event|emit",
        "plugin:resources|close",
        "no_such_command",
    ] {
        let answer = page.wait(ASK, &[json!(command)]).await?;
        ensure!(answer["refusal"].is_string(), "{command}: {answer}");
    }
    let allowed = page.wait(ASK, &[json!("about")]).await?;
    ensure!(allowed["answer"]["version"].is_string(), "{allowed}");
    Ok(())
}

#[tokio::test]
async fn the_page_stays_and_nothing_else_is_opened_or_run() -> Result<()> {
    let place = Place::with_windows(Aids::None).await?;
    let (_window, page) = opened(&place, "Open Cardea").await?;
    let home = page.run("return location.href", &[]).await?;
    ensure!(
        home.as_str()
            .is_some_and(|home| home.starts_with("tauri://localhost")),
        "{home}"
    );
    let elsewhere = place.provider.issuer();

    // Navigating starts after the script; it is over once a later navigation of ours is.
    for away in [
        "location.href = arguments[0]",
        "location.assign('data:text/html,<h1>elsewhere</h1>')",
        "const link = document.createElement('a'); link.href = arguments[0]; \
         document.body.append(link); link.click(); link.remove()",
        "const form = document.createElement('form'); form.action = arguments[0]; \
         document.body.append(form); form.submit(); form.remove()",
    ] {
        page.run(away, &[json!(elsewhere)]).await?;
        page.go_to("about").await?;
        page.is_at("About").await?;
        page.go_to("now").await?;
        page.is_at("Now").await?;
        let here = page.run("return location.origin", &[]).await?;
        assert_eq!(here, "tauri://localhost", "{away}");
    }

    let opened = page
        .run(
            "return window.open(arguments[0]) === null",
            &[json!(elsewhere)],
        )
        .await?;
    assert_eq!(opened, true);
    for (what, script) in [
        (
            "eval",
            "try { eval('1'); return 'run' } catch (error) { return error.name }",
        ),
        (
            "Function",
            "try { new Function('1'); return 'run' } catch (error) { return error.name }",
        ),
    ] {
        assert_eq!(page.run(script, &[]).await?, "EvalError", "{what}");
    }
    let blocked = page.wait(INLINE, &[json!(elsewhere)]).await?;
    assert_eq!(
        blocked,
        json!(["script-src-elem", "img-src", "connect-src", "frame-src"])
    );
    let ran = page.run("return typeof window.ran", &[]).await?;
    assert_eq!(ran, Value::from("undefined"));
    Ok(())
}

/// Tries what the Content-Security-Policy refuses; gives by which rule each was.
const INLINE: &str = "
    const [elsewhere, done] = arguments;
    const rules = [];
    document.addEventListener('securitypolicyviolation', ({effectiveDirective}) => {
        rules.push(effectiveDirective);
        if (rules.length === tries.length) done(rules);
        else tries[rules.length]();
    });
    const put = (name, properties) =>
        document.body.append(Object.assign(document.createElement(name), properties));
    const tries = [
        () => put('script', {textContent: 'window.ran = true'}),
        () => put('img', {src: elsewhere}),
        () => void fetch(elsewhere).catch(() => undefined),
        () => put('iframe', {src: elsewhere}),
    ];
    tries[0]();";
