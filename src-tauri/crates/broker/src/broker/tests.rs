//! The broker's rules, request by request, with a provider that writes down what it is asked.

use std::convert::Infallible;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::pin::Pin;
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};

use http::header::DATE;
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::*;
use crate::assertion::tests::Workstation;
use crate::credential::Credential;
use crate::state::MemoryState;

/// No test waits so long.
const LIMIT: Duration = Duration::from_secs(20);
const NOW: i64 = 1_760_000_000;
const PUBLIC: &str = "https://broker.example/cardea";
const TOKENS: &str = r#"{"access_token": "AT",  "id_token":"a.b.c","token_type":"Bearer"}"#;
const FORM: &str = "code=C&redirect_uri=http%3A%2F%2Flocalhost%3A28117%2Fcallback&code_verifier=V";

/// What the provider was asked, and what it waits for.
#[derive(Default)]
struct Asked {
    forms: Mutex<Vec<(String, String)>>,
    more: Notify,
    /// Told to answer the token call.
    go: Option<Notify>,
    /// Told to answer the discovery, which then fails.
    down: Option<CancellationToken>,
}

impl Asked {
    fn forms(&self) -> Vec<(String, String)> {
        self.forms
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits for the n-th form.
    async fn form(&self, index: usize) -> (String, String) {
        loop {
            let more = self.more.notified();
            if let Some(form) = self.forms().get(index) {
                return form.clone();
            }
            more.await;
        }
    }

    async fn answer(&self, request: Request<Incoming>, issuer: &str) -> Answer {
        let path = request.uri().path().to_owned();
        if path == "/.well-known/openid-configuration" {
            if let Some(down) = &self.down {
                self.forms.lock().unwrap().push((path, String::new()));
                self.more.notify_waiters();
                down.cancelled().await;
                return answer::text(StatusCode::SERVICE_UNAVAILABLE, "text/html", String::new());
            }
            let document = json!({"issuer": issuer, "token_endpoint": format!("{issuer}/token"),
                                  "revocation_endpoint": format!("{issuer}/revoke")});
            return answer::text(StatusCode::OK, "application/json", document.to_string());
        }
        let form = request.collect().await.unwrap().to_bytes();
        let form = String::from_utf8(form.to_vec()).unwrap();
        let refused = form.contains("code=bad");
        let fails = form.contains("code=down");
        let odd = form.contains("code=odd");
        self.forms.lock().unwrap().push((path.clone(), form));
        self.more.notify_waiters();
        if path == "/revoke" {
            return answer::text(StatusCode::OK, "application/json", String::new());
        }
        if let Some(go) = &self.go {
            go.notified().await;
        }
        let (status, text) = match (refused, fails, odd) {
            (true, ..) => (400, r#"{"error":"invalid_grant"}"#),
            (_, true, _) => (503, ""),
            (.., true) => (200, "<html>"),
            _ => (200, TOKENS),
        };
        let status = StatusCode::from_u16(status).unwrap();
        let mut answer = answer::text(status, "application/json;charset=UTF-8", text.to_owned());
        let date = "Thu, 09 Oct 2025 08:53:20 GMT".parse().unwrap();
        answer.headers_mut().insert(DATE, date);
        answer
    }
}

/// An authority, a server's certificate, a workstation's, and one of nobody's.
struct Certificates(TempDir);

impl Certificates {
    fn made_once() -> &'static Self {
        static MADE: OnceLock<Certificates> = OnceLock::new();
        MADE.get_or_init(Self::make)
    }

    fn make() -> Self {
        let folder = TempDir::new().unwrap();
        let openssl = |arguments: &str| {
            let done = Command::new("openssl")
                .args(arguments.split(' '))
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert!(done.status.success(), "{arguments}: {done:?}");
        };
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
        let own = "-CA ca.pem -CAkey ca.key -addext basicConstraints=critical,CA:FALSE";
        for (name, more) in [
            ("ca", ""),
            ("stranger", ""),
            (
                "server",
                &format!(" {own} -addext subjectAltName=DNS:localhost"),
            ),
            (
                "client",
                &format!(" {own} -addext extendedKeyUsage=clientAuth"),
            ),
        ] {
            let files = format!("-keyout {name}.key -out {name}.pem");
            openssl(&format!("req -x509 {key} -subj /CN={name} {files}{more}"));
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    fn read(&self, name: &str) -> Vec<CertificateDer<'static>> {
        vec![CertificateDer::from_pem_file(self.path(name)).unwrap()]
    }
}

struct Desk {
    broker: Arc<Broker>,
    workstation: Workstation,
    asked: Arc<Asked>,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Self {
        Self::with(Asked::default(), &[]).await
    }

    async fn with(asked: Asked, environment: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(asked);
        let provider = (Arc::clone(&asked), issuer.clone());
        tokio::spawn(async move {
            let (asked, issuer) = provider;
            while let Ok((stream, _)) = listener.accept().await {
                let (asked, issuer) = (Arc::clone(&asked), issuer.clone());
                tokio::spawn(async move {
                    let service = service_fn(async |request| {
                        Ok::<_, Infallible>(asked.answer(request, &issuer).await)
                    });
                    let served =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    let _ = served.await;
                });
            }
        });

        let folder = TempDir::new().unwrap();
        let workstation = Workstation::new();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            path.to_string_lossy().into_owned()
        };
        let secret = file("secret", "S\n");
        let approved = file("approved", &workstation.thumbprint);
        let certificates = Certificates::made_once();
        let settings = [
            ("PUBLIC_URL", PUBLIC),
            ("PROVIDER_ISSUER", &issuer),
            ("PROVIDER_CLIENT_ID", "ours"),
            ("PROVIDER_CLIENT_AUTH", "client_secret_post"),
            ("PROVIDER_CREDENTIAL", &secret),
            ("PROVIDER_REDIRECT_URIS", "http://localhost:28117/callback"),
            ("TLS_CERTIFICATE", &certificates.path("server.pem")),
            ("TLS_KEY", &certificates.path("server.key")),
            ("WORKSTATIONS_APPROVED", &approved),
        ];
        let settings = settings.iter().chain(environment);
        let settings =
            settings.map(|(name, value)| (format!("CARDEA_BROKER_{name}"), (*value).to_owned()));
        let settings = Settings::load(None, settings).unwrap();
        let credential = Credential::open(&settings.provider).unwrap();
        let tls = Tls::open(&settings.tls).unwrap();
        let provider = Provider::new(settings.provider.clone(), credential).unwrap();
        let state = Box::new(MemoryState::with_room(settings.assertions()));
        let broker = Broker {
            clock: || NOW,
            ..Broker::new(&settings, provider, tls, state)
        };
        Self {
            broker: Arc::new(broker),
            workstation,
            asked,
            folder,
        }
    }

    fn assertion(&self, message: Message, body: &str, jti: &str) -> String {
        let audience = format!("{PUBLIC}{}", message.path());
        let claims =
            self.workstation
                .claims(&audience, body.as_bytes(), NOW, &format!("{jti:0>16}"));
        self.workstation.signed(&self.workstation.header(), &claims)
    }

    async fn send(&self, message: Message, assertion: &str, body: &str) -> (u16, Value, Answer) {
        let request = Request::post(format!("/cardea{}", message.path()))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ASSERTION, assertion)
            .body(Full::from(body.to_owned()))
            .unwrap();
        told(self.broker.answer(request, None).await).await
    }

