use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::proxy::Route;
use crate::proxy::system::{ProxySource, Routes};

#[test]
fn the_date_of_an_answer_is_read() {
    let mut headers = HeaderMap::new();
    headers.insert(
        DATE,
        HeaderValue::from_static("Mon, 05 Jan 2026 09:00:00 GMT"),
    );
    assert_eq!(date(&headers), Time::parse("2026-01-05T09:00:00Z").ok());
    headers.insert(DATE, HeaderValue::from_static("soon"));
    assert_eq!(date(&headers), None);
}

#[tokio::test]
async fn plain_http_is_not_spoken_to_a_provider_elsewhere() {
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", server.local_addr().unwrap());
    let wire = Wire::new(Reach::Https);
    tokio::select! {
        _ = server.accept() => panic!("it connected"),
        answer = wire.fetch(&address, None) => assert!(answer.is_err()),
    }
}

#[tokio::test]
async fn a_token_that_would_break_a_header_is_not_sent() {
    let odd = Secret::new("a\r\nHost: evil.example".to_owned());
    let answer = Wire::new(Reach::Loopback)
        .fetch("http://127.0.0.1:9/", Some(&odd))
        .await;
    assert!(matches!(answer, Err(WireError::UnusableToken)));
}

/// A server that reads what its first caller asks, answers, and writes `more` for as long as
/// it is read.
async fn answering(answer: String, more: Vec<u8>) -> String {
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", server.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = server.accept().await.unwrap();
        let mut asked = [0; 1024];
        assert!(stream.read(&mut asked).await.unwrap() > 0);
        stream.write_all(answer.as_bytes()).await.unwrap();
        while !more.is_empty() && stream.write_all(&more).await.is_ok() {}
    });
    address
}

async fn fetched(answer: &str, more: Vec<u8>) -> Result<Answer, WireError> {
    let address = answering(format!("HTTP/1.1 {answer}"), more).await;
    Wire::new(Reach::Loopback).fetch(&address, None).await
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_given_up() {
    let head = "200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = [b"400\r\n".as_slice(), &[b'x'; 0x400], b"\r\n"].concat();
    let answer = fetched(head, chunk.repeat(16)).await;
    assert!(matches!(answer, Err(WireError::TooLarge)));
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_comes_in_parts_leaves_none_of_them_behind() {
    use crate::testing::memory::{ALIKE, Place, token};

    let token = token();
    let mut body = Zeroizing::new(Vec::new());
    append(&mut body, token.as_bytes());
    let place = Place::of(&body);
    // So that the allocator cannot simply give it more room where it is.
    let neighbours: Vec<_> = (0..8).map(|_| token.clone()).collect();
    append(&mut body, token.as_bytes());
    // Before anything else here could put the same text there.
    let left = place.left();
    assert!(left < ALIKE, "{left} bytes are left");
    assert_eq!(body.as_slice(), token.repeat(2).as_bytes());
    drop(neighbours);
}

#[tokio::test]
async fn an_answer_that_announces_too_much_is_not_read() {
    let answer = fetched("200 OK\r\ncontent-length: 100000000\r\n\r\n", Vec::new()).await;
    assert!(matches!(answer, Err(WireError::TooLarge)));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_told_from_none() {
    let answer = fetched("200 OK\r\ncontent-length: 10\r\n\r\n{\"a\"", Vec::new()).await;
    assert!(matches!(answer, Err(WireError::BrokenOff(_))));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = answering(
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_owned(),
        Vec::new(),
    );
    let head = format!("302 Found\r\nlocation: {}\r\n\r\n", target.await);
    assert!(matches!(
        fetched(&head, Vec::new()).await,
        Err(WireError::Redirected(302))
    ));
}

/// No question of these tests takes so long to arrive.
const HANGING: Duration = Duration::from_secs(20);

/// A proxy of the test's own, which tells what it is asked and answers that.
struct TestProxy {
    address: url::Url,
    asked: tokio::sync::mpsc::Receiver<(String, Option<u8>)>,
}

impl TestProxy {
    /// Answers each connection so; after a 200 it reads what comes through.
    async fn start(answer: &'static str) -> Self {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", server.local_addr().unwrap());
        let (tell, asked) = tokio::sync::mpsc::channel(8);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = server.accept().await.unwrap();
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                let line = head.lines().next().unwrap().to_owned();
                assert!(!head.to_lowercase().contains("proxy-authorization"));
                let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
                let first = stream.read_u8().await.ok();
                tell.send((line, first)).await.unwrap();
            }
        });
        let address = url::Url::parse(&address).unwrap();
        Self { address, asked }
    }

    /// The next question, and the first byte that came through.
    async fn asked(&mut self) -> (String, Option<u8>) {
        let asked = tokio::time::timeout(HANGING, self.asked.recv()).await;
        asked.expect("nobody asks the proxy").unwrap()
    }
}

