//! What only Cardea's own programs may ask: who may call, and who asks to be let in.

use cardea_session::DoctorEvent;
use http::Method;
use serde_json::{json, to_value};

use super::Client;
use crate::exchange::{Call, percent_encoded};
use crate::wire::{ActivityLog, AddedApp, AppListings, PairingListings};
use crate::{
    ActivityEntry, AppListing, ClientError, Diagnostics, EventStream, NewApp, PairingListing, Token,
};

impl Client {
    /// Checks everything that can be wrong on this computer, one after the other; with `cis2` also
    /// what CIS2 says about itself. Nothing follows [`DoctorEvent::Done`].
    ///
    /// # Errors
    /// A problem `doctor_running`; see [`ClientError`].
    pub async fn doctor(&self, cis2: bool) -> Result<EventStream<DoctorEvent>, ClientError> {
        let call = Call::new(Method::POST, "/v1/doctor")
            .accept("text/event-stream")
            .json(&json!({"cis2": cis2}));
        let (connection, body) = self.exchange.open_stream(call).await?;
        Ok(EventStream::new(connection, body, None))
    }

    /// What the agent says of itself to the help desk.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn diagnostics(&self) -> Result<Diagnostics, ClientError> {
        self.get("/v1/diagnostics").await
    }

    /// What happened lately, those of earlier runs too, the oldest first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn activity_log(&self) -> Result<Vec<ActivityEntry>, ClientError> {
        let log: ActivityLog = self.get("/v1/activity").await?;
        Ok(log.entries)
    }

    /// Ends the session and the agent, in order: for whoever replaces the program.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn stop_agent(&self) -> Result<(), ClientError> {
        self.post("/v1/agent/stop", &json!({})).await?;
        Ok(())
    }

    /// Lists the programs that may call the local API.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn apps(&self) -> Result<Vec<AppListing>, ClientError> {
        let listings: AppListings = self.get("/v1/apps").await?;
        Ok(listings.apps)
    }

    /// Lets a program in. Its token is told this once.
    ///
    /// # Errors
    /// A problem `app_exists`, `too_many_apps` or `bad_request`; see [`ClientError`].
    pub async fn add_app(&self, app: &NewApp) -> Result<Token, ClientError> {
        let body = to_value(app).map_err(|_| ClientError::answer(http::StatusCode::OK))?;
        let answer = self.post("/v1/apps", &body).await?;
        let status = answer.status;
        let added: AddedApp = answer.json()?;
        Token::new(added.token.as_str().to_owned()).map_err(|_| ClientError::answer(status))
    }

    /// Shows a program out: its token is good for nothing from now on, and its streams are cut.
    ///
    /// # Errors
    /// A problem `not_found`, or `app_managed` for one of the settings; see [`ClientError`].
    pub async fn revoke_app(&self, id: &str) -> Result<(), ClientError> {
        let path = format!("/v1/apps?id={}", percent_encoded(id));
        self.exchange.ask(Call::new(Method::DELETE, path)).await?;
        Ok(())
    }

    /// The programs that ask to be let in.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn pairings(&self) -> Result<Vec<PairingListing>, ClientError> {
        let listings: PairingListings = self.get("/v1/pairings").await?;
        Ok(listings.pairings)
    }

    /// Lets a program in that asked, by the code it shows.
    ///
    /// # Errors
    /// A problem `pairing_code_wrong`, `pairing_expired` or `not_found`; see [`ClientError`].
    pub async fn approve(&self, pairing: &str, code: &str) -> Result<(), ClientError> {
        let path = format!("/v1/pairings/{}/approve", percent_encoded(pairing));
        self.post(path, &json!({"code": code})).await?;
        Ok(())
    }

    /// Does not let a program in that asked.
    ///
    /// # Errors
    /// A problem `pairing_expired` or `not_found`; see [`ClientError`].
    pub async fn decline(&self, pairing: &str) -> Result<(), ClientError> {
        let path = format!("/v1/pairings/{}/decline", percent_encoded(pairing));
        self.post(path, &json!({})).await?;
        Ok(())
    }
}
