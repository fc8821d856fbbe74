//! A broker with its files, a workstation that it knows, and the provider behind it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::state::MemoryState;

pub(super) struct Desk {
    pub(super) broker: Arc<Broker>,
    pub(super) workstation: Workstation,
    pub(super) asked: Arc<Asked>,
    pub(super) folder: TempDir,
}

impl Desk {
    pub(super) async fn new() -> Self {
        Self::with(Asked::default(), &[]).await
    }

    pub(super) async fn with(asked: Asked, environment: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(asked);
        Arc::clone(&asked).serve(listener, issuer.clone());

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

    pub(super) fn assertion(&self, route: impl Into<Route>, body: &str, jti: &str) -> String {
        let audience = format!("{PUBLIC}{}", route.into().path());
        let claims =
            self.workstation
                .claims(&audience, body.as_bytes(), NOW, &format!("{jti:0>16}"));
        self.workstation.signed(&self.workstation.header(), &claims)
    }

    pub(super) async fn send(
        &self,
        route: impl Into<Route>,
        assertion: &str,
        body: &str,
    ) -> (u16, Value, Answer) {
        let request = Request::post(format!("/cardea{}", route.into().path()))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ASSERTION, assertion)
            .body(Full::from(body.to_owned()))
            .unwrap();
        told(self.broker.answer(request, None).await).await
    }

    /// Sends a form with an assertion of its own.
    pub(super) async fn post(
        &self,
        route: impl Into<Route>,
        jti: &str,
        body: &str,
    ) -> (u16, Value, Answer) {
        let route = route.into();
        let assertion = self.assertion(route, body, jti);
        self.send(route, &assertion, body).await
    }
}