struct Fixed(Vec<Route>);

impl ProxySource for Fixed {
    fn routes(&mut self, _address: &url::Url) -> Routes {
        Routes::Known(self.0.clone())
    }
}

fn through(source: impl ProxySource + 'static) -> Wire {
    let outlet = Outlet::through(Proxies::by(Box::new(source)).unwrap(), None).unwrap();
    Wire {
        outlet: OnceCell::new_with(Some(outlet)),
        reach: Reach::Https,
        identity: None,
    }
}

const CONNECT: &str = "CONNECT provider.example:443 HTTP/1.1";
/// The first byte of a TLS handshake.
const TLS: Option<u8> = Some(22);

#[tokio::test]
async fn the_provider_is_reached_through_the_proxy_and_by_tls_only() {
    let mut proxy = TestProxy::start("200 Connection established").await;
    let wire = through(Fixed(vec![Route::Through(proxy.address.clone())]));
    let form = Form::of([("code", "secret")].into_iter());
    for is_form in [true, false] {
        let answer = match is_form {
            true => {
                wire.submit("https://provider.example/token", form.clone(), None)
                    .await
            }
            false => wire.fetch("https://provider.example/keys", None).await,
        };
        assert!(matches!(answer, Err(WireError::Unreachable(_))));
        assert_eq!(proxy.asked().await, (CONNECT.to_owned(), TLS));
    }
}

#[tokio::test]
async fn a_proxy_that_does_not_answer_is_followed_by_the_next() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone_at = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let refusing = TestProxy::start("407 Proxy Authentication Required").await;
    let mut last = TestProxy::start("200 OK").await;
    let last_at = last.address.clone();
    let routes = [gone_at.parse().unwrap(), refusing.address, last_at];
    let wire = through(Fixed(routes.map(Route::Through).to_vec()));
    let answer = wire.fetch("https://provider.example/", None).await;
    assert!(matches!(answer, Err(WireError::Unreachable(_))));
    assert_eq!(last.asked().await, (CONNECT.to_owned(), TLS));
}

#[tokio::test]
async fn a_proxy_that_wants_a_log_on_is_told_from_one_that_is_gone() {
    let proxy = TestProxy::start("407 Proxy Authentication Required").await;
    let wire = through(Fixed(vec![Route::Through(proxy.address)]));
    let answer = wire.fetch("https://provider.example/", None).await;
    assert!(matches!(answer, Err(WireError::ProxyAuthentication)));
}

#[tokio::test]
async fn what_bypasses_the_proxy_is_not_asked_for_there() {
    let mut proxy = TestProxy::start("200 OK").await;
    let wire = through(Fixed(vec![Route::Through(proxy.address.clone())]));
    // Nobody listens at the discard port.
    let answer = wire.fetch("https://127.0.0.1:9/", None).await;
    assert!(matches!(answer, Err(WireError::Unreachable(_))));
    assert!(proxy.asked.try_recv().is_err());
}

/// Calls the provider as the environment says: run by the test below, in a process of its own.
#[tokio::test]
#[ignore = "needs HTTPS_PROXY"]
async fn call_as_the_environment_says() {
    let wire = Wire::new(Reach::Https);
    let answer = wire.fetch("https://provider.example/", None).await;
    assert!(matches!(answer, Err(WireError::Unreachable(_))));
}

#[tokio::test]
async fn the_environments_proxy_counts_and_gets_the_password_it_has_there() {
    let proxy = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = proxy.local_addr().unwrap();
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact"])
        .arg("wire::tests::call_as_the_environment_says")
        .env("HTTPS_PROXY", format!("http://name:password@{address}"))
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let accepted = tokio::time::timeout(HANGING, proxy.accept()).await;
    let (mut stream, _) = accepted.expect("nobody asks the proxy").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    drop(stream);
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with(CONNECT), "{head}");
    let basic = "proxy-authorization: basic bmftztpwyxnzd29yza==";
    assert!(head.to_lowercase().contains(basic), "{head}");
    assert!(child.wait().await.unwrap().success());
}

#[cfg(windows)]
mod on_windows {
    use cardea_win32::proxy::{NamedProxy, UserProxy};

    use super::*;
    use crate::proxy::windows::WindowsProxies;

