//! The course of one login: from the question to the provider to the checked identity.

use std::future::Future;
use std::sync::Arc;

use cardea_session::{Identity, LoginUpdate, Time, WaitingFor};
use tokio::time::{Instant, sleep_until};

use super::{AttemptRequest, Finished, Stop, failed};
use crate::authorize::Question;
use crate::credential::Way;
use crate::discovery::Provider;
use crate::exchange::{Exchange, Exchanged, NotExchanged};
use crate::failure::LoginError;
use crate::id_token::{self, Expected, Jws, Verified};
use crate::redirect::{Awaited, Callback, Listener, Redirect};
use crate::{RelyingParty, Secret, Tokens, userinfo};

/// An attempt under way.
pub(super) struct Attempt<'a> {
    pub(super) party: &'a RelyingParty,
    pub(super) request: AttemptRequest,
    pub(super) updates: &'a (dyn Fn(LoginUpdate) + Send + Sync),
    pub(super) stop: Stop,
    pub(super) started_at: Time,
    pub(super) deadline: Instant,
}

impl Attempt<'_> {
    pub(super) async fn run(&self) -> Finished {
        let prepared = self.until_interrupted(self.prepare()).await;
        let (way, provider) = match prepared.flatten() {
            Ok(prepared) => prepared,
            Err(error) => return error.into(),
        };
        let (question, mut listener) = match self.ask(&provider).await {
            Ok(asked) => asked,
            Err(error) => return error.into(),
        };
        let code = match self
            .wait_for_code(&question, &provider, &mut listener)
            .await
        {
            Ok(code) => code,
            Err(error) => return self.refuse(listener, &error, None),
        };
        self.request.address.set(None);
        (self.updates)(LoginUpdate::Waiting(WaitingFor::Provider));
        let exchange = Exchange {
            settings: &self.party.settings,
            provider: &provider,
            way: &way,
            question: &question,
            clock: self.party.clock.as_ref(),
            wire: &self.party.wire,
        };
        match self.redeem(&exchange, &code).await {
            Ok((identity, tokens)) => {
                let (server, answer) = listener.hand_over(self.stop.clone());
                self.party.linger(server);
                Finished::Granted {
                    identity,
                    tokens,
                    answer,
                }
            }
            Err((error, tokens)) => self.refuse(listener, &error, tokens),
        }
    }

    /// What can fail without the user is done before the user is asked.
    async fn prepare(&self) -> Result<(Way, Arc<Provider>), LoginError> {
        let RelyingParty {
            settings,
            discovery,
            wire,
            ..
        } = self.party;
        if settings.client_id.is_empty() {
            return Err(LoginError::NotSet("client_id"));
        }
        let (way, provider) = tokio::join!(
            Way::load::<LoginError>(self.party),
            discovery.provider(settings, wire)
        );
        let way = way?.ok_or(LoginError::NoCredential)?;
        Ok((way, provider?))
    }

    /// Binds the redirect address and makes the question that names it.
    async fn ask(&self, provider: &Provider) -> Result<(Question, Listener), LoginError> {
        let settings = &self.party.settings;
        self.party.end_lingering().await;
        let mut waited = false;
        let bound = Redirect::bind_when_free(settings, || {
            waited = true;
            (self.updates)(LoginUpdate::Waiting(WaitingFor::Port));
        });
        let redirect = self.until_interrupted(bound).await.map_err(at_the_ports)?;
        if waited {
            (self.updates)(LoginUpdate::Waiting(WaitingFor::Browser));
        }
        let question = Question::new(settings, redirect.uri())?;
        let awaited = Awaited {
            authority: redirect.authority(),
            path: redirect.path().to_owned(),
            state: question.state.clone(),
            issuer: settings.issuer.clone(),
            issuer_required: provider.authorization_response_iss_parameter_supported,
        };
        let listener = Listener::start(redirect, awaited, self.request.language);
        Ok((question, listener))
    }

    async fn wait_for_code(
        &self,
        question: &Question,
        provider: &Provider,
        listener: &mut Listener,
    ) -> Result<Secret, LoginError> {
        let address = question.address(provider, &self.party.settings, self.request.mode);
        self.request.address.set(Some(Secret::new(address.clone())));
        let open = async {
            if let Err(error) = self.party.browser.open(&address).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the browser did not open"
                );
                (self.updates)(LoginUpdate::BrowserFailed);
            }
            std::future::pending().await
        };
        let callback = async {
            tokio::select! {
                callback = listener.callback() => callback,
                never = open => never,
            }
        };
        match self.until_interrupted(callback).await? {
            Some(Callback::Code(code)) => Ok(code),
            Some(Callback::Error(error)) => Err(LoginError::Refused(error)),
            Some(Callback::WrongIssuer) => Err(LoginError::WrongIssuer),
            None => Err(LoginError::ListenerGone),
        }
    }

    /// From here on nothing may be dropped that holds tokens: the token call is not interrupted
    /// (it has a limit of its own), and each failure carries what was given out.
    async fn redeem(
        &self,
        exchange: &Exchange<'_>,
        code: &Secret,
    ) -> Result<(Identity, Tokens), (LoginError, Option<Tokens>)> {
        let exchanged = match exchange.redeem(code).await {
            Ok(exchanged) => exchanged,
            Err(lost) => {
                let NotExchanged { error, tokens } = *lost;
                return Err((error.into(), tokens));
            }
        };
        let checked = self.check(exchange, code, &exchanged);
        let checked = self.until_interrupted(checked).await.flatten();
        let mut tokens = exchanged.tokens;
        match checked {
            Ok((identity, sid)) => {
                tokens.expires_at = Some(identity.id_token_expires_at);
                tokens.sid = sid;
                tokens.subject = Some(identity.user.id.clone());
                tokens.forget_access_token_unless_needed(self.party.settings.keep_access_token);
                Ok((identity, tokens))
            }
            Err(error) => Err((error, Some(tokens))),
        }
    }

    async fn check(
        &self,
        exchange: &Exchange<'_>,
        code: &Secret,
        exchanged: &Exchanged,
    ) -> Result<(Identity, Option<String>), LoginError> {
        let RelyingParty {
            settings,
            keys,
            wire,
            ..
        } = self.party;
        let provider = exchange.provider;
        let jws = Jws::parse(exchanged.id_token.expose())?;
        let keys = keys.keys(wire, &provider.jwks_uri, &jws.key_wanted()).await;
        let payload = jws.verify(&keys.map_err(LoginError::Keys)?)?;
        let expected = Expected {
            settings,
            nonce: &exchange.question.nonce,
            code,
            access_token: &exchanged.access_token,
            started_at: self.started_at,
            mode: self.request.mode,
            prior: self.request.prior.as_ref(),
            answered: exchanged.answered,
        };
        let verified = id_token::check(payload, jws.alg, &expected)?;
        let user =
            userinfo::fetch(self.party, provider, &exchanged.access_token, &verified).await?;
        let Verified {
            subject: _,
            sid,
            expires_at,
            auth_time,
            methods,
            smartcard,
            authentication_assurance_level,
            id_assurance_level,
            selected_roleid: _,
        } = verified;
        let identity = Identity {
            user,
            acr: methods.acr,
            amr: methods.amr,
            auth_time,
            authentication_assurance_level,
            id_assurance_level,
            id_token_expires_at: expires_at,
            smartcard,
        };
        Ok((identity, sid))
    }

    fn refuse(&self, listener: Listener, error: &LoginError, tokens: Option<Tokens>) -> Finished {
        let finished = failed(error, tokens);
        self.party.linger(listener.refuse(error.failure().code));
        finished
    }

    /// Does `work` until it is stopped or the limit passes; being stopped beats everything.
    async fn until_interrupted<T>(&self, work: impl Future<Output = T>) -> Result<T, LoginError> {
        tokio::select! {
            biased;
            why = self.stop.told() => Err(LoginError::Stopped(why)),
            () = sleep_until(self.deadline) => Err(LoginError::TimedOut),
            done = work => Ok(done),
        }
    }
}

/// The limit has another meaning while the ports are waited for.
fn at_the_ports(error: LoginError) -> LoginError {
    if matches!(error, LoginError::TimedOut) {
        return LoginError::PortsTaken;
    }
    error
}
