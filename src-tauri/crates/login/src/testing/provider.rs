//! A provider on loopback that signs in whoever comes, and misbehaves as told.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use url::form_urlencoded;

use super::{SigningKey, half_hash};
use crate::{AssertionAlg, Clock, Settings, SystemClock};

/// A call to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Discovery,
    Authorize,
    Token,
    Keys,
    UserInfo,
    EndSession,
    Revocation,
}

impl Step {
    fn at(path: &str) -> Option<Self> {
        match path {
            "/op/.well-known/openid-configuration" => Some(Self::Discovery),
            "/op/authorize" => Some(Self::Authorize),
            "/op/access_token" => Some(Self::Token),
            "/op/connect/jwk_uri" => Some(Self::Keys),
            "/op/userinfo" => Some(Self::UserInfo),
            "/op/connect/endSession" => Some(Self::EndSession),
            "/op/token/revoke" => Some(Self::Revocation),
            _ => None,
        }
    }
}

/// What the provider saw of a call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) step: Step,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) bearer: Option<String>,
}

/// Changes an answer before it goes out.
pub(crate) type Change = Box<dyn Fn(&mut Value) + Send>;

/// How the provider misbehaves.
#[derive(Default)]
pub(crate) struct Faults {
    pub(crate) discovery: Option<Change>,
    pub(crate) redirect: Option<Change>,
    pub(crate) claims: Option<Change>,
    pub(crate) token_answer: Option<Change>,
    pub(crate) userinfo: Option<Change>,
    /// UserInfo comes as a JWT.
    pub(crate) signs_userinfo: bool,
    /// A status and body in place of the answer.
    pub(crate) instead: BTreeMap<Step, (u16, Vec<u8>)>,
    /// Steps that are not answered until [`TestProvider::release`].
    pub(crate) held: Vec<Step>,
}

struct Inner {
    base: String,
    faults: Mutex<Faults>,
    keys: Mutex<Vec<SigningKey>>,
    asked: Mutex<BTreeMap<String, String>>,
    calls: watch::Sender<Vec<Call>>,
    release: Notify,
}

pub(crate) struct TestProvider {
    inner: Arc<Inner>,
    _server: JoinSet<()>,
}

pub(crate) const CODE: &str = "the-code";
pub(crate) const ACCESS_TOKEN: &str = "the-access-token";

impl TestProvider {
    pub(crate) async fn start(faults: Faults) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inner = Arc::new(Inner {
            base: format!("http://{}/op", listener.local_addr().unwrap()),
            faults: Mutex::new(faults),
            keys: Mutex::new(vec![SigningKey::p256("b/O6OvVv1+y+WgrH5Ui9WTioLt0=")]),
            asked: Mutex::default(),
            calls: watch::Sender::new(Vec::new()),
            release: Notify::new(),
        });
        let mut server = JoinSet::new();
        server.spawn(serve(listener, Arc::clone(&inner)));
        Self {
            inner,
            _server: server,
        }
    }

    /// Settings for this provider; any free redirect port.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            issuer: self.inner.base.clone(),
            client_id: "test-client".to_owned(),
            client_auth: crate::ClientAuth::ClientSecretPost,
            redirect_ports: Vec::new(),
            allow_loopback_http: true,
            ..Settings::default()
        }
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        *self.inner.faults.lock().unwrap() = faults;
    }

    /// A token of this provider.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.inner.keys.lock().unwrap()[0].sign(AssertionAlg::Es256, claims)
    }

    pub(crate) fn rotate_keys(&self, kid: &str) {
        *self.inner.keys.lock().unwrap() = vec![SigningKey::p256(kid)];
    }

    /// Answers what is held, now and from now on.
    pub(crate) fn release(&self) {
        self.inner.faults.lock().unwrap().held.clear();
        self.inner.release.notify_waiters();
    }

    pub(crate) fn calls(&self, step: Step) -> Vec<Call> {
        let calls = self.inner.calls.borrow();
        calls
            .iter()
            .filter(|call| call.step == step)
            .cloned()
            .collect()
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        self.inner
            .calls
            .borrow()
            .iter()
            .map(|call| call.step)
            .collect()
    }

    /// Waits for the call.
    pub(crate) async fn called(&self, step: Step) -> Call {
        let mut calls = self.inner.calls.subscribe();
        let is_it = |calls: &Vec<Call>| calls.iter().any(|call| call.step == step);
        calls.wait_for(is_it).await.unwrap();
        self.calls(step).pop().unwrap()
    }
}

