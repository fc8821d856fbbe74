//! Certificates, and what comes in their place.

use super::*;

async fn at(address: SocketAddr) -> Step<Presented, CertificateProblem> {
    let issuer = format!("https://{address}/op");
    by_ways(&issuer, vec![Route::Direct]).certificate().await
}

#[tokio::test]
async fn what_answers_without_a_certificate_is_told_apart() {
    let peer = Peer::saying("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let no_tls = at(peer.address).await;
    assert!(
        matches!(no_tls, Step::Fails(CertificateProblem::NoTls)),
        "{no_tls:?}"
    );

    let peer = Peer::saying("").await;
    let cut = at(peer.address).await;
    let broken_off = matches!(cut, Step::Fails(CertificateProblem::BrokenOff(_)));
    assert!(broken_off, "{cut:?}");

    // handshake_failure (RFC 8446, section 6).
    let peer = Peer::saying([0x15, 3, 3, 0, 2, 2, 40]).await;
    let refused = at(peer.address).await;
    let alert = matches!(
        refused,
        Step::Fails(CertificateProblem::HandshakeRefused(_))
    );
    assert!(alert, "{refused:?}");

    let nobody = Nobody::new();
    let none = at(nobody.address()).await;
    let not_reached = matches!(none, Step::Fails(CertificateProblem::NoConnection(_)));
    assert!(not_reached, "{none:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_given_up() {
    let peer = Peer::silent().await;
    let silent = at(peer.address).await;
    let late = matches!(silent, Step::Fails(CertificateProblem::TimedOut));
    assert!(late, "{silent:?}");
}

#[tokio::test]
async fn where_no_certificate_is_due_none_is_looked_for() {
    let plain = of_issuer("http://127.0.0.1:9/op").certificate().await;
    let is_plain = matches!(plain, Step::NotApplicable(NotApplicable::PlainHttp));
    assert!(is_plain, "{plain:?}");
    let bad = of_issuer("ftp://cis2.example").certificate().await;
    let is_bad = matches!(bad, Step::NotApplicable(NotApplicable::AddressNotAllowed));
    assert!(is_bad, "{bad:?}");
}

#[cfg(target_os = "linux")]
mod by_openssl {
    use std::time::Duration;

    use rustls::client::WebPkiServerVerifier;
    use rustls::pki_types::{ServerName, UnixTime};
    use tokio::net::TcpStream;

    use super::super::super::certificate::shown;
    use super::super::authority::Authority;
    use super::*;

    #[tokio::test]
    async fn a_foreign_authority_is_refused_and_named_with_whose_it_is() {
        let authority = Authority::new("/O=Zscaler~Inc./CN=Zscaler~Root~CA");
        let (address, mut ended, _server) = authority.serve().await;
        let issuer = format!("https://localhost:{}/op", address.port());
        let refused = by_ways(&issuer, vec![Route::Direct]).certificate().await;
        let Step::Fails(CertificateProblem::Refused { why, presented }) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(
            why,
            "this computer does not trust who issued the certificate"
        );
        assert_eq!(presented.inspected_by, Some("Zscaler"));
        let names: Vec<_> = presented
            .chain
            .iter()
            .map(|names| {
                let name = |name: &Name| name.common_name.clone().unwrap();
                (name(&names.subject), name(&names.issuer))
            })
            .collect();
        let root = "Zscaler Root CA".to_owned();
        assert_eq!(
            names,
            [
                ("cis2.example".to_owned(), root.clone()),
                (root.clone(), root)
            ]
        );
        let organisation = presented.chain[0].issuer.organisation.as_deref();
        assert_eq!(organisation, Some("Zscaler Inc."));
        let (from, until) = (presented.not_before.unwrap(), presented.not_after.unwrap());
        assert_eq!(until.unix() - from.unix(), 2 * 24 * 60 * 60);
        // Nobody could have said anything on that connection.
        assert_eq!(ended.recv().await, Some(false));
    }

    #[tokio::test]
    async fn a_certificate_is_seen_through_a_proxy_too() {
        let authority = Authority::new("/CN=Practice~Root");
        let (address, _ended, _server) = authority.serve().await;
        let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let way = proxy_at(proxy.local_addr().unwrap());
        let through = tokio::spawn(async move {
            let (mut client, _) = proxy.accept().await.unwrap();
            let mut asked = [0; 1024];
            assert!(client.read(&mut asked).await.unwrap() > 0);
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            let mut server = TcpStream::connect(address).await.unwrap();
            let _ended = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        });
        let _through = AbortOnDropHandle::new(through);
        let refused = by_ways("https://cis2.example/op", vec![way])
            .certificate()
            .await;
        let Step::Fails(CertificateProblem::Refused { presented, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(presented.chain.len(), 2);
        assert_eq!(presented.inspected_by, None);
    }

    #[tokio::test]
    async fn each_reason_to_refuse_a_certificate_is_told() {
        const DAY: u64 = 24 * 60 * 60;
        let authority = Authority::new("/CN=Practice~Root");
        let (address, _ended, _server) = authority.serve().await;
        let stream = TcpStream::connect(address).await.unwrap();
        let localhost = ServerName::try_from("localhost").unwrap();
        let shown = shown(stream, localhost.clone()).await.unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let roots = Arc::new(authority.roots());
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider);
        let verifier = verifier.build().unwrap();
        let now = UnixTime::now().as_secs();
        let other = ServerName::try_from("other.example").unwrap();
        for (name, seconds, says) in [
            (&localhost, now, None),
            (&localhost, now + 3 * DAY, Some("has expired")),
            (&localhost, now - DAY, Some("is not valid yet")),
            (&other, now, Some("is for another name")),
        ] {
            let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            let judged = shown.judge(name, verifier.as_ref(), at);
            match (judged, says) {
                (Ok(()), None) => {}
                (Err(why), Some(says)) => assert!(why.contains(says), "{why}"),
                (judged, says) => panic!("{judged:?} {says:?}"),
            }
        }
    }

    #[tokio::test]
    async fn a_system_that_does_not_judge_is_told_with_what_was_shown() {
        let authority = Authority::new("/CN=Practice~Root");
        let (address, _ended, _server) = authority.serve().await;
        let issuer = format!("https://{address}/op");
        let mut examination = by_ways(&issuer, vec![Route::Direct]);
        let (thread, _held) = held_thread(TOO_MANY);
        examination.verifier = thread;
        let certificate = examination.certificate().await;
        let Step::Fails(CertificateProblem::NotJudged { presented }) = certificate else {
            panic!("{certificate:?}");
        };
        assert_eq!(presented.chain.len(), 2);
    }

    /// Run by the test below, in a process of its own.
    #[tokio::test]
    #[ignore = "needs SSL_CERT_FILE"]
    async fn examine_by_the_roots_of_the_environment() {
        let address = std::env::var("EXAMINED").unwrap().parse().unwrap();
        let trusted = at(address).await;
        let presented = trusted.works().unwrap();
        assert_eq!(presented.inspected_by, Some("Sophos"));
    }

    #[tokio::test]
    async fn an_inspector_that_this_computer_trusts_is_named_all_the_same() {
        let authority = Authority::new("/O=Sophos/CN=Sophos~SSL~CA_C0000");
        let (address, mut ended, _server) = authority.serve().await;
        let test =
            "examine::tests::certificate::by_openssl::examine_by_the_roots_of_the_environment";
        let mut child = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", test])
            .env("SSL_CERT_FILE", authority.path())
            .env_remove("SSL_CERT_DIR")
            .env("EXAMINED", address.to_string())
            .stdout(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let finished = tokio::time::timeout(HANGING, ended.recv()).await;
        assert_eq!(finished.expect("nobody connects"), Some(false));
        assert!(child.wait().await.unwrap().success());
    }
}
