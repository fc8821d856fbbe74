//! The whole of Cardea on real parts: one test binary, one module for each part of the story.

mod harness;

mod broker;
mod broker_certificates;
mod broker_limits;
mod broker_renewal;
mod card_pulled_during_login;
mod cards_in_session;
mod client_credential;
mod clients_csharp;
mod command_line;
mod ends;
mod faulty_broker_network;
mod faulty_network;
mod foreign_page;
mod help_desk;
mod hooks;
mod hostile_page;
mod logout_by_provider;
mod main_job;
mod misbehaving_provider;
mod nothing_leaks;
mod pairing;
mod port_taken;
mod programs;
mod provider_itself;
mod provider_rules;
mod readers;
mod sample_program;
mod shipped_program;
mod soak;
mod tokens;
mod trusted_certificates;
mod two_users;
mod typescript_client;
mod windows;
