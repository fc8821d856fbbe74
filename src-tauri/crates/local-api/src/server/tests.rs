//! The server as programs see it, on real sockets.

mod client;
mod commands;
mod fuzz;
mod life;
mod logout_tokens;
mod polling;
mod programs;
mod refusals;
mod rig;
mod streams;
mod tokens;
