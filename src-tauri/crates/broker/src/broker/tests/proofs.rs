//! Who may ask, and by what.

use super::*;

#[tokio::test]
async fn an_assertion_counts_once() {
    let desk = Desk::new().await;
    let assertion = desk.assertion(Message::Exchange, FORM, "1");
    assert_eq!(desk.send(Message::Exchange, &assertion, FORM).await.0, 200);
    let (status, told, _) = desk.send(Message::Exchange, &assertion, FORM).await;
    assert_eq!((status, &told["code"]), (401, &json!("assertion_used")));
    // Signed again it is another assertion, but not another use.
    let again = desk.assertion(Message::Exchange, FORM, "1");
    assert_ne!(again, assertion);
    let (_, told, _) = desk.send(Message::Exchange, &again, FORM).await;
    assert_eq!(told["code"], "assertion_used");
    assert_eq!(desk.asked.forms().len(), 1);
}

#[tokio::test]
async fn an_assertion_counts_for_its_own_request() {
    let desk = Desk::new().await;
    let assertion = desk.assertion(Message::Exchange, FORM, "1");
    let other = FORM.replace("code=C", "code=D");
    let (_, told, _) = desk.send(Message::Exchange, &assertion, &other).await;
    assert_eq!(told["code"], "assertion_body");
    let assertion = desk.assertion(Message::Revoke, FORM, "1");
    let (_, told, _) = desk.send(Message::Exchange, &assertion, FORM).await;
    assert_eq!(told["code"], "assertion_audience");
    assert!(desk.asked.forms().is_empty());
}

#[tokio::test]
async fn a_workstation_that_is_taken_off_the_list_is_refused_from_then_on() {
    let desk = Desk::new().await;
    assert_eq!(desk.post(Message::Exchange, "1", FORM).await.0, 200);
    fs::write(desk.folder.path().join("approved"), "# nobody\n").unwrap();
    let (status, told, _) = desk.post(Message::Exchange, "2", FORM).await;
    assert_eq!(
        (status, &told["code"]),
        (403, &json!("workstation_unknown"))
    );
    assert_eq!(desk.asked.forms().len(), 1);
}

#[tokio::test]
async fn a_certificate_is_asked_for_where_the_settings_say_so() {
    let certificates = Certificates::made_once();
    let authority = certificates.path("ca.pem");
    let both = [
        ("WORKSTATIONS_PROOF", "both"),
        ("TLS_CLIENT_CA", &*authority),
    ];
    let desk = Desk::with(Asked::default(), &both).await;
    let (status, answered, _) = desk.post(Message::Exchange, "1", FORM).await;
    assert_eq!(
        (status, &answered["code"]),
        (401, &json!("certificate_missing"))
    );

    let alone = [
        ("WORKSTATIONS_PROOF", "certificate"),
        ("TLS_CLIENT_CA", &*authority),
    ];
    let desk = Desk::with(Asked::default(), &alone).await;
    for (name, expected) in [
        ("client.pem", (200, &Value::Null)),
        ("ca.pem", (401, &json!("certificate_refused"))),
        ("stranger.pem", (401, &json!("certificate_refused"))),
    ] {
        let request = Request::post("/cardea/v1/exchange")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(FORM))
            .unwrap();
        let shown = certificates.read(name);
        let answer = desk.broker.answer(request, Some(&shown)).await;
        let (status, answered, _) = told(answer).await;
        assert_eq!((status, &answered["code"]), expected, "{name}");
    }
}
