//! The server as programs see it, on real sockets.

mod client;
mod commands;
mod doctor;
mod fuzz;
mod life;
mod logout_tokens;
mod own_news;
mod pairing;
mod polling;
mod programs;
mod refusals;
mod rig;
mod shapes;
mod streams;
mod tokens;
mod web_socket;