    /// Sends a form with an assertion of its own.
    async fn post(&self, message: Message, jti: &str, body: &str) -> (u16, Value, Answer) {
        let assertion = self.assertion(message, body, jti);
        self.send(message, &assertion, body).await
    }
}

/// Status, body as JSON, and the answer.
async fn told(answer: Answer) -> (u16, Value, Answer) {
    let (head, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let status = head.status.as_u16();
    (status, json, Response::from_parts(head, Full::new(body)))
}

async fn text_of(answer: Answer) -> String {
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

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
async fn more_than_the_room_for_it_is_refused() {
    let small = [("LIMITS_ASSERTIONS", "1")];
    let desk = Desk::with(Asked::default(), &small).await;
    assert_eq!(desk.post(Message::Exchange, "1", FORM).await.0, 200);
    let (status, told, answer) = desk.post(Message::Exchange, "2", FORM).await;
    assert_eq!((status, &told["code"]), (503, &json!("busy")));
    assert!(answer.headers().contains_key("retry-after"));

    let desk = Desk::new().await;
    for jti in 0..10 {
        let sent = desk.post(Message::Exchange, &jti.to_string(), FORM).await;
        assert_eq!(sent.0, 200);
    }
    let (status, told, _) = desk.post(Message::Exchange, "11", FORM).await;
    assert_eq!((status, &told["code"]), (429, &json!("rate_limited")));
}

/// The body of whoever says nothing more.
struct Silence;

impl Body for Silence {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

/// Else a few strangers who say nothing more keep every workstation out.
#[tokio::test]
async fn who_has_not_said_everything_takes_no_room_from_others() {
    let one = [("LIMITS_REQUESTS", "1")];
    let waiting = Asked {
        go: Some(Notify::new()),
        ..Asked::default()
    };
    let desk = Desk::with(waiting, &one).await;
    let silent = Request::post("/cardea/v1/exchange")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Silence)
        .unwrap();
    let mut silent = std::pin::pin!(desk.broker.answer(silent, None));
    let mut first = std::pin::pin!(desk.post(Message::Exchange, "1", FORM));
    tokio::select! {
        // First, so that its body is waited for before the other one comes.
        biased;
        _ = silent.as_mut() => panic!("it has not said everything"),
        (status, told, _) = first.as_mut() => panic!("{status} {told}"),
        asked = desk.asked.form(0) => assert_eq!(asked.0, "/token"),
    }
    let (status, told, _) = desk.post(Message::Exchange, "2", FORM).await;
    assert_eq!((status, &told["code"]), (503, &json!("busy")));
    desk.asked.go.as_ref().unwrap().notify_one();
    assert_eq!(first.await.0, 200);
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

#[tokio::test]
async fn tokens_that_come_for_a_workstation_that_has_gone_are_revoked() {
    let waiting = Asked {
        go: Some(Notify::new()),
        ..Asked::default()
    };
    let desk = Desk::with(waiting, &[]).await;
    {
        let asking = std::pin::pin!(desk.post(Message::Exchange, "1", FORM));
        tokio::select! {
            _ = asking => panic!("the provider has not answered"),
            asked = desk.asked.form(0) => assert_eq!(asked.0, "/token"),
        }
    }
    desk.asked.go.as_ref().unwrap().notify_one();
    let (path, form) = desk.asked.form(1).await;
    assert_eq!(path, "/revoke");
    assert!(form.starts_with("token=AT&"), "{form}");
}

/// Between the provider's answer and the moment when somebody takes it.
#[tokio::test]
async fn tokens_that_came_and_were_not_taken_are_revoked() {
    let waiting = Asked {
        go: Some(Notify::new()),
        ..Asked::default()
    };
    let desk = Desk::with(waiting, &[]).await;
    {
        let asking = std::pin::pin!(desk.post(Message::Exchange, "1", FORM));
        tokio::select! {
            _ = asking => panic!("the provider has not answered"),
            _ = desk.asked.form(0) => {}
        }
        // The workstation is still there, and nobody looks whether there is an answer for it.
        desk.asked.go.as_ref().unwrap().notify_one();
        let came = async {
            while !text_of(desk.broker.metrics())
                .await
                .contains("provider_seconds_count 1")
            {
                tokio::task::yield_now().await;
            }
        };
        timeout(LIMIT, came).await.unwrap();
    }
    let (path, form) = timeout(LIMIT, desk.asked.form(1)).await.unwrap();
    assert_eq!(path, "/revoke");
    assert!(form.starts_with("token=AT&"), "{form}");
}

/// Else the limit of one wait becomes that of all waits before it.
#[tokio::test]
async fn who_waits_for_a_provider_that_is_down_waits_for_one_call() {
    let down = CancellationToken::new();
    let asked = Asked {
        down: Some(down.clone()),
        ..Asked::default()
    };
    let desk = Desk::with(asked, &[]).await;
    let unreachable = (502, &json!("provider_unreachable"));
    let fails = async |jti: &str| {
        let (status, told, _) = desk.post(Message::Exchange, jti, FORM).await;
        assert_eq!((status, &told["code"]), unreachable);
    };
    let end = async {
        desk.asked.form(0).await;
        down.cancel();
    };
    tokio::join!(fails("1"), fails("2"), fails("3"), end);
    assert_eq!(desk.asked.forms().len(), 1);
    // The next one asks again.
    fails("4").await;
    assert_eq!(desk.asked.forms().len(), 2);
}

#[tokio::test]
async fn health_and_metrics_say_how_it_goes() {
    let desk = Desk::new().await;
    desk.post(Message::Exchange, "1", FORM).await;
    let get = async |path: &str| {
        let request = Request::get(path).body(Full::<Bytes>::default()).unwrap();
        let answer = desk.broker.answer(request, None).await;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
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
