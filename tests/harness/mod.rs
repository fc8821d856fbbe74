//! What the tests are made of: real parts, each private to one test and gone with it.

pub mod agent;
pub mod broker;
pub mod browser;
pub mod card_service;
pub mod connect_proxy;
pub mod csharp;
pub mod fault_proxy;
pub mod http;
pub mod node;
pub mod opened_pages;
pub mod pcscd;
pub mod programs;
pub mod provider;
pub mod registry;
pub mod sample_program;
pub mod secret_service;
pub mod serving;
pub mod signing;
pub mod site;
pub mod stream;
pub mod tls;
pub mod told;
pub mod vpcd;
pub mod windows_workstation;
pub mod wine;
pub mod workstation;
