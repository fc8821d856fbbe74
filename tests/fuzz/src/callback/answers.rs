//! What goes back to the browser: one of three pages, whatever was sent. So nothing of a request is
//! ever in an answer.

use std::sync::LazyLock;

use super::{AUTHORITY, PATH, STATE, visit};

/// Head and body, without what differs from one moment or client to the other.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    head: Vec<String>,
    body: Vec<u8>,
}

/// To the callback, to who asks for its result, to anybody else.
static PAGES: LazyLock<[Answer; 3]> = LazyLock::new(|| {
    let targets = [
        format!("{PATH}?code=c&state={STATE}"),
        format!("{PATH}/result"),
        "/".to_owned(),
    ];
    let pages = targets.map(|target| {
        let request = format!("GET {target} HTTP/1.1\r\nhost: {AUTHORITY}\r\n\r\n");
        Answer::read(&visit(request.as_bytes(), false).0)
    });
    let statuses = pages.each_ref().map(|page| page.head[0].as_str());
    assert_eq!(statuses, ["303 See Other", "200 OK", "400 Bad Request"]);
    pages
});

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, body) = bytes.split_at(end.expect("an answer has a head"));
        let head = String::from_utf8(head.to_vec()).expect("a head is a text");
        let status = head.strip_prefix("HTTP/1.1 ");
        let status = status.or_else(|| head.strip_prefix("HTTP/1.0 "));
        let lines = status.expect("an answer has a version").split("\r\n");
        let differs = |line: &&str| line.starts_with("date: ") || line.starts_with("connection: ");
        Self {
            head: lines
                .filter(|line| !differs(line))
                .map(str::to_owned)
                .collect(),
            body: body[4..].to_vec(),
        }
    }

    /// Bytes that are no request of HTTP get an empty answer.
    fn is_empty_error(&self) -> bool {
        let [status, rest @ ..] = &self.head[..] else {
            return false;
        };
        self.body.is_empty()
            && [
                "400 Bad Request",
                "414 URI Too Long",
                "431 Request Header Fields Too Large",
            ]
            .contains(&status.as_str())
            && rest.iter().all(|line| line == "content-length: 0")
    }
}

pub(super) fn check(bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let answer = Answer::read(bytes);
    let is_page = PAGES.iter().any(|page| {
        // HEAD gets the head alone.
        answer.head == page.head && (answer.body == page.body || answer.body.is_empty())
    });
    assert!(is_page || answer.is_empty_error(), "{answer:?}");
}
