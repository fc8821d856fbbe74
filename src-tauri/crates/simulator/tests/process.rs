//! The simulated CIS2 as a process, over its standard input and output.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use cardea_simulator::browser::{self, SignIn};
use cardea_simulator::provider::{Client, ProviderSettings};
use serde_json::{Value, json};

struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(settings: &Value) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_simulated-cis2"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut process = Self {
            child,
            input,
            output,
        };
        process.tell(settings);
        process
    }

    fn tell(&mut self, value: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{value}").unwrap();
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn ask(&mut self, value: &Value) -> Value {
        self.tell(value);
        self.hear()
    }

    /// Ends its input and gives its exit code.
    fn end(mut self) -> Option<i32> {
        self.input = None;
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Ended already when the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn settings() -> Value {
    let client = Client::with_secret("a-client", "a-secret");
    serde_json::to_value(ProviderSettings::with_client(client)).unwrap()
}

#[tokio::test]
async fn it_obeys_answers_and_ends_with_its_input() {
    let mut process = Process::start(&settings());
    let issuer = process.hear()["ready"]["issuer"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        process.ask(&json!({"add_fault": {"callback": "no_issuer"}})),
        "done"
    );
    assert_eq!(process.ask(&json!({"hold": "callback"})), "done");
    let authorize = format!(
        "{issuer}/authorize?response_type=code&client_id=a-client&scope=openid\
         &redirect_uri=http://localhost:28117/callback"
    );
    let nurse = SignIn {
        person: "555000000001".into(),
        pin: "1234".into(),
        role: None,
    };
    let signing_in =
        tokio::spawn(async move { browser::sign_in_without_return(&authorize, &nurse).await });
    let mut process = tokio::task::spawn_blocking(move || {
        assert_eq!(process.hear(), json!({"reached": "callback"}));
        assert_eq!(process.ask(&json!({"release": "callback"})), "done");
        process
    })
    .await
    .unwrap();
    let callback = signing_in.await.unwrap().unwrap();
    assert!(!callback.contains("iss="), "{callback}");
    let log = process.ask(&json!("log"));
    let signed_in = json!({"signed_in": {"person": "555000000001"}});
    assert!(
        log["log"]["seen"].as_array().unwrap().contains(&signed_in),
        "{log}"
    );
    assert!(process.ask(&json!("no_such_command"))["wrong"].is_string());
    assert_eq!(process.end(), Some(0));
}

#[test]
fn it_says_what_is_wrong_with_its_settings() {
    let mut process = Process::start(&json!({"porrt": 1}));
    let said = process.hear();
    assert!(said["wrong"].as_str().unwrap().contains("porrt"), "{said}");
    assert_eq!(process.end(), Some(1));
}
