//! How routes ask the controller.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Api;
use crate::Request as Question;
use crate::problem::{Code, Problem};

/// How long the controller may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Asks the controller, and waits for its answer only so long.
pub(super) async fn ask<T>(
    api: &Api,
    question: impl FnOnce(oneshot::Sender<T>) -> Question,
) -> Result<T, Problem> {
    ask_for(ANSWER_LIMIT, api, question).await
}

/// The same with another limit.
pub(super) async fn ask_for<T>(
    limit: Duration,
    api: &Api,
    question: impl FnOnce(oneshot::Sender<T>) -> Question,
) -> Result<T, Problem> {
    let (reply, answer) = oneshot::channel();
    let asked = async {
        api.controller.send(question(reply)).await.ok()?;
        answer.await.ok()
    };
    match timeout(limit, asked).await {
        Ok(Some(answer)) => Ok(answer),
        Ok(None) | Err(_) => {
            tracing::warn!("the controller did not answer a request");
            Err(Problem::from(Code::AgentBusy).retry_after(Duration::from_secs(1)))
        }
    }
}
