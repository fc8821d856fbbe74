//! A PC/SC card source in a process of its own that takes orders on standard input and prints what
//! the source reports, in lines of JSON; and the other end's reading of these lines.

mod json;

use cardea_readers::{CardSource, PcscSource};
use cardea_session::ReaderEvent;
use serde_json::{Value, json};

pub use json::{event_from_json, event_to_json, settings_from_json, settings_to_json};

/// Marks the lines of the process among those that a test runner prints.
pub const MARK: &str = "@ ";

/// Runs a source: the first order is its settings, each later one other settings, or `"stop"`.
/// Once it has stopped, `check` is called and `"stopped"` printed.
///
/// # Panics
/// When an order cannot be read, or the source does not start.
pub fn run(check: impl FnOnce()) {
    let mut orders = std::io::stdin().lines().map_while(Result::ok);
    let Some(settings) = orders.next() else {
        return;
    };
    let say = |line: &Value| println!("{MARK}{line}");
    let sink = move |event: ReaderEvent| say(&event_to_json(&event));
    let settings = settings_from_json(&serde_json::from_str(&settings).unwrap());
    let source = PcscSource::start(settings, Box::new(sink)).unwrap();
    for order in orders {
        let order: Value = serde_json::from_str(&order).unwrap();
        if order == "stop" {
            drop(source);
            check();
            say(&json!("stopped"));
            return;
        }
        source.apply(settings_from_json(&order));
    }
}
