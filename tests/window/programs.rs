//! Programs that ask to be let in, and those that are.

use anyhow::{Context as _, Result, ensure};
use http::Request;
use serde_json::{Value, json};

use super::at_work::opened;
use crate::harness::desktop::place::Place;
use crate::harness::desktop::{self, Aids};
use crate::harness::http::send;
use crate::harness::stream::Stream;

const ORIGIN: &str = "https://letters.example";
const CODE: &str = "Six-digit code that the program shows";

/// A web page that asks to be let in, with what it was answered.
pub(super) struct Asking {
    url: String,
    answer: Value,
}

impl Asking {
    pub(super) async fn at<P>(place: &Place<P>) -> Result<Self> {
        let url = desktop::endpoint(&place.desk.home)?["url"].clone();
        let url = url.as_str().context("no address")?.to_owned();
        let wanted = json!({"name": "Letters", "scopes": ["session:read"]});
        let answer = post(&format!("{url}/v1/pairings"), &wanted).await?;
        Ok(Self { url, answer })
    }

    fn code(&self) -> Result<&str> {
        self.answer["code"].as_str().context("no code")
    }

    /// The token, once the user has let it in.
    async fn token(&self) -> Result<String> {
        let id = self.answer["id"].as_str().context("no id")?;
        let claim = json!({"claim_secret": self.answer["claim_secret"]});
        let claimed = post(&format!("{}/v1/pairings/{id}/token", self.url), &claim).await?;
        Ok(claimed["token"].as_str().context("no token")?.to_owned())
    }
}

async fn post(address: &str, body: &Value) -> Result<Value> {
    let request = Request::post(address)
        .header("origin", ORIGIN)
        .header("content-type", "application/json")
        .body(body.to_string())?;
    Ok(serde_json::from_slice(send(request).await?.body())?)
}

#[tokio::test]
async fn a_page_is_let_in_by_its_code_and_shut_out_again() -> Result<()> {
    let place = Place::with_windows(Aids::None).await?;
    let asking = Asking::at(&place).await?;
    let (_window, page) = opened(&place, "1 connection request…").await?;
    page.is_at("Programs").await?;
    let shown = page.shows(ORIGIN).await?;
    for part in [
        "“Letters”",
        "see whether somebody is signed in",
        "A program can call itself anything.",
    ] {
        ensure!(shown.contains(part), "{part} is not in {shown}");
    }

    let code = asking.code()?;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    page.fill(CODE, "12").await?;
    page.press("Connect").await?;
    page.shows("Type all six digits.").await?;
    page.fill(CODE, wrong).await?;
    page.press("Connect").await?;
    page.shows("That is not the code that the program shows.")
        .await?;
    page.fill(CODE, code).await?;
    page.press("Connect").await?;
    page.says("Letters is connected.").await?;
    let mut stream = Stream::open_from(&asking.url, &asking.token().await?, ORIGIN).await?;
    stream.until("snapshot").await?;

    let revoke = "Disconnect Letters";
    page.press(revoke).await?;
    page.press("Keep").await?;
    page.press(revoke).await?;
    page.press("Yes, disconnect").await?;
    stream.ended().await?;
    page.says("Letters is disconnected.").await?;
    let shown = page.hides("Letters").await?;
    ensure!(
        shown.contains("Only who looks after this computer can remove it"),
        "{shown}"
    );
    Ok(())
}

#[tokio::test]
async fn a_request_that_is_declined_is_gone() -> Result<()> {
    let place = Place::with_windows(Aids::None).await?;
    let (_window, page) = opened(&place, "Open Cardea").await?;
    page.go_to("programs").await?;
    let _asking = Asking::at(&place).await?;
    page.press(&format!("Decline the request of {ORIGIN}"))
        .await?;
    page.hides(ORIGIN).await.map(drop)
}
