//! The redirect address.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::Secret;
use crate::redirect::{Awaited, Callback, answer_one};

/// What the redirect of an attempt must look like.
#[derive(Clone, Copy, Debug)]
pub struct Redirect<'a> {
    /// `Host`.
    pub authority: &'a str,
    /// The path.
    pub path: &'a str,
    /// The attempt's own `state`.
    pub state: &'a str,
    /// The provider that was asked.
    pub issuer: &'a str,
    /// Whether it promised to name itself.
    pub issuer_required: bool,
}

/// What the browser brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Came {
    /// A code to redeem.
    Code(String),
    /// The error of this name.
    Error(String),
    /// Something of another provider.
    WrongIssuer,
}

/// Answers the bytes of one connection, from its first to its last. What goes back comes first.
pub async fn callback(request: &[u8], redirect: Redirect<'_>) -> (Vec<u8>, Option<Came>) {
    let awaited = Awaited {
        authority: redirect.authority.to_owned(),
        path: redirect.path.to_owned(),
        state: Secret::new(redirect.state.to_owned()),
        issuer: redirect.issuer.to_owned(),
        issuer_required: redirect.issuer_required,
    };
    let mut answered = Vec::new();
    let stream = Stream {
        request,
        waits: WAITS,
        answered: &mut answered,
    };
    let callback = answer_one(stream, awaited).await;
    let came = callback.map(|callback| match callback {
        Callback::Code(code) => Came::Code(code.expose().to_owned()),
        Callback::Error(error) => Came::Error(error.name().to_owned()),
        Callback::WrongIssuer => Came::WrongIssuer,
    });
    (answered, came)
}

/// How often the other side is asked for more before it closes: it would not while the answer comes.
const WAITS: u8 = 4;

/// The other side of a connection.
struct Stream<'a> {
    request: &'a [u8],
    waits: u8,
    answered: &'a mut Vec<u8>,
}

impl AsyncRead for Stream<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.request.is_empty() && self.waits > 0 {
            self.waits -= 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.request).poll_read(context, into)
    }
}

impl AsyncWrite for Stream<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.answered).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
