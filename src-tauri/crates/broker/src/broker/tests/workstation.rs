//! A workstation that asks only whether it is known.

use super::*;

const ONLY: &str = "client_id=ours";

#[tokio::test]
async fn who_is_on_the_list_is_told_so_and_the_provider_is_not_asked() {
    let desk = Desk::with(Asked::default(), &[]).await;
    for (jti, form) in [("1", ONLY), ("2", "")] {
        let (status, told, answer) = desk.post(Route::Workstation, jti, form).await;
        assert_eq!((status, &told), (200, &json!({"status": "enrolled"})));
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
    assert!(desk.asked.forms().is_empty());
    let metrics = Request::get("/metrics").body(Full::<Bytes>::default());
    let metrics = text_of(desk.broker.answer(metrics.unwrap(), None).await).await;
    let line = "cardea_broker_requests_total{route=\"workstation\",result=\"200\"} 2";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn who_is_not_on_the_list_is_told_that() {
    let desk = Desk::new().await;
    fs::write(desk.folder.path().join("approved"), "# nobody\n").unwrap();
    let (status, told, _) = desk.post(Route::Workstation, "1", ONLY).await;
    let unknown = json!("workstation_unknown");
    assert_eq!((status, &told["code"]), (403, &unknown));
}

#[tokio::test]
async fn it_is_proved_as_for_a_message() {
    let desk = Desk::new().await;
    let assertion = desk.assertion(Route::Workstation, ONLY, "1");
    let sent = desk.send(Route::Workstation, &assertion, ONLY).await;
    assert_eq!(sent.0, 200);
    let refused = async |assertion: &str, form: &str| {
        let (_, told, _) = desk.send(Route::Workstation, assertion, form).await;
        told["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(&assertion, ONLY).await, "assertion_used");
    let other_body = desk.assertion(Route::Workstation, "", "2");
    assert_eq!(refused(&other_body, ONLY).await, "assertion_body");
    let other_route = desk.assertion(Message::Exchange, ONLY, "3");
    assert_eq!(refused(&other_route, ONLY).await, "assertion_audience");
    for (jti, form, code) in [
        ("4", "client_id=theirs", "client_not_allowed"),
        ("5", "client_id=ours&client_id=ours", "bad_request"),
        ("6", "client_id=ours&code=C", "bad_request"),
    ] {
        let assertion = desk.assertion(Route::Workstation, form, jti);
        assert_eq!(refused(&assertion, form).await, code, "{form}");
    }
    let get = Request::get("/cardea/v1/workstation").body(Full::<Bytes>::default());
    let (status, told, _) = told(desk.broker.answer(get.unwrap(), None).await).await;
    let not_so = json!("method_not_allowed");
    assert_eq!((status, &told["code"]), (405, &not_so));
}

#[tokio::test]
async fn asking_counts_towards_the_rate() {
    let desk = Desk::new().await;
    for jti in 0..10 {
        let jti = jti.to_string();
        assert_eq!(desk.post(Route::Workstation, &jti, ONLY).await.0, 200);
    }
    let (status, told, _) = desk.post(Message::Exchange, "11", FORM).await;
    assert_eq!((status, &told["code"]), (429, &json!("rate_limited")));
}

#[tokio::test]
async fn a_certificate_is_asked_for_here_too() {
    let certificates = Certificates::made_once();
    let authority = certificates.path("ca.pem");
    let alone = [
        ("WORKSTATIONS_PROOF", "certificate"),
        ("TLS_CLIENT_CA", &*authority),
    ];
    let desk = Desk::with(Asked::default(), &alone).await;
    let shown = certificates.read("client.pem");
    for (shown, status) in [(Some(shown.as_slice()), 200), (None, 401)] {
        let request = Request::post("/cardea/v1/workstation")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::<Bytes>::default());
        let answer = desk.broker.answer(request.unwrap(), shown).await;
        assert_eq!(answer.status().as_u16(), status);
    }
}
