//! The listening socket: where to listen, and the loop that accepts and never ends by an error.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::metrics::http::{ConnectionError, HttpMetrics};

/// Connections that the kernel holds while all slots are taken.
const BACKLOG: u32 = 1024;

/// First and longest pause after the operating system refused to hand over a connection.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// The addresses that `host:port` stands for; `:port` is every interface, as in Prometheus.
pub(super) fn resolve(listen_address: &str) -> io::Result<Vec<SocketAddr>> {
    if let Some(port) = listen_address.strip_prefix(':') {
        let port = port.parse().map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
        return Ok(vec![(Ipv6Addr::UNSPECIFIED, port).into(), (Ipv4Addr::UNSPECIFIED, port).into()]);
    }
    let addresses: Vec<_> = listen_address.to_socket_addrs()?.collect();
    if addresses.is_empty() { Err(io::ErrorKind::AddrNotAvailable.into()) } else { Ok(addresses) }
}

/// Whether only this machine can reach every one of the addresses.
pub(super) fn are_loopback(addresses: &[SocketAddr]) -> bool {
    addresses.iter().all(|address| address.ip().to_canonical().is_loopback())
}

/// Listens on the first address that works.
pub(super) fn listen(addresses: &[SocketAddr]) -> io::Result<TcpListener> {
    let mut refusal = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match listen_on(*address) {
            Ok(listener) => return Ok(listener),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// An accepted connection and the slot it takes.
pub(super) struct Accepted {
    /// The socket.
    pub(super) stream: TcpStream,
    /// The other side.
    pub(super) address: SocketAddr,
    /// To be held as long as the connection is open.
    pub(super) slot: OwnedSemaphorePermit,
}

/// Accepts until told to stop, at most `max_connections` at once: the next one waits in the kernel's backlog.
pub(super) async fn accept(
    listener: TcpListener,
    max_connections: usize,
    metrics: &HttpMetrics,
    stop: &CancellationToken,
    mut serve: impl FnMut(Accepted),
) {
    let slots = Arc::new(Semaphore::new(max_connections.clamp(1, Semaphore::MAX_PERMITS)));
    let mut pause = PAUSES.0;
    while let Some(next) = stop.run_until_cancelled(next(&listener, &slots)).await {
        match next {
            Ok(accepted) => {
                pause = PAUSES.0;
                serve(accepted);
            }
            Err(error) if is_about_one_connection(&error) => {
                metrics.connection_failed(ConnectionError::Accept)
            }
            Err(error) => {
                metrics.connection_failed(ConnectionError::Accept);
                tracing::warn!(error = %error, "cannot accept connections; trying again");
                // Out of file descriptors or memory: trying at once would only burn the CPU.
                stop.run_until_cancelled(tokio::time::sleep(pause)).await;
                pause = (pause * 2).min(PAUSES.1);
            }
        }
    }
}

async fn next(listener: &TcpListener, slots: &Arc<Semaphore>) -> io::Result<Accepted> {
    let slot = slots.clone().acquire_owned().await.expect("the slots are never closed");
    let (stream, address) = listener.accept().await?;
    Ok(Accepted { stream, address, slot })
}

fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        for (listen_address, loopback) in [
            ("127.0.0.1:9494", true),
            ("127.8.8.8:0", true),
            ("[::1]:9494", true),
            ("[::ffff:127.0.0.1]:9494", true),
            ("0.0.0.0:9494", false),
            ("[::]:9494", false),
            (":9494", false),
            ("10.0.0.1:9494", false),
        ] {
            let addresses = resolve(listen_address).unwrap();
            assert_eq!(are_loopback(&addresses), loopback, "{listen_address}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "9494", ":", ":http", "127.0.0.1", "127.0.0.1:99999", "no such host:1"] {
            assert!(resolve(text).is_err(), "{text}");
        }
    }
}
