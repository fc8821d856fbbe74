//! Proxies on Windows: what the user or IT has set, as Edge and Chrome follow it, and what is set
//! for the computer (WinHTTP).

use std::io;

use cardea_win32::proxy::{
    NamedProxy, ScriptRunner, ScriptSource, UserProxy, of_this_computer, of_this_user,
};
use url::Url;

use super::system::Routes;
use super::{ProxySource, Route, lists};

/// How we are known to the server of a script.
const AGENT: &str = "Cardea";

pub(super) fn source() -> Option<Box<dyn ProxySource>> {
    Some(Box::new(WindowsProxies::new(of_this_user)))
}

/// The settings of Windows, read anew each time.
pub(crate) struct WindowsProxies<S> {
    settings: S,
    runner: Option<ScriptRunner>,
}

impl<S: Fn() -> io::Result<UserProxy> + Send> WindowsProxies<S> {
    pub(crate) fn new(settings: S) -> Self {
        Self {
            settings,
            runner: None,
        }
    }

    /// What a script says; none when there is none to be had.
    fn run(&mut self, script: ScriptSource<'_>, address: &Url) -> io::Result<Vec<Route>> {
        let runner = match self.runner.take() {
            Some(runner) => runner,
            None => ScriptRunner::new(AGENT)?,
        };
        let origin = format!("{}/", address.origin().ascii_serialization());
        let said = self.runner.insert(runner).run(script, &origin)?;
        Ok(by_name(said, address))
    }
}

impl<S: Fn() -> io::Result<UserProxy> + Send> ProxySource for WindowsProxies<S> {
    fn routes(&mut self, address: &Url) -> Routes {
        let settings = (self.settings)().unwrap_or_else(|error| {
            tracing::warn!(%error, "the proxy settings of the user cannot be read");
            UserProxy::default()
        });
        // Windows looks for a script by itself unless it is told not to, and mostly finds none.
        if settings.detect {
            match self.run(ScriptSource::Detect, address) {
                Ok(routes) => return Routes::Scripted(routes),
                Err(error) => tracing::debug!(%error, "the network names no proxy script"),
            }
        }
        let mut is_missing_script = false;
        if let Some(script) = &settings.script {
            match self.run(ScriptSource::Address(script), address) {
                Ok(routes) => return Routes::Scripted(routes),
                Err(error) => {
                    tracing::warn!(%error, "the proxy script cannot be had or run");
                    is_missing_script = true;
                }
            }
        }
        let named = settings.named.or_else(|| {
            of_this_computer().unwrap_or_else(|error| {
                tracing::warn!(%error, "the proxy settings of the computer cannot be read");
                None
            })
        });
        let routes = by_name(named, address);
        match is_missing_script {
            true => Routes::Guessed(routes),
            false => Routes::Known(routes),
        }
    }
}

fn by_name(named: Option<NamedProxy>, address: &Url) -> Vec<Route> {
    match named {
        Some(named) => lists::routes(&named.proxies, &named.bypass, address),
        None => vec![Route::Direct],
    }
}
