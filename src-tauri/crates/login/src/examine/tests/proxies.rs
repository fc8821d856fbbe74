//! Proxies.

use std::sync::Mutex as StdMutex;
use std::sync::mpsc::Receiver;

use url::Url;

use super::*;
use crate::proxy::system::{ProxySource, Routes};

const ELSEWHERE: &str = "https://cis2.example/op";

/// What the operating system says.
struct System(Routes);

impl ProxySource for System {
    fn routes(&mut self, _address: &Url) -> Routes {
        self.0.clone()
    }
}

fn where_the_system_says(issuer: &str, source: impl ProxySource + 'static) -> Examination {
    let mut examination = of_issuer(issuer);
    let proxies = Proxies::by(Box::new(source)).unwrap();
    examination.proxies = OnceCell::new_with(Some(proxies));
    examination
}

#[tokio::test]
async fn what_the_system_names_is_told_with_who_says_it() {
    let proxy = Route::Through("http://proxy.example:3128".parse().unwrap());
    let way = Way::Proxy {
        scheme: "http".to_owned(),
        host: "proxy.example".to_owned(),
        port: 3128,
    };
    for (routes, said_by, ways) in [
        (
            Routes::Known(vec![Route::Direct]),
            SaidBy::Settings,
            vec![Way::Direct],
        ),
        (
            Routes::Known(vec![proxy.clone()]),
            SaidBy::Settings,
            vec![way.clone()],
        ),
        (
            Routes::Scripted(vec![proxy.clone(), Route::Direct]),
            SaidBy::Script,
            vec![way.clone(), Way::Direct],
        ),
        (
            Routes::Guessed(vec![proxy.clone()]),
            SaidBy::SettingsInPlaceOfScript,
            vec![way.clone()],
        ),
        (
            Routes::Scripted(vec![proxy.clone(); 9]),
            SaidBy::Script,
            vec![way.clone(); 3],
        ),
    ] {
        let named = where_the_system_says(ELSEWHERE, System(routes))
            .proxies()
            .await;
        let expected = ProxiesNamed { said_by, ways };
        assert_eq!(named.works(), Some(&expected));
    }
}

/// Answers when the sender is dropped.
struct Stuck(StdMutex<Receiver<()>>);

impl ProxySource for Stuck {
    fn routes(&mut self, _address: &Url) -> Routes {
        let _released = self.0.lock().unwrap().recv();
        Routes::Known(vec![Route::Direct])
    }
}

#[tokio::test(start_paused = true)]
async fn a_script_that_does_not_end_is_given_up() {
    let (_release, held) = sync_channel(0);
    let examination = where_the_system_says(ELSEWHERE, Stuck(StdMutex::new(held)));
    let named = examination.proxies().await;
    let late = matches!(named, Step::Fails(ProxyProblem::TimedOut));
    assert!(late, "{named:?}");
}

#[tokio::test(start_paused = true)]
async fn what_the_system_did_not_say_in_time_is_not_waited_for_by_each_step() {
    let (release, held) = sync_channel(0);
    let issuer = format!("https://{}.example/", "x".repeat(64));
    let late = Late(StdMutex::new(held));
    let examination = where_the_system_says(&issuer, late);
    let named = examination.proxies().await;
    assert!(matches!(named, Step::Fails(ProxyProblem::TimedOut)));
    drop(release);
    tokio::time::resume();
    // Somebody who asked again would be sent through a proxy.
    let Step::Fails(NoConnection { failed }) = examination.connection().await else {
        panic!("it is connected");
    };
    let ways: Vec<_> = failed.iter().map(|failed| &failed.way).collect();
    assert_eq!(ways, [&Way::Direct]);
    // Whoever wants to know that asks again.
    let named = examination.proxies().await;
    assert_eq!(named.works().unwrap().said_by, SaidBy::Script);
}

/// Answers when the sender is dropped, and names a proxy.
struct Late(StdMutex<Receiver<()>>);

impl ProxySource for Late {
    fn routes(&mut self, _address: &Url) -> Routes {
        let _released = self.0.lock().unwrap().recv();
        let proxy = "http://127.0.0.1:9".parse().unwrap();
        Routes::Scripted(vec![Route::Through(proxy)])
    }
}

#[tokio::test]
async fn nothing_on_this_computer_goes_through_a_proxy() {
    let named = of_issuer("http://127.0.0.1:9/op").proxies().await;
    let here = matches!(named, Step::NotApplicable(NotApplicable::OnThisComputer));
    assert!(here, "{named:?}");
    let over_tls = "https://localhost:1/op";
    let proxy = Route::Through("http://proxy.example:3128".parse().unwrap());
    let system = System(Routes::Known(vec![proxy]));
    let named = where_the_system_says(over_tls, system).proxies().await;
    assert_eq!(named.works().unwrap().ways, [Way::Direct]);
    let named = of_issuer("http://cis2.example/op").proxies().await;
    let bad = matches!(named, Step::NotApplicable(NotApplicable::AddressNotAllowed));
    assert!(bad, "{named:?}");
}

/// Run by the test below, in a process of its own.
#[tokio::test]
#[ignore = "needs HTTPS_PROXY"]
async fn examine_as_the_environment_says() {
    let examination = of_issuer("https://cis2.example/op");
    let named = examination.proxies().await;
    let named = named.works().unwrap();
    assert_eq!(named.said_by, SaidBy::Environment);
    assert!(!format!("{named:?}").contains("password"), "{named:?}");
    assert!(matches!(
        &named.ways[..],
        [Way::Proxy { host, .. }] if host == "127.0.0.1"
    ));
    let connection = examination.connection().await;
    assert!(connection.works().is_some(), "{connection:?}");
    let bypassed = of_issuer("https://inside.example/op").proxies().await;
    assert_eq!(bypassed.works().unwrap().ways, [Way::Direct]);
}

#[tokio::test]
async fn the_environments_proxy_is_told_without_the_password_that_it_gets() {
    let mut proxy = Peer::saying("HTTP/1.1 200 Connection established\r\n\r\n").await;
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact"])
        .arg("examine::tests::proxies::examine_as_the_environment_says")
        .env(
            "HTTPS_PROXY",
            format!("http://name:password@{}", proxy.address),
        )
        // The same one on Windows.
        .env_remove("no_proxy")
        .env("NO_PROXY", "inside.example")
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let asked = proxy.asked().await;
    assert!(asked.starts_with("CONNECT cis2.example:443 HTTP/1.1\r\n"));
    let basic = "Proxy-Authorization: Basic bmFtZTpwYXNzd29yZA==\r\n";
    assert!(asked.contains(basic), "{asked}");
    assert!(child.wait().await.unwrap().success());
}
