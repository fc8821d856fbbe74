use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::rig::{FULL, PAGE, Rig, app, apps, bearer, settings};
use crate::{Noted, Request};

const JSON: &str = "content-type: application/json";
pub(super) const PAGE_ORIGIN: &str = "origin: https://new.example";
pub(super) const ASK: &str = r#"{"name":"New page","scopes":["session:read"]}"#;

pub(super) async fn ask(rig: &Rig, origin: Option<&str>, body: &str) -> Answer {
    let host = rig.host();
    let mut lines = vec!["POST /v1/pairings HTTP/1.1", &host, JSON];
    lines.extend(origin);
    rig.tcp().await.ask(&lines, body).await
}

/// As one of Cardea's own programs.
pub(super) async fn manage(rig: &Rig, first: &str, body: &str) -> Answer {
    let first = format!("{first} HTTP/1.1");
    let mut socket = rig.socket().await;
    socket.ask(&[&first, "host: cardea", JSON], body).await
}

pub(super) async fn claim(rig: &Rig, pairing: &Value, secret: &Value) -> Answer {
    let id = pairing["id"].as_str().unwrap();
    let first = format!("POST /v1/pairings/{id}/token HTTP/1.1");
    let body = json!({"claim_secret": secret}).to_string();
    let host = rig.host();
    let lines = [&first, host.as_str(), JSON, PAGE_ORIGIN];
    rig.tcp().await.ask(&lines, &body).await
}

pub(super) async fn approve(rig: &Rig, pairing: &Value, code: &str) -> Answer {
    let id = pairing["id"].as_str().unwrap();
    let body = json!({"code": code}).to_string();
    manage(rig, &format!("POST /v1/pairings/{id}/approve"), &body).await
}

/// A page that asked and was let in. Gives its id and its token.
async fn paired(rig: &Rig) -> (String, String) {
    let pairing = ask(rig, Some(PAGE_ORIGIN), ASK).await.json();
    let code = pairing["code"].as_str().unwrap();
    assert_eq!(approve(rig, &pairing, code).await.status, 204);
    let token = claim(rig, &pairing, &pairing["claim_secret"]).await;
    assert_eq!(token.header("cache-control"), Some("no-store"));
    let token = token.json();
    let text = |name: &str| token[name].as_str().unwrap().to_owned();
    (text("app"), text("token"))
}

/// The session as the page at `origin` sees it by `token`.
async fn session(rig: &Rig, origin: Option<&str>, token: &str) -> Answer {
    let (host, bearer) = (rig.host(), bearer(token));
    let mut lines = vec!["GET /v1/session HTTP/1.1", &host, &bearer];
    lines.extend(origin);
    rig.tcp().await.ask(&lines, "").await
}

