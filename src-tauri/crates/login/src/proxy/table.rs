//! What is known of the ways to the hosts that were called.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use url::Url;

use super::Route;

/// How many hosts are remembered; the provider and its broker are a few.
const HOSTS: usize = 32;
/// How many ways to one host are tried.
pub(crate) const ROUTES: usize = 3;

/// Which of the ways to a host is tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice(usize);

/// The ways to the hosts.
#[derive(Debug, Default)]
pub(super) struct Table(Mutex<HashMap<String, Known>>);

#[derive(Debug)]
struct Known {
    routes: Vec<Route>,
    choice: Choice,
    until: Instant,
}

impl Table {
    /// The way that is tried next, when one is known that still counts.
    pub(super) fn known(&self, address: &Url, now: Instant) -> Option<Choice> {
        let hosts = self.hosts();
        let known = hosts.get(&host(address))?;
        (now < known.until).then_some(known.choice)
    }

    /// Remembers the ways to an address.
    pub(super) fn keep(&self, address: &Url, mut routes: Vec<Route>, until: Instant) {
        routes.truncate(ROUTES);
        let known = Known {
            routes,
            choice: Choice::default(),
            until,
        };
        let mut hosts = self.hosts();
        let host = host(address);
        if hosts.len() >= HOSTS && !hosts.contains_key(&host) {
            let first = hosts.iter().min_by_key(|(_, known)| known.until);
            if let Some(first) = first.map(|(host, _)| host.clone()) {
                hosts.remove(&first);
            }
        }
        hosts.insert(host, known);
    }

    /// The proxy that is tried next, if any.
    pub(super) fn through(&self, address: &Url) -> Option<Url> {
        let hosts = self.hosts();
        let known = hosts.get(&host(address))?;
        match known.routes.get(known.choice.0)? {
            Route::Direct => None,
            Route::Through(proxy) => Some(proxy.clone()),
        }
    }

    /// The way after one that led nowhere; when it was the last, all are forgotten and looked for
    /// again by the next call: the computer may have been carried elsewhere.
    pub(super) fn after(&self, failed: Choice, address: &Url) -> Option<Choice> {
        let mut hosts = self.hosts();
        let host = host(address);
        let known = hosts.get_mut(&host)?;
        // Another call may have found out already.
        if known.choice == failed {
            known.choice.0 += 1;
        }
        let next = known.choice;
        if next.0 >= known.routes.len() {
            hosts.remove(&host);
            return None;
        }
        Some(next)
    }

    fn hosts(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Scheme, host and port: scripts are told no more.
fn host(address: &Url) -> String {
    address.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn through(proxy: &str) -> Route {
        Route::Through(url(proxy))
    }

    #[test]
    fn ways_are_tried_one_after_the_other_and_then_looked_for_again() {
        let (table, now) = (Table::default(), Instant::now());
        let address = url("https://cis2.example/token");
        let routes = vec![
            through("http://one:80"),
            through("http://two:80"),
            Route::Direct,
        ];
        table.keep(&address, routes, now + Duration::from_secs(9));
        let other_path = url("https://cis2.example:443/userinfo");
        assert_eq!(table.through(&other_path), Some(url("http://one:80")));

        let first = table.known(&address, now).unwrap();
        let second = table.after(first, &address).unwrap();
        assert_eq!(table.through(&address), Some(url("http://two:80")));
        assert_eq!(table.after(first, &address), Some(second));
        let third = table.after(second, &address).unwrap();
        assert_eq!(table.through(&address), None);
        assert_eq!(table.known(&address, now), Some(third));
        assert_eq!(table.after(third, &address), None);
        assert_eq!(table.known(&address, now), None);
    }

    #[test]
    fn what_was_found_out_counts_for_its_time_and_host_only() {
        let (table, now) = (Table::default(), Instant::now());
        let address = url("https://cis2.example/");
        table.keep(
            &address,
            vec![through("http://one:80")],
            now + Duration::from_secs(9),
        );
        assert!(table.known(&address, now).is_some());
        assert!(
            table
                .known(&address, now + Duration::from_secs(9))
                .is_none()
        );
        for other in ["https://other.example/", "https://cis2.example:8443/"] {
            assert!(table.known(&url(other), now).is_none());
            assert_eq!(table.through(&url(other)), None);
        }
    }

    #[test]
    fn neither_hosts_nor_ways_grow_without_bound() {
        let (table, now) = (Table::default(), Instant::now());
        for number in 0..100 {
            let address = url(&format!("https://{number}.example/"));
            let routes = vec![through("http://one:80"); 9];
            table.keep(&address, routes, now + Duration::from_secs(number));
        }
        assert_eq!(table.hosts().len(), HOSTS);
        let newest = url("https://99.example/");
        let mut choice = table.known(&newest, now).unwrap();
        let mut ways = 1;
        while let Some(next) = table.after(choice, &newest) {
            (choice, ways) = (next, ways + 1);
        }
        assert_eq!(ways, ROUTES);
    }
}
