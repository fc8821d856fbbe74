//! Connections to the redirect address: every byte that a browser, or anybody else on this computer,
//! can send there.

mod answers;
mod request;

use cardea_login::fuzzing::{Came, Redirect, callback};
use tokio::runtime::{Builder, Runtime};

use crate::question::ISSUER;
use crate::{SECRET, Verdict};

const AUTHORITY: &str = "localhost:28117";
const PATH: &str = "/callback";
const STATE: &str = SECRET;

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
}

/// Sends it to an attempt at a provider that may name itself, and to one at a provider that must.
pub fn run(input: &[u8]) -> Verdict {
    let free = judged(input, false);
    let bound = judged(input, true);
    if bound == Verdict::Accepted {
        assert_eq!(free, Verdict::Accepted, "only when the issuer is required");
    }
    free
}

fn judged(input: &[u8], issuer_required: bool) -> Verdict {
    let (answer, came) = visit(input, issuer_required);
    answers::check(&answer);
    if came.is_some() {
        assert_eq!(came, request::meaning(input, issuer_required));
    }
    match came {
        Some(Came::Code(_)) => Verdict::Accepted,
        Some(Came::Error(_) | Came::WrongIssuer) | None => Verdict::Refused,
    }
}

fn visit(input: &[u8], issuer_required: bool) -> (Vec<u8>, Option<Came>) {
    let redirect = Redirect {
        authority: AUTHORITY,
        path: PATH,
        state: STATE,
        issuer: ISSUER,
        issuer_required,
    };
    RUNTIME.with(|runtime| runtime.block_on(callback(input, redirect)))
}