async fn serve(listener: TcpListener, inner: Arc<Inner>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let inner = Arc::clone(&inner);
        connections.spawn(async move {
            let service = service_fn(|request| {
                let inner = Arc::clone(&inner);
                async move { Ok::<_, Infallible>(inner.answer(request).await) }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            let _gone = connection.await;
        });
    }
}

fn fields(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

fn json_answer(value: &Value) -> Response<Full<Bytes>> {
    Response::new(Full::from(value.to_string()))
}

impl Inner {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let Some(step) = Step::at(head.uri.path()) else {
            return self.status(404);
        };
        let text = head
            .uri
            .query()
            .unwrap_or(std::str::from_utf8(&body).unwrap());
        let bearer = head
            .headers
            .get(AUTHORIZATION)
            .map(|value| value.to_str().unwrap());
        let call = Call {
            step,
            fields: fields(text),
            bearer: bearer.map(|value| value.trim_start_matches("Bearer ").to_owned()),
        };
        let released = self.release.notified();
        tokio::pin!(released);
        released.as_mut().enable();
        let held = self.faults.lock().unwrap().held.contains(&step);
        self.calls.send_modify(|calls| calls.push(call.clone()));
        if held {
            released.await;
        }
        if let Some((status, body)) = self.faults.lock().unwrap().instead.get(&step) {
            let mut answer = Response::new(Full::from(body.clone()));
            *answer.status_mut() = StatusCode::from_u16(*status).unwrap();
            return answer;
        }
        match step {
            Step::Discovery => json_answer(&self.discovery()),
            Step::Authorize => self.authorize(call),
            Step::Token => self.token(&call),
            Step::Keys => {
                let keys = self.keys.lock().unwrap();
                let keys: Vec<_> = keys.iter().map(SigningKey::jwk).collect();
                json_answer(&json!({"keys": keys}))
            }
            Step::UserInfo => self.userinfo_answer(),
            Step::EndSession => self.status(204),
            Step::Revocation => self.status(200),
        }
    }

    fn status(&self, status: u16) -> Response<Full<Bytes>> {
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        answer
    }

    fn changed(&self, mut value: Value, change: impl Fn(&Faults) -> &Option<Change>) -> Value {
        let faults = self.faults.lock().unwrap();
        if let Some(change) = change(&faults) {
            change(&mut value);
        }
        value
    }

    fn discovery(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.base);
        let document = json!({
            "issuer": self.base,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/access_token"),
            "userinfo_endpoint": at("/userinfo"),
            "jwks_uri": at("/connect/jwk_uri"),
            "end_session_endpoint": at("/connect/endSession"),
            "revocation_endpoint": at("/token/revoke"),
            "authorization_response_iss_parameter_supported": true,
        });
        self.changed(document, |faults| &faults.discovery)
    }

    fn authorize(&self, call: Call) -> Response<Full<Bytes>> {
        let asked = call.fields;
        let answer = json!({"code": CODE, "state": asked["state"], "iss": self.base});
        let answer = self.changed(answer, |faults| &faults.redirect);
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in answer.as_object().unwrap() {
            query.append_pair(name, value.as_str().unwrap());
        }
        let location = format!("{}?{}", asked["redirect_uri"], query.finish());
        *self.asked.lock().unwrap() = asked;
        let mut answer = self.status(302);
        answer
            .headers_mut()
            .insert(LOCATION, location.parse().unwrap());
        answer
    }

    fn token(&self, call: &Call) -> Response<Full<Bytes>> {
        let asked = self.asked.lock().unwrap().clone();
        let verifier = call
            .fields
            .get("code_verifier")
            .cloned()
            .unwrap_or_default();
        let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
        let is_bound = match asked.get("code_challenge") {
            Some(challenge) => URL_SAFE_NO_PAD.encode(hash) == *challenge,
            None => verifier.is_empty(),
        };
        let fits =
            call.fields["code"] == CODE && call.fields["redirect_uri"] == asked["redirect_uri"];
        if !is_bound || !fits {
            let mut answer = json_answer(&json!({"error": "invalid_grant"}));
            *answer.status_mut() = StatusCode::BAD_REQUEST;
            return answer;
        }
        let now = SystemClock.now().unix();
        let claims = json!({
            "iss": self.base, "aud": asked["client_id"], "azp": asked["client_id"],
            "sub": "555000000001", "nonce": asked["nonce"],
            "iat": now, "exp": now + 3600, "auth_time": now,
            "at_hash": half_hash(ACCESS_TOKEN), "c_hash": half_hash(CODE), "sid": "the-sid",
            "acr": "AAL3_ANY", "amr": ["N3_SMARTCARD"], "selected_roleid": "555000000108",
            "authentication_assurance_level": "3", "id_assurance_level": "3",
        });
        let claims = self.changed(claims, |faults| &faults.claims);
        let id_token = self.keys.lock().unwrap()[0].sign(AssertionAlg::Es256, &claims);
        let answer = json!({
            "access_token": ACCESS_TOKEN, "id_token": id_token, "token_type": "Bearer",
            "expires_in": 3599, "nonce": asked["nonce"],
        });
        json_answer(&self.changed(answer, |faults| &faults.token_answer))
    }

    fn userinfo_answer(&self) -> Response<Full<Bytes>> {
        let document = self.userinfo();
        if !self.faults.lock().unwrap().signs_userinfo {
            return json_answer(&document);
        }
        let token = self.keys.lock().unwrap()[0].sign(AssertionAlg::Es256, &document);
        let mut answer = Response::new(Full::from(token));
        let kind = "application/jwt;charset=UTF-8".parse().unwrap();
        answer.headers_mut().insert(CONTENT_TYPE, kind);
        answer
    }

    fn userinfo(&self) -> Value {
        let document = json!({
            "iss": self.base, "aud": "test-client", "sub": "555000000001", "name": "Flo Nurse", "given_name": "Flo", "family_name": "Nurse",
            "nhsid_nrbac_roles": [{
                "person_orgid": "555000000107", "person_roleid": "555000000108", "org_code": "A9A5A",
                "role_name": "\"Clinical\":\"Clinical Provision\":\"Nurse Access Role\"",
                "role_code": "S8000:G8000:R8001",
            }],
            "nhsid_user_orgs": [{"org_name": "EXAMPLE TRUST", "org_code": "A9A5A"}],
        });
        self.changed(document, |faults| &faults.userinfo)
    }
}