    /// Serves a script that sends everything but `inside.example` through the proxy.
    async fn script(proxy: &TestProxy) -> String {
        let (host, port) = ("127.0.0.1", proxy.address.port().unwrap());
        let script = format!(
            "function FindProxyForURL(url, host) {{\n\
               if (host == 'inside.example' || url.length > 30) return 'DIRECT';\n\
               return 'PROXY {host}:{port}; DIRECT';\n\
             }}\n"
        );
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/proxy.pac", server.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = server.accept().await.unwrap();
                let mut asked = [0; 2048];
                assert!(stream.read(&mut asked).await.unwrap() > 0);
                let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\
                            content-type: application/x-ns-proxy-autoconfig";
                let length = script.len();
                let answer = format!("{head}\r\ncontent-length: {length}\r\n\r\n{script}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        address
    }

    fn by(settings: UserProxy) -> Wire {
        through(WindowsProxies::new(move || Ok(settings.clone())))
    }

    #[tokio::test]
    async fn the_users_script_decides_which_way_a_call_goes() {
        let mut proxy = TestProxy::start("200 OK").await;
        let script = Some(script(&proxy).await);
        let wire = by(UserProxy {
            script,
            ..UserProxy::default()
        });
        // The script is told the host and no more of the address.
        let answer = wire
            .fetch("https://provider.example/path?code=secret", None)
            .await;
        assert!(matches!(answer, Err(WireError::Unreachable(_))));
        assert_eq!(proxy.asked().await, (CONNECT.to_owned(), TLS));
        let answer = wire.fetch("https://inside.example/", None).await;
        assert!(matches!(answer, Err(WireError::Unreachable(_))));
        assert!(proxy.asked.try_recv().is_err());
    }

    #[tokio::test]
    async fn the_proxy_that_is_named_is_taken_but_for_what_bypasses_it() {
        let mut proxy = TestProxy::start("200 OK").await;
        let address = proxy.address.as_str().trim_end_matches('/');
        let named = NamedProxy {
            proxies: format!("http=nobody:1;https={address}"),
            bypass: "*.inside.example;<local>".to_owned(),
        };
        // A script that cannot be had is no reason to leave the proxy out.
        let wire = by(UserProxy {
            detect: false,
            script: Some("http://127.0.0.1:9/proxy.pac".to_owned()),
            named: Some(named),
        });
        for direct in ["https://a.inside.example/", "https://intranet/"] {
            let answer = wire.fetch(direct, None).await;
            assert!(matches!(answer, Err(WireError::Unreachable(_))));
            assert!(proxy.asked.try_recv().is_err());
        }
        let _answer = wire.fetch("https://provider.example/", None).await;
        assert_eq!(proxy.asked().await, (CONNECT.to_owned(), TLS));
    }

    #[tokio::test]
    async fn this_computers_own_settings_can_be_asked() {
        let mut proxies = WindowsProxies::new(cardea_win32::proxy::of_this_user);
        let asked = tokio::task::spawn_blocking(move || {
            let address = url::Url::parse("https://provider.example/").unwrap();
            proxies.routes(&address)
        });
        match asked.await.unwrap() {
            Routes::Known(routes) | Routes::Scripted(routes) | Routes::Guessed(routes) => {
                assert!(!routes.is_empty());
            }
        }
    }

    #[tokio::test]
    async fn who_says_which_proxy_to_take_is_told() {
        let proxy = TestProxy::start("200 OK").await;
        let script = script(&proxy).await;
        let said = async |script: Option<&str>| {
            let script = script.map(str::to_owned);
            let mut proxies = WindowsProxies::new(move || {
                Ok(UserProxy {
                    script: script.clone(),
                    ..UserProxy::default()
                })
            });
            let asked = tokio::task::spawn_blocking(move || {
                let address = url::Url::parse("https://provider.example/").unwrap();
                proxies.routes(&address)
            });
            asked.await.unwrap()
        };
        let scripted = said(Some(&script)).await;
        assert!(matches!(scripted, Routes::Scripted(_)), "{scripted:?}");
        let guessed = said(Some("http://127.0.0.1:9/proxy.pac")).await;
        assert!(matches!(guessed, Routes::Guessed(_)), "{guessed:?}");
        let named = said(None).await;
        assert!(matches!(named, Routes::Known(_)), "{named:?}");
    }
}

#[test]
fn an_answer_is_a_jwt_whatever_the_parameters_of_its_type_are() {
    let answer = |kind: &[u8]| {
        let kind = HeaderValue::from_bytes(kind).unwrap();
        is_jwt(&HeaderMap::from_iter([(CONTENT_TYPE, kind)]))
    };
    for kind in [
        &b"application/jwt"[..],
        b"Application/JWT ; charset=utf-8",
        b"application/jwt; x=\xfc",
    ] {
        assert!(answer(kind));
    }
    assert!(!answer(b"application/json") && !answer(b"application/jwt+json"));
}
