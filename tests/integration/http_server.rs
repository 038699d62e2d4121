//! The HTTP server over real sockets: who gets in, what is too much, how it ends.

mod access;
mod alone;
mod client;
mod daemon;
mod lifecycle;
mod limits;
mod tls;
