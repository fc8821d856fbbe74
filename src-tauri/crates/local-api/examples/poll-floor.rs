//! What `cargo xtask bench poll` measures the local API against: the same axum on the same runtime,
//! with one handler that answers the same bytes to everybody and checks nothing.
//!
//! Reads the answer from standard input, prints the port, and serves until it is killed.

use std::io::{Read as _, Write as _};

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::routing::get;
use bytes::Bytes;
use tokio::net::TcpListener;

fn main() -> std::io::Result<()> {
    let mut answer = Vec::new();
    std::io::stdin().read_to_end(&mut answer)?;
    let answer = Bytes::from(answer);
    let handler = move || async move {
        let json = HeaderValue::from_static("application/json");
        ([(header::CONTENT_TYPE, json)], answer)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        writeln!(std::io::stdout(), "{port}")?;
        axum::serve(listener, Router::new().route("/v1/session", get(handler))).await
    })
}