fn noted(rig: &mut Rig) -> Noted {
    match rig.requests.try_recv() {
        Ok(Request::Noted(noted)) => noted,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_page_asks_the_user_answers_and_the_page_is_a_program() {
    let mut rig = Rig::start();
    let asked = ask(&rig, Some(PAGE_ORIGIN), ASK).await;
    assert_eq!(asked.status, 201);
    let allowed = asked.header("access-control-allow-origin");
    assert_eq!(allowed, Some("https://new.example"));
    let pairing = asked.json();
    let waits = claim(&rig, &pairing, &pairing["claim_secret"]).await;
    assert_eq!(
        (waits.status, waits.header("retry-after")),
        (202, Some("2"))
    );

    let listed = manage(&rig, "GET /v1/pairings", "").await.json();
    let listed = &listed["pairings"][0];
    assert_eq!(listed["id"], pairing["id"]);
    assert_eq!(listed["from"], json!({"origin": "https://new.example"}));
    assert_eq!(listed["name"], "New page");
    let shown = listed.to_string();
    for secret in ["code", "claim_secret"] {
        let secret = pairing[secret].as_str().unwrap();
        assert!(!shown.contains(secret), "{shown}");
    }

    let code = pairing["code"].as_str().unwrap();
    assert_eq!(approve(&rig, &pairing, code).await.status, 204);
    let token = claim(&rig, &pairing, &pairing["claim_secret"]).await.json();
    let app = token["app"].as_str().unwrap().to_owned();
    let token = token["token"].as_str().unwrap().to_owned();
    assert_eq!(session(&rig, Some(PAGE_ORIGIN), &token).await.status, 200);
    for elsewhere in [None, Some("origin: https://other.example")] {
        let refused = session(&rig, elsewhere, &token).await;
        assert_eq!(refused.status, 403);
    }
    assert_eq!(noted(&mut rig), Noted::Pairing(app.clone()));
    assert_eq!(noted(&mut rig), Noted::Grant(app));
}

#[tokio::test]
async fn a_token_that_is_fetched_twice_is_taken_back() {
    let mut rig = Rig::start();
    let pairing = ask(&rig, Some(PAGE_ORIGIN), ASK).await.json();
    let secret = &pairing["claim_secret"];
    let wrong = claim(&rig, &pairing, &json!("x")).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (404, "not_found"));
    approve(&rig, &pairing, pairing["code"].as_str().unwrap()).await;
    let first = claim(&rig, &pairing, secret).await.json();
    let token = first["token"].as_str().unwrap();
    let mut stream = {
        let (host, bearer) = (rig.host(), bearer(token));
        let lines = ["GET /v1/events HTTP/1.1", &host, &bearer, PAGE_ORIGIN];
        rig.tcp().await.stream(&lines).await
    };
    assert_eq!(stream.next().await.unwrap().event, "snapshot");
    let again = claim(&rig, &pairing, secret).await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (410, "pairing_expired")
    );
    assert!(stream.next().await.is_none());
    let refused = session(&rig, Some(PAGE_ORIGIN), token).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (401, "token_revoked")
    );
    noted(&mut rig);
    noted(&mut rig);
    let app = first["app"].as_str().unwrap().to_owned();
    assert_eq!(noted(&mut rig), Noted::Revocation(app));
}

#[tokio::test]
async fn a_program_that_is_no_page_is_shown_by_the_file_it_runs() {
    let rig = Rig::start();
    let asked = ask(&rig, None, ASK).await;
    assert_eq!(asked.status, 201);
    let listed = manage(&rig, "GET /v1/pairings", "").await.json();
    let this = std::env::current_exe().unwrap();
    assert_eq!(
        listed["pairings"][0]["from"]["program"],
        this.to_str().unwrap()
    );
    let pairing = asked.json();
    let decline = format!(
        "POST /v1/pairings/{}/decline",
        pairing["id"].as_str().unwrap()
    );
    assert_eq!(manage(&rig, &decline, "{}").await.status, 204);
    let declined = claim(&rig, &pairing, &pairing["claim_secret"]).await;
    assert_eq!(
        (declined.status, declined.code().as_str()),
        (403, "pairing_declined")
    );
}

#[tokio::test]
async fn only_secure_pages_may_ask_and_only_while_pairing_is_on() {
    let rig = Rig::start();
    for origin in [
        "origin: http://new.example",
        "origin: https://new.example/",
        "origin: null",
        "origin: file://",
        "origin: chrome-extension://abcdefgh",
    ] {
        let refused = ask(&rig, Some(origin), ASK).await;
        assert_eq!(
            (refused.status, refused.body.as_str()),
            (403, ""),
            "{origin}"
        );
        assert_eq!(refused.header("access-control-allow-origin"), None);
    }
    let host = rig.host();
    let preflight = |method: &str| {
        let (method, host) = (
            format!("access-control-request-method: {method}"),
            host.clone(),
        );
        async move {
            let lines = ["OPTIONS /v1/pairings HTTP/1.1", &host, PAGE_ORIGIN, &method];
            rig_tcp(&host).await.ask(&lines, "").await.status
        }
    };
    assert_eq!(preflight("POST").await, 204);
    // What only Cardea's own programs may ask is nothing to a page.
    assert_eq!(preflight("GET").await, 403);

    rig.apps.follow(&crate::Settings {
        pairing: false,
        ..settings(apps())
    });
    assert_eq!(preflight("POST").await, 403);
    let page = ask(&rig, Some(PAGE_ORIGIN), ASK).await;
    assert_eq!((page.status, page.body.as_str()), (403, ""));
    let program = ask(&rig, None, ASK).await;
    assert_eq!(
        (program.status, program.code().as_str()),
        (403, "pairing_off")
    );
}

async fn rig_tcp(host: &str) -> Client {
    let address = host.trim_start_matches("host: ");
    Client::new(tokio::net::TcpStream::connect(address).await.unwrap())
}

