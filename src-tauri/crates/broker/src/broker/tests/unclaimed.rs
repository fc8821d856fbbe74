//! Tokens that came for a workstation that was not there any more.

use std::pin::pin;

use super::*;

async fn is_revoked(desk: &Desk) {
    let (path, form) = desk.asked.form(1).await;
    assert_eq!(path, "/revoke");
    assert!(form.starts_with("token=AT&"), "{form}");
}

#[tokio::test]
async fn tokens_that_come_for_a_workstation_that_has_gone_are_revoked() {
    let desk = Desk::with(Asked::waiting(), &[]).await;
    {
        let asking = pin!(desk.post(Message::Exchange, "1", FORM));
        tokio::select! {
            _ = asking => panic!("the provider has not answered"),
            asked = desk.asked.form(0) => assert_eq!(asked.0, "/token"),
        }
    }
    desk.asked.go_on();
    is_revoked(&desk).await;
}

/// Between the provider's answer and the moment when somebody takes it.
#[tokio::test]
async fn tokens_that_came_and_were_not_taken_are_revoked() {
    let desk = Desk::with(Asked::waiting(), &[]).await;
    {
        let asking = pin!(desk.post(Message::Exchange, "1", FORM));
        tokio::select! {
            _ = asking => panic!("the provider has not answered"),
            _ = desk.asked.form(0) => {}
        }
        // The workstation is still there, and nobody looks whether there is an answer for it.
        desk.asked.go_on();
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
    is_revoked(&desk).await;
}
