//! Signatures by a key in a hardware security module, and time stamps: SoftHSM is the module, and
//! OpenSSL the authority that stamps.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::super::options::Contents;
use super::super::tests::{Folder, packed};
use super::*;

/// Debian's.
const SOFTHSM: &str = "/usr/lib/softhsm/libsofthsm2.so";

const AUTHORITY: &str = "\
[tsa]
default_tsa = stamps
[stamps]
serial = serial
signer_cert = stamps.pem
signer_key = stamps.key
signer_digest = sha256
digests = sha256
default_policy = 1.2.3.4.1
";

/// A folder with an MSI, `code.pem` by the authority `ca.pem`, and `stamps.pem`, whose authority it
/// is itself.
fn folder(name: &str) -> (Folder, PathBuf) {
    let folder = Folder::new(name);
    let msi = packed(&folder, Contents::AgentOnly).unwrap();
    let openssl = |line: &str| {
        let mut command = Command::new("openssl");
        talking(command.args(line.split(' ')).current_dir(&folder.0)).unwrap();
    };
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=CA -keyout ca.key -out ca.pem");
    openssl(
        "req -newkey rsa:2048 -nodes -subj /CN=code -keyout code.key -out code.csr \
         -addext extendedKeyUsage=codeSigning",
    );
    openssl(
        "x509 -req -in code.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
         -copy_extensions copy -out code.pem",
    );
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=stamps -keyout stamps.key \
         -out stamps.pem -addext extendedKeyUsage=critical,timeStamping",
    );
    let trusted = ["ca.pem", "stamps.pem"].map(|file| fs::read(folder.0.join(file)).unwrap());
    fs::write(folder.0.join("trusted.pem"), trusted.concat()).unwrap();
    openssl("pkcs12 -export -passout pass:1234 -inkey code.key -in code.pem -out code.pfx");
    fs::write(folder.0.join("password"), "1234").unwrap();
    fs::write(folder.0.join("stamps.cnf"), AUTHORITY).unwrap();
    fs::write(folder.0.join("serial"), "01").unwrap();
    (folder, msi)
}

fn by_file(folder: &Folder, time_stamp: Option<String>) -> Signing {
    Signing {
        key: Key::Pfx(folder.0.join("code.pfx")),
        password_file: Some(folder.0.join("password")),
        time_stamp,
        trusted: Some(folder.0.join("trusted.pem")),
    }
}

/// Answers one request for a time stamp (RFC 3161, section 3.4).
fn stamp(folder: &Path, stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).unwrap() > 2 {
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut query = vec![0; length];
    reader.read_exact(&mut query).unwrap();
    fs::write(folder.join("query"), query).unwrap();
    let mut reply = Command::new("openssl");
    reply.args("ts -reply -config stamps.cnf -queryfile query -out reply".split(' '));
    talking(reply.current_dir(folder)).unwrap();
    let reply = fs::read(folder.join("reply")).unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\n\r\n",
        reply.len()
    );
    (&stream)
        .write_all(&[head.as_bytes(), &reply].concat())
        .unwrap();
}

#[test]
#[ignore = "needs wixl and osslsigncode"]
fn a_time_stamp_is_had_and_looked_at() {
    let (folder, msi) = folder("stamp");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let place = folder.0.clone();
    let authority = thread::spawn(move || stamp(&place, listener.accept().unwrap().0));
    let mut signing = by_file(&folder, Some(address));
    signing.sign(&msi).unwrap();
    authority.join().unwrap();
    signing.verify(&msi).unwrap();

    let not_stamped = |signing: &Signing| {
        let error = signing.verify(&msi).unwrap_err().to_string();
        assert!(error.contains("no good time stamp"), "{error}");
    };
    // By an authority that is not trusted.
    signing.trusted = Some(folder.0.join("ca.pem"));
    not_stamped(&signing);

    // Nobody listens there any more: what is there stays as it is.
    let before = fs::read(&msi).unwrap();
    assert!(signing.sign(&msi).is_err());
    assert_eq!(fs::read(&msi).unwrap(), before);

    by_file(&folder, None).sign(&msi).unwrap();
    by_file(&folder, None).verify(&msi).unwrap();
    not_stamped(&signing);
}

#[test]
#[ignore = "needs wixl and osslsigncode"]
fn a_changed_file_and_a_strangers_signature_are_refused() {
    let (folder, msi) = folder("changed");
    let mut signing = by_file(&folder, None);
    assert!(signing.verify(&msi).is_err(), "it is not signed");
    signing.sign(&msi).unwrap();
    signing.verify(&msi).unwrap();

    let good = fs::read(&msi).unwrap();
    let name = b"LICENSE.txt";
    let at = good
        .windows(name.len())
        .position(|part| part == name)
        .unwrap();
    let mut changed = good.clone();
    changed[at] ^= 1;
    fs::write(&msi, changed).unwrap();
    assert!(signing.verify(&msi).is_err());

    fs::write(&msi, good).unwrap();
    signing.trusted = Some(folder.0.join("stamps.pem"));
    assert!(signing.verify(&msi).is_err());
}

#[test]
#[ignore = "needs wixl, osslsigncode and SoftHSM"]
fn a_key_in_a_module_signs_and_never_leaves_it() {
    let (folder, msi) = folder("module");
    let configuration = folder.0.join("softhsm2.conf");
    let tokens = folder.0.join("tokens");
    fs::create_dir(&tokens).unwrap();
    fs::write(
        &configuration,
        format!("directories.tokendir = {}\n", tokens.display()),
    )
    .unwrap();
    let softhsm = |line: &str| {
        let mut command = Command::new("softhsm2-util");
        command.args(line.split(' ')).current_dir(&folder.0);
        talking(command.env("SOFTHSM2_CONF", &configuration)).unwrap();
    };
    softhsm("--init-token --free --label release --pin 1234 --so-pin 5678");
    softhsm("--import code.key --label cardea --id 01 --token release --pin 1234");
    for file in ["code.key", "code.pfx"] {
        fs::remove_file(folder.0.join(file)).unwrap();
    }
    let signing = Signing {
        key: Key::Pkcs11 {
            uri: "pkcs11:token=release;object=cardea".to_owned(),
            certificates: folder.0.join("code.pem"),
            module: SOFTHSM.into(),
        },
        ..by_file(&folder, None)
    };
    let sign = || {
        let mut command = signing.command();
        command.env("SOFTHSM2_CONF", &configuration);
        Signing::sign_by(command, &msi)
    };
    sign().unwrap();
    signing.verify(&msi).unwrap();

    fs::write(folder.0.join("password"), "4321").unwrap();
    assert!(sign().is_err(), "by another PIN");
    signing.verify(&msi).unwrap();
}
