//! What goes through, what does not, and what is said of it.

use http::header::DATE;

use super::*;

#[tokio::test]
async fn a_code_is_exchanged_by_the_brokers_own_credential_and_the_answer_is_verbatim() {
    let desk = Desk::new().await;
    let (status, _, answer) = desk.post(Message::Exchange, "1", FORM).await;
    assert_eq!(status, 200);
    let headers = answer.headers().clone();
    assert_eq!(headers[CONTENT_TYPE], "application/json;charset=UTF-8");
    assert_eq!(headers[DATE], "Thu, 09 Oct 2025 08:53:20 GMT");
    assert_eq!(headers["cache-control"], "no-store");
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, TOKENS);
    let (path, form) = desk.asked.forms().remove(0);
    assert_eq!(path, "/token");
    assert_eq!(
        form,
        "grant_type=authorization_code&code=C&redirect_uri=http%3A%2F%2Flocalhost%3A28117%2Fcallback\
         &code_verifier=V&client_id=ours&client_secret=S"
    );
}

#[tokio::test]
async fn a_token_is_revoked_by_the_brokers_own_credential() {
    let desk = Desk::new().await;
    let form = "token=AT&token_type_hint=access_token";
    assert_eq!(desk.post(Message::Revoke, "1", form).await.0, 200);
    let (path, asked) = desk.asked.forms().remove(0);
    assert_eq!(path, "/revoke");
    assert_eq!(asked, format!("{form}&client_id=ours&client_secret=S"));
}

#[tokio::test]
async fn what_the_provider_refuses_is_told_as_the_provider_tells_it() {
    let desk = Desk::new().await;
    let form = FORM.replace("code=C", "code=bad");
    let (status, told, _) = desk.post(Message::Exchange, "1", &form).await;
    assert_eq!((status, &told["error"]), (400, &json!("invalid_grant")));
    for (code, status, problem) in [
        ("down", 502, "provider_unreachable"),
        ("odd", 502, "provider_answer_invalid"),
    ] {
        let form = FORM.replace("code=C", &format!("code={code}"));
        let (came, told, _) = desk.post(Message::Exchange, code, &form).await;
        assert_eq!((came, &told["code"]), (status, &json!(problem)));
    }
}

#[tokio::test]
async fn what_is_not_as_specified_never_reaches_the_provider() {
    let desk = Desk::new().await;
    for (index, (form, status, code)) in [
        (FORM.replace("28117", "28118"), 400, "redirect_not_allowed"),
        (
            format!("{FORM}&client_id=theirs"),
            400,
            "client_not_allowed",
        ),
        (
            format!("{FORM}&grant_type=password"),
            400,
            "grant_not_allowed",
        ),
        (
            FORM.replace("&code_verifier=V", ""),
            400,
            "verifier_missing",
        ),
        (format!("{FORM}&scope=x"), 400, "bad_request"),
        (
            format!("{FORM}&x={}", "x".repeat(9000)),
            413,
            "body_too_large",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let (came, told, _) = desk
            .post(Message::Exchange, &index.to_string(), &form)
            .await;
        assert_eq!((came, &told["code"]), (status, &json!(code)));
    }
    let request = |method: &str| Request::builder().method(method).uri("/cardea/v1/exchange");
    for (request, status, code) in [
        (request("GET"), 405, "method_not_allowed"),
        (request("POST"), 400, "bad_request"),
        (
            request("POST").header(CONTENT_TYPE, "application/x-www-form-urlencoded"),
            401,
            "assertion_missing",
        ),
        (
            request("POST")
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(ASSERTION, "a.b.c")
                .header(ASSERTION, "a.b.c"),
            401,
            "assertion_malformed",
        ),
        (Request::post("/v1/exchange"), 404, "not_found"),
    ] {
        let request = request.body(Full::<Bytes>::default()).unwrap();
        let (came, told, answer) = told(desk.broker.answer(request, None).await).await;
        assert_eq!((came, &told["code"]), (status, &json!(code)));
        let kind = &answer.headers()[CONTENT_TYPE];
        assert_eq!(kind, "application/problem+json");
    }
    assert!(desk.asked.forms().is_empty());
}

#[tokio::test]
async fn health_and_metrics_say_how_it_goes() {
    let desk = Desk::new().await;
    desk.post(Message::Exchange, "1", FORM).await;
    let get = async |path: &str| {
        let request = Request::get(path).body(Full::<Bytes>::default()).unwrap();
        let answer = desk.broker.answer(request, None).await;
        (answer.status().as_u16(), text_of(answer).await)
    };
    assert_eq!(
        get("/health").await,
        (200, "{\"status\":\"ok\"}".to_owned())
    );
    let (_, metrics) = get("/metrics").await;
    for line in [
        "cardea_broker_requests_total{route=\"exchange\",result=\"200\"} 1",
        "cardea_broker_workstations_approved 1",
        "cardea_broker_assertions_remembered 1",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
    assert!(!metrics.contains(&desk.workstation.thumbprint[..8]));
    desk.broker.stop.cancel();
    assert_eq!(get("/health").await.0, 503);
    let (status, told, _) = desk.post(Message::Exchange, "2", FORM).await;
    assert_eq!((status, &told["code"]), (503, &json!("stopping")));
}