#[tokio::test]
async fn pairing_switched_off_ends_what_waits() {
    let rig = Rig::start();
    let pairing = ask(&rig, None, ASK).await.json();
    rig.apps.follow(&crate::Settings {
        pairing: false,
        ..settings(apps())
    });
    let late = approve(&rig, &pairing, pairing["code"].as_str().unwrap()).await;
    assert_eq!(
        (late.status, late.code().as_str()),
        (410, "pairing_expired")
    );
}

#[tokio::test]
async fn what_a_program_wants_must_be_something_that_can_be_given() {
    let rig = Rig::start();
    for body in [
        r#"{"name":"x","scopes":["tokens:read"]}"#,
        r#"{"name":"x","scopes":["session:read","tokens:read"]}"#,
        r#"{"name":"x","scopes":[]}"#,
        r#"{"name":"x","scopes":["everything"]}"#,
        r#"{"name":"","scopes":["session:read"]}"#,
        "{\"name\":\"\u{202e}aedraC\",\"scopes\":[\"session:read\"]}",
        r#"{"name":"x","scopes":["session:read"],"origin":"https://bank.example"}"#,
        r#"{"scopes":["session:read"]}"#,
    ] {
        let refused = ask(&rig, None, body).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "bad_request"),
            "{body}"
        );
    }
    let form = {
        let host = rig.host();
        let lines = [
            "POST /v1/pairings HTTP/1.1",
            &host,
            "content-type: text/plain",
        ];
        rig.tcp().await.ask(&lines, ASK).await
    };
    assert_eq!(form.status, 415);
    assert_eq!(
        manage(&rig, "GET /v1/pairings", "").await.json()["pairings"],
        json!([])
    );
}

