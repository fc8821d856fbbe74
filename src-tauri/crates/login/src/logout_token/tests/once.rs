//! Whole tokens against a provider on loopback, each of them once.

use super::*;
use crate::MemoryKeystore;
use crate::testing::{Faults, Step, StoppedClock, TestBrowser, TestProvider};

fn party(settings: Settings) -> Arc<RelyingParty> {
    let (browser, _) = TestBrowser::new();
    let keystore = Arc::new(MemoryKeystore::default());
    let party = RelyingParty::new(settings, keystore, Arc::new(browser));
    Arc::new(party.with_clock(Arc::new(StoppedClock(at(NOW)))))
}

struct Bench {
    provider: TestProvider,
    party: Arc<RelyingParty>,
    tokens: LogoutTokens,
}

impl Bench {
    async fn new() -> Self {
        let provider = TestProvider::start(Faults::default()).await;
        Self {
            party: party(provider.settings()),
            provider,
            tokens: LogoutTokens::default(),
        }
    }

    /// A good token of this provider, with `changes`.
    fn claims(&self, changes: Value) -> Value {
        let Settings {
            issuer, client_id, ..
        } = self.provider.settings();
        let mut good = claims(json!({"iss": issuer, "aud": client_id}));
        change(&mut good, &changes);
        good
    }

    async fn read(&self, token: &str) -> Result<Logout, String> {
        let token = Secret::new(token.to_owned());
        let read = self.tokens.read(std::slice::from_ref(&self.party), &token);
        read.await.map_err(|error| error.to_string())
    }

    fn signed(&self, changes: Value) -> String {
        self.provider.sign(&self.claims(changes))
    }
}

#[tokio::test]
async fn a_logout_token_signed_by_the_provider_is_read_once() {
    let bench = Bench::new().await;
    let token = bench.signed(json!({}));
    let logout = bench.read(&token).await.unwrap();
    assert_eq!(logout.ended, Ended::Session("sid".to_owned()));
    assert_eq!(logout.issuer, bench.provider.settings().issuer);
    let again = bench.read(&token).await.unwrap_err();
    assert_eq!(again, "logout token: its jti was seen before");
    // The name counts, not the token.
    let renamed = bench.signed(json!({"sid": "another"}));
    assert!(bench.read(&renamed).await.is_err());
    let other = bench.signed(json!({"jti": "other"}));
    assert!(bench.read(&other).await.is_ok());
}

#[tokio::test]
async fn a_token_that_was_refused_is_not_remembered() {
    let bench = Bench::new().await;
    let bad = bench.signed(json!({"events": {}}));
    assert!(bench.read(&bad).await.is_err());
    assert!(bench.read(&bench.signed(json!({}))).await.is_ok());
}

#[tokio::test]
async fn a_logout_token_by_anybody_else_is_refused() {
    let bench = Bench::new().await;
    let claims = bench.claims(json!({}));
    // The name of the provider's key, and another key.
    let stranger = SigningKey::p256("b/O6OvVv1+y+WgrH5Ui9WTioLt0=");
    let forged = stranger.sign(AssertionAlg::Es256, &claims);
    assert!(bench.read(&forged).await.unwrap_err().contains("signature"));
    let unknown = SigningKey::p256("unknown").sign(AssertionAlg::Es256, &claims);
    assert!(bench.read(&unknown).await.unwrap_err().contains("no key"));
    for alg in ["none", "HS256", "HS512", "RS384"] {
        let header = json!({"alg": alg});
        let token = stranger.sign_with_header(AssertionAlg::Es256, header, &claims);
        let refused = bench.read(&token).await.unwrap_err();
        assert!(refused.contains("alg is not"), "{alg}: {refused}");
    }
    let key = jsonwebtoken::EncodingKey::from_secret(b"public");
    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    let hmac = jsonwebtoken::encode(&header, &claims, &key).unwrap();
    assert!(bench.read(&hmac).await.unwrap_err().contains("alg is not"));
    let other_kind = json!({"alg": "ES256", "typ": "at+jwt"});
    let token = stranger.sign_with_header(AssertionAlg::Es256, other_kind, &claims);
    assert!(bench.read(&token).await.unwrap_err().contains("typ"));
    for odd in ["", "a.b.c", "a.b.c.d.e"] {
        assert!(bench.read(odd).await.unwrap_err().contains("malformed"));
    }
}

#[tokio::test]
async fn a_logout_token_by_a_new_key_is_read_with_the_new_keys() {
    let bench = Bench::new().await;
    assert!(bench.read(&bench.signed(json!({}))).await.is_ok());
    bench.provider.rotate_keys("second");
    let token = bench.signed(json!({"jti": "second"}));
    assert!(bench.read(&token).await.is_ok());
    assert_eq!(bench.provider.calls(Step::Keys).len(), 2);
}

#[tokio::test]
async fn each_provider_that_is_asked_may_have_signed_it() {
    let (old, new) = (Bench::new().await, Bench::new().await);
    let parties = [Arc::clone(&old.party), Arc::clone(&new.party)];
    for bench in [&old, &new] {
        let token = Secret::new(bench.signed(json!({})));
        let logout = bench.tokens.read(&parties, &token).await.unwrap();
        assert_eq!(logout.issuer, bench.provider.settings().issuer);
    }
    let token = Secret::new(old.signed(json!({"jti": "alone"})));
    let nobody = old.tokens.read(&[], &token).await.unwrap_err();
    assert_eq!(nobody.to_string(), "logout token: no provider is set");
}

#[tokio::test]
async fn while_the_provider_is_away_no_logout_token_is_good() {
    let provider = TestProvider::start(Faults::default()).await;
    let settings = provider.settings();
    let token = provider.sign(&claims(
        json!({"iss": settings.issuer, "aud": "test-client"}),
    ));
    drop(provider);
    let (tokens, parties) = (LogoutTokens::default(), [party(settings)]);
    let read = tokens.read(&parties, &Secret::new(token)).await;
    assert!(read.is_err());
}

#[test]
fn what_was_seen_is_forgotten_when_it_is_stale_and_never_too_much() {
    let mut seen = Seen::default();
    let token = |number: i64, now: i64| {
        let claims = claims(json!({"jti": number.to_string(), "iat": now, "exp": "-"}));
        read(&claims, now).ok().unwrap()
    };
    for number in 0..1_500 {
        assert!(seen.is_new(&token(number, NOW)));
    }
    assert_eq!(seen.len(), 1_000);
    assert!(!seen.is_new(&token(1_499, NOW)));
    assert!(seen.is_new(&token(7, NOW + 1_000)));
    assert_eq!(seen.len(), 1);
}
