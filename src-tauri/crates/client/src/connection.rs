//! One HTTP/1.1 connection to the agent. It owns the task that drives it.

use std::path::Path;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

use crate::route::{Address, Endpoint, Route};
use crate::{ClientError, os};

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
    port: Option<u16>,
    _driver: AbortOnDropHandle<()>,
}

/// A request that got no answer.
pub(crate) struct Unanswered {
    pub(crate) error: hyper::Error,
    /// The request, when it did not leave this process.
    pub(crate) unsent: Option<Request<Full<Bytes>>>,
}

impl Connection {
    pub(crate) async fn open(route: &Route) -> Result<Self, ClientError> {
        match route {
            Route::Socket(path) => Self::over_socket(path).await,
            Route::Address(address) => Self::over_tcp(address).await,
            Route::EndpointFile(file) => {
                let endpoint = Endpoint::read(file).await?;
                match &endpoint.url {
                    Some(url) => Self::over_tcp(&Address::parse(url)?).await,
                    None => Self::over_socket(&endpoint.socket).await,
                }
            }
            #[cfg(test)]
            Route::Pipe(pipe) => Self::over(pipe.connect()?, "localhost", None).await,
        }
    }

    async fn over_socket(path: &Path) -> Result<Self, ClientError> {
        Self::over(os::connect(path).await?, "localhost", None).await
    }

    async fn over_tcp(address: &Address) -> Result<Self, ClientError> {
        let stream = TcpStream::connect(address.socket)
            .await
            .map_err(ClientError::unopened)?;
        stream.set_nodelay(true).map_err(ClientError::unopened)?;
        Self::over(stream, &address.authority, Some(address.socket.port())).await
    }

    async fn over<T>(stream: T, host: &str, port: Option<u16>) -> Result<Self, ClientError>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let host = HeaderValue::from_str(host).map_err(|_| ClientError::Address(host.into()))?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(ClientError::Connection)?;
        let driver = tokio::spawn(async move {
            // A broken connection is an error of the request on it.
            let _ = connection.await;
        });
        Ok(Self {
            sender,
            host,
            port,
            _driver: AbortOnDropHandle::new(driver),
        })
    }

    /// The TCP port; none on the local socket.
    pub(crate) fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether another request can be sent now.
    pub(crate) fn is_ready(&self) -> bool {
        self.sender.is_ready()
    }

    pub(crate) async fn send(
        &mut self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Unanswered> {
        request
            .headers_mut()
            .insert(header::HOST, self.host.clone());
        if let Err(error) = self.sender.ready().await {
            let unsent = Some(request);
            return Err(Unanswered { error, unsent });
        }
        self.sender
            .try_send_request(request)
            .await
            .map_err(|mut failed| Unanswered {
                unsent: failed.take_message(),
                error: failed.into_error(),
            })
    }
}