#[tokio::test]
async fn a_flood_of_pairings_is_a_429_and_programs_that_are_in_do_not_feel_it() {
    let rig = Rig::start();
    for page in ["a", "b", "c"] {
        let origin = format!("origin: https://{page}.example");
        assert_eq!(ask(&rig, Some(&origin), ASK).await.status, 201);
        let again = ask(&rig, Some(&origin), ASK).await;
        assert_eq!((again.status, again.code().as_str()), (429, "rate_limited"));
        assert!(again.header("retry-after").is_some());
    }
    for number in 0..50 {
        let origin = format!("origin: https://{number}.example");
        let busy = ask(&rig, Some(&origin), ASK).await;
        assert_eq!((busy.status, busy.code().as_str()), (429, "pairing_busy"));
    }
    assert_eq!(session(&rig, None, FULL).await.status, 200);
    let waiting = manage(&rig, "GET /v1/pairings", "").await.json();
    assert_eq!(waiting["pairings"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn programs_are_added_listed_and_revoked_by_hand() {
    let mut rig = Rig::start();
    let new = r#"{"id":"dictation","name":"Dictation","scopes":["session:read","identity:read"]}"#;
    let added = manage(&rig, "POST /v1/apps", new).await;
    assert_eq!(added.status, 201);
    let added = added.json();
    let token = added["token"].as_str().unwrap();
    assert_eq!(session(&rig, None, token).await.status, 200);
    let taken = manage(&rig, "POST /v1/apps", new).await;
    assert_eq!((taken.status, taken.code().as_str()), (409, "app_exists"));
    let taken = manage(
        &rig,
        "POST /v1/apps",
        r#"{"id":"full","scopes":["session:read"]}"#,
    )
    .await;
    assert_eq!(taken.code(), "app_exists");

    let listed = manage(&rig, "GET /v1/apps", "").await;
    assert!(!listed.body.contains(token) && !listed.body.contains("sha256"));
    let listed = listed.json();
    let find = |id: &str| {
        let apps = listed["apps"].as_array().unwrap().iter();
        apps.clone().find(|app| app["id"] == id).unwrap().clone()
    };
    let dictation = find("dictation");
    assert_eq!(dictation["source"], "added");
    assert!(dictation["added_at"].is_string() && dictation["last_used_at"].is_string());
    assert!(find("page").get("last_used_at").is_none());

    let managed = manage(&rig, "DELETE /v1/apps?id=full", "").await;
    assert_eq!(
        (managed.status, managed.code().as_str()),
        (409, "app_managed")
    );
    let unknown = manage(&rig, "DELETE /v1/apps?id=nobody", "").await;
    assert_eq!(unknown.status, 404);
    let mut stream = rig.stream(token, None).await;
    assert_eq!(stream.next().await.unwrap().event, "snapshot");
    assert_eq!(
        manage(&rig, "DELETE /v1/apps?id=dictation", "")
            .await
            .status,
        204
    );
    assert!(stream.next().await.is_none());
    assert_eq!(session(&rig, None, token).await.code(), "token_revoked");
    assert_eq!(noted(&mut rig), Noted::Grant("dictation".to_owned()));
    assert_eq!(noted(&mut rig), Noted::Revocation("dictation".to_owned()));
}

#[tokio::test]
async fn what_is_added_by_hand_must_be_right() {
    let rig = Rig::start();
    for body in [
        r#"{"id":"a b","scopes":["session:read"]}"#,
        r#"{"id":"a","scopes":["tokens:read"]}"#,
        r#"{"id":"a","scopes":["session:read"],"origins":["clinic.example"]}"#,
        r#"{"id":"a","scopes":["session:read"],"origins":["https://clinic.example/"]}"#,
        r#"{"id":"a","scopes":["session:read"],"token":"mine"}"#,
    ] {
        let refused = manage(&rig, "POST /v1/apps", body).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "bad_request"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_program_leaves_of_its_own_accord_but_not_against_the_settings() {
    let rig = Rig::start();
    let (_, token) = paired(&rig).await;
    let leave = async |origin: &str, token: &str| {
        let (host, bearer) = (rig.host(), bearer(token));
        let lines = ["DELETE /v1/app HTTP/1.1", &host, &bearer, origin];
        rig.tcp().await.ask(&lines, "").await
    };
    assert_eq!(leave(PAGE_ORIGIN, &token).await.status, 204);
    assert_eq!(
        session(&rig, Some(PAGE_ORIGIN), &token).await.code(),
        "token_revoked"
    );
    let page = format!("origin: {}", super::rig::ORIGIN);
    assert_eq!(leave(&page, PAGE).await.code(), "app_managed");
    assert_eq!(
        manage(&rig, "DELETE /v1/app", "").await.code(),
        "app_managed"
    );
}

#[tokio::test]
async fn a_program_of_the_settings_stands_in_front_of_one_that_was_added() {
    let rig = Rig::start();
    let new = r#"{"id":"gp","scopes":["session:read","session:control"]}"#;
    let added = manage(&rig, "POST /v1/apps", new).await.json();
    let token = added["token"].as_str().unwrap();
    let gp = "gp00000000000000000000000000000000000000000";
    let mut configured = apps();
    configured.push(app("gp", gp, &[cardea_session::Scope::SessionRead], &[]));
    rig.apps.follow(&settings(configured));
    assert_eq!(session(&rig, None, gp).await.status, 200);
    assert_eq!(session(&rig, None, token).await.code(), "token_revoked");
    rig.apps.follow(&settings(apps()));
    assert_eq!(session(&rig, None, token).await.status, 200);
    // Shown out here, it stays as the settings say.
    let mut configured = apps();
    configured.push(app("gp", gp, &[cardea_session::Scope::SessionRead], &[]));
    rig.apps.follow(&settings(configured));
    let managed = manage(&rig, "DELETE /v1/apps?id=gp", "").await;
    assert_eq!(
        (managed.status, managed.code().as_str()),
        (409, "app_managed")
    );
    rig.apps.follow(&settings(apps()));
    assert_eq!(session(&rig, None, token).await.code(), "token_revoked");
}

#[tokio::test]
async fn programs_that_were_let_in_are_in_after_a_restart_and_when_they_last_called_is_known() {
    let mut rig = Rig::start();
    let (app, token) = paired(&rig).await;
    assert_eq!(session(&rig, Some(PAGE_ORIGIN), &token).await.status, 200);
    rig.restart().await;
    let listed = manage(&rig, "GET /v1/apps", "").await.json();
    let listed = listed["apps"].as_array().unwrap();
    let listed = listed.iter().find(|one| one["id"] == app.as_str()).unwrap();
    assert!(listed["last_used_at"].is_string(), "{listed}");
    assert_eq!(listed["origins"], json!(["https://new.example"]));
    assert_eq!(session(&rig, Some(PAGE_ORIGIN), &token).await.status, 200);
}
