//! What the operating system says of itself and of other programs.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(windows)]
use windows as system;

pub(super) use system::{
    autostart, browser_policies, default_browser, installed_programs, smartcard_connect_policy,
};

/// A program that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// As its installer calls it.
    pub(super) name: String,
    /// As its installer says; empty when it does not.
    pub(super) version: String,
}

/// What opens web addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DefaultBrowser {
    /// This does.
    Is(String),
    /// Nothing does; the text says what is missing.
    Missing(String),
}

/// Who may reach this computer from web pages, by policy (Chromium's policies
/// `LocalNetworkAccessAllowedForUrls`, `LoopbackNetworkAllowedForUrls` and their opposites).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BrowserPolicies {
    /// The browser.
    pub(super) browser: &'static str,
    /// Patterns of those that may without a question.
    pub(super) allowed: Vec<String>,
    /// Patterns of those that may not.
    pub(super) blocked: Vec<String>,
}

/// The policies that let pages reach this computer.
const ALLOWING: [&str; 2] = [
    "LocalNetworkAccessAllowedForUrls",
    "LoopbackNetworkAllowedForUrls",
];

/// Those that forbid it.
const BLOCKING: [&str; 2] = [
    "LocalNetworkAccessBlockedForUrls",
    "LoopbackNetworkBlockedForUrls",
];
