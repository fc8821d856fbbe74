//! Answers the calls of `winscard.dll`, whose page says what they look like: a thread for each
//! connection, until its other end goes.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::Service;
use super::code;
use super::state::{Entry, Shown};

/// `INFINITE`.
const FOR_EVER: u64 = 0xFFFF_FFFF;

/// Serves one connection to its end.
pub fn serve(service: &Service, stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line)? > 0 {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(answer) = answer(service, &words) else {
            return Ok(());
        };
        stream.get_mut().write_all(answer.as_bytes())?;
        line.clear();
    }
    Ok(())
}

/// The answer to one call; none when the service is gone meanwhile.
fn answer(service: &Service, words: &[&str]) -> Option<String> {
    let number = |word: &str| word.parse::<u64>().expect("a number");
    Some(match *words {
        ["Establish"] => brings(service.change(|state| state.establish()), |context| {
            context.to_string()
        }),
        ["Release", context] => nothing(service.change(|state| state.release(number(context)))),
        ["IsValid", context] => nothing(service.change(|state| state.is_valid(number(context)))),
        ["Cancel", context] => nothing(service.change(|state| state.cancel(number(context)))),
        ["List", context] => brings(
            service.change(|state| state.list(number(context))),
            |names| names.iter().map(|name| hex(name) + " ").collect(),
        ),
        ["Wait", context, limit, ref entries @ ..] => {
            let entries = entries.iter().map(|entry| read_entry(entry)).collect();
            wait(service, number(context), number(limit), entries)?
        }
        ["Started"] => brings(Ok(service.change(|state| state.started())), |changes| {
            changes.to_string()
        }),
        ["Follow", changes] => {
            let changes = number(changes);
            let now = service.until(None, |state| {
                (state.changes != changes).then_some(state.changes)
            })?;
            brings(Ok(now), |changes| changes.to_string())
        }
        ["Card"] => nothing(Err(service.change(|state| state.card()))),
        ["Tick"] => nothing(Ok(())),
        _ => panic!("no such call: {words:?}"),
    })
}

fn wait(service: &Service, context: u64, limit: u64, entries: Vec<Entry>) -> Option<String> {
    if let Err(code) = service.change(|state| state.begin_wait(context, entries)) {
        return Some(nothing(Err(code)));
    }
    let until = (limit < FOR_EVER).then(|| Instant::now() + Duration::from_millis(limit));
    let ended = service.until(until, |state| state.wait(context));
    let at_limit = service.change(|state| state.end_wait(context));
    let (code, shown) = match ended {
        Some(Ok(shown)) => (0, shown),
        Some(Err(code)) => (code, Vec::new()),
        None if service.is_gone() => return None,
        None => (code::TIMEOUT, at_limit),
    };
    let shown: String = shown.iter().map(write_shown).collect();
    Some(format!("{code:x} {shown}\n"))
}

fn nothing(answer: Result<(), u32>) -> String {
    brings(answer, |()| String::new())
}

fn brings<T>(answer: Result<T, u32>, words: impl FnOnce(T) -> String) -> String {
    match answer {
        Ok(brought) => format!("0 {}\n", words(brought)),
        Err(code) => format!("{code:x}\n"),
    }
}

fn read_entry(word: &str) -> Entry {
    let (name, known) = word.split_once(':').expect("a name and a state");
    let digits = |index| u8::from_str_radix(&name[index..index + 2], 16).expect("hexadecimal");
    Entry {
        name: (0..name.len()).step_by(2).map(digits).collect(),
        known: u32::from_str_radix(known, 16).expect("hexadecimal"),
    }
}

fn write_shown(shown: &Shown) -> String {
    format!("{:x}:{} ", shown.state, hex(&shown.atr))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}
