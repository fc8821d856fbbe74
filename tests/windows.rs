//! What runs on Windows, under Wine, with the smart-card service played by the test. These tests
//! are run by the stage `windows` of `cargo xtask test`, which builds the programs.

mod agent;
mod desktop;
mod doctor;
mod installer;
mod policy;
mod program;
mod programs;
mod readers;
