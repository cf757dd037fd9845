//! The UDP socket of a worker.

use std::net::{SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

/// Bytes that the kernel holds for a worker that is busy elsewhere: a burst of 3,000 packets of 1,200 bytes, with its overhead.
const BUFFER_BYTES: usize = 8 * 1024 * 1024;

/// The socket cannot be had. The message names the address.
#[derive(Debug, thiserror::Error)]
#[error("UDP port {address} cannot be opened: {source}")]
pub struct SocketError {
    address: SocketAddr,
    source: std::io::Error,
}

/// A bound, non-blocking socket with large buffers.
pub(super) fn open(address: SocketAddr) -> Result<UdpSocket, SocketError> {
    let opened = || {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        // The kernel caps what it grants (net.core.rmem_max); less than this is slower, not wrong.
        let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
        let _ = socket.set_send_buffer_size(BUFFER_BYTES);
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        Ok(UdpSocket::from(socket))
    };
    opened().map_err(|source| SocketError { address, source })
}
