//! How much at once, and how long it is waited for.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use hyper::body::Frame;

use super::*;

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
    let desk = Desk::with(Asked::waiting(), &one).await;
    let silent = Request::post("/cardea/v1/exchange")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Silence)
        .unwrap();
    let mut silent = pin!(desk.broker.answer(silent, None));
    let mut first = pin!(desk.post(Message::Exchange, "1", FORM));
    tokio::select! {
        // First, so that its body is waited for before the other one comes.
        biased;
        _ = silent.as_mut() => panic!("it has not said everything"),
        (status, told, _) = first.as_mut() => panic!("{status} {told}"),
        asked = desk.asked.form(0) => assert_eq!(asked.0, "/token"),
    }
    let (status, told, _) = desk.post(Message::Exchange, "2", FORM).await;
    assert_eq!((status, &told["code"]), (503, &json!("busy")));
    desk.asked.go_on();
    assert_eq!(first.await.0, 200);
}

/// Else the limit of one wait becomes that of all waits before it.
#[tokio::test]
async fn who_waits_for_a_provider_that_is_down_waits_for_one_call() {
    let down = CancellationToken::new();
    let desk = Desk::with(Asked::down(down.clone()), &[]).await;
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
