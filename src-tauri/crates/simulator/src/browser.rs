//! A browser without a screen for the pages of the simulated CIS2: it signs in by HTTP and follows
//! the redirects, to loopback addresses only. Scripts and tests use it where no browser is.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;
use url::{Url, form_urlencoded};

use crate::provider::Person;

const MOST_REDIRECTS: usize = 10;
const LARGEST_PAGE: usize = 1024 * 1024;

/// How long one answer may take; Cardea's redirect listener takes 15 seconds at most.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Who signs in, and how.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The user id.
    pub person: String,
    /// The PIN that is typed.
    pub pin: String,
    /// The role to choose when asked, by its `person_roleid`; the first one when none is named.
    pub role: Option<String>,
}

impl SignIn {
    /// This person, by the right PIN, in the first role.
    #[must_use]
    pub fn of(person: &Person) -> Self {
        Self {
            person: person.id.clone(),
            pin: person.pin.clone(),
            role: None,
        }
    }
}

/// What the browser ended at.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address after all redirects.
    pub address: String,
    /// The status of the last answer.
    pub status: StatusCode,
    /// The page.
    pub content: String,
}

/// Why the browser got nowhere.
#[derive(Debug, thiserror::Error)]
pub enum BrowseError {
    /// Not an http address on loopback.
    #[error("the browser was sent to an address that is not http on loopback")]
    NotLoopback,
    /// Nobody answers there.
    #[error("nobody answers at port {port} of this computer")]
    Connect {
        /// The port.
        port: u16,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The connection broke.
    #[error("the connection broke")]
    Connection(#[from] hyper::Error),
    /// The page was too large, or broke off.
    #[error("the page was too large or broke off")]
    Page(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// A redirect without an address, or too many of them.
    #[error("the redirects lead nowhere")]
    LostInRedirects,
    /// The page is not the one where this can be done.
    #[error("this page has no sign-in form (status {status})")]
    NoForm {
        /// Its status.
        status: StatusCode,
    },
    /// The sign-in page refused what was typed.
    #[error("the simulated CIS2 refused the person, PIN or role")]
    SignInRefused,
}

/// Signs in at an authorize address, follows the redirect back and every further one.
///
/// # Errors
/// [`BrowseError`] when it gets nowhere. A page that says what went wrong is no error here.
pub async fn sign_in(authorize: &str, who: &SignIn) -> Result<Page, BrowseError> {
    let callback = sign_in_without_return(authorize, who).await?;
    open(&callback).await
}

/// Signs in, and gives the address that the browser is sent back to without going there.
///
/// # Errors
/// As [`sign_in`].
pub async fn sign_in_without_return(authorize: &str, who: &SignIn) -> Result<String, BrowseError> {
    let page = open(authorize).await?;
    let answer = submit(&page, &[("person", &who.person), ("pin", &who.pin)]).await?;
    let Visited::Page(page) = answer else {
        return answer.redirected();
    };
    let first_role = between(&page.content, "name=\"role\" value=\"", "\"");
    let role = who.role.as_deref().or(first_role);
    let role = role.ok_or(BrowseError::SignInRefused)?;
    submit(&page, &[("role", role)]).await?.redirected()
}

/// Goes to an authorize address, presses Cancel and follows the redirect back.
///
/// # Errors
/// As [`sign_in`].
pub async fn cancel(authorize: &str) -> Result<Page, BrowseError> {
    let page = open(authorize).await?;
    let callback = submit(&page, &[("do", "cancel")]).await?.redirected()?;
    open(&callback).await
}

/// Opens an address and follows its redirects.
///
/// # Errors
/// [`BrowseError`] when it gets nowhere.
pub async fn open(address: &str) -> Result<Page, BrowseError> {
    open_with(address, &[]).await
}

/// Opens an address with further headers, for instance those of a prefetch.
///
/// # Errors
/// [`BrowseError`] when it gets nowhere.
pub async fn open_with(address: &str, headers: &[(&str, &str)]) -> Result<Page, BrowseError> {
    let mut address = address.to_owned();
    for _ in 0..MOST_REDIRECTS {
        match visit(Method::GET, &address, headers, Bytes::new()).await? {
            Visited::Page(page) => return Ok(page),
            Visited::Redirect(next) => address = next,
        }
    }
    Err(BrowseError::LostInRedirects)
}

enum Visited {
    Page(Page),
    Redirect(String),
}

impl Visited {
    fn redirected(self) -> Result<String, BrowseError> {
        match self {
            Self::Redirect(to) => Ok(to),
            Self::Page(_) => Err(BrowseError::SignInRefused),
        }
    }
}

/// Sends the form of a page of the simulated CIS2.
async fn submit(page: &Page, fields: &[(&str, &str)]) -> Result<Visited, BrowseError> {
    let status = page.status;
    let form = |before| between(&page.content, before, "\"").ok_or(BrowseError::NoForm { status });
    let action = form("method=\"post\" action=\"")?;
    let action = Url::parse(&page.address).and_then(|page| page.join(action));
    let action = action.map_err(|_| BrowseError::NotLoopback)?;
    let id = form("name=\"sign_in\" value=\"")?;
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("sign_in", id)
        .extend_pairs(fields)
        .finish();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    visit(Method::POST, action.as_str(), &form, body.into()).await
}

async fn visit(
    method: Method,
    address: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Result<Visited, BrowseError> {
    let asking = ask(method, address, headers, body);
    let asked = tokio::time::timeout(ANSWER_LIMIT, asking).await;
    asked.map_err(|_| BrowseError::TimedOut)?
}

async fn ask(
    method: Method,
    address: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Result<Visited, BrowseError> {
    let url = Url::parse(address).map_err(|_| BrowseError::NotLoopback)?;
    let host = url.host_str().unwrap_or_default();
    if url.scheme() != "http" || !["127.0.0.1", "localhost", "[::1]"].contains(&host) {
        return Err(BrowseError::NotLoopback);
    }
    let port = url.port_or_known_default().unwrap_or_default();
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port))
        .await
        .map_err(|source| BrowseError::Connect { port, source })?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));

    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, format!("{host}:{port}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Full::new(body))
        .map_err(|_| BrowseError::NotLoopback)?;
    let (head, body) = sender.send_request(request).await?.into_parts();
    if head.status.is_redirection() {
        let location = head.headers.get(header::LOCATION);
        let next = location
            .and_then(|location| location.to_str().ok())
            .and_then(|location| url.join(location).ok())
            .ok_or(BrowseError::LostInRedirects)?;
        return Ok(Visited::Redirect(next.into()));
    }
    let content = Limited::new(body, LARGEST_PAGE)
        .collect()
        .await
        .map_err(BrowseError::Page)?
        .to_bytes();
    Ok(Visited::Page(Page {
        address: address.to_owned(),
        status: head.status,
        content: String::from_utf8_lossy(&content).into_owned(),
    }))
}

/// What stands between two texts, the first time.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    let (found, _) = rest.split_once(after)?;
    Some(found)
}
