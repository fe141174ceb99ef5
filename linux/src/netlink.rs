//! rtnetlink(7), one question at a time: no runtime, so that it also works where a panic is cleaned up after.

use std::io;

use rtnetlink::packet_core::{NLM_F_REQUEST, NetlinkMessage, NetlinkPayload};
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::sys::{Socket, protocols::NETLINK_ROUTE};

/// Asks the kernel of this thread's network namespace; gives its answers. `flags` are `NLM_F_*`.
///
/// # Errors
/// What the kernel says; `EPROTO` for an answer that cannot be read.
pub(crate) fn ask(message: RouteNetlinkMessage, flags: u16) -> io::Result<Vec<RouteNetlinkMessage>> {
    let mut socket = Socket::new(NETLINK_ROUTE)?;
    socket.bind_auto()?;
    let mut request = NetlinkMessage::from(message);
    request.header.flags = NLM_F_REQUEST | flags;
    request.finalize();
    let mut bytes = vec![0; request.buffer_len()];
    request.serialize(&mut bytes);
    socket.send(&bytes, 0)?;
    let mut answers = Vec::new();
    loop {
        let (datagram, _) = socket.recv_from_full()?;
        let mut rest = datagram.as_slice();
        while !rest.is_empty() {
            let answer = NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest)
                .map_err(|_| io::Error::from_raw_os_error(libc::EPROTO))?;
            // Messages begin at multiples of four bytes.
            let len = (answer.header.length as usize).next_multiple_of(4);
            rest = rest.get(len..).unwrap_or_default();
            match answer.payload {
                NetlinkPayload::Done(_) => return Ok(answers),
                NetlinkPayload::Error(error) if error.raw_code() == 0 => return Ok(answers),
                NetlinkPayload::Error(error) => return Err(io::Error::from_raw_os_error(-error.raw_code())),
                NetlinkPayload::InnerMessage(message) => answers.push(message),
                _ => {}
            }
        }
    }
}
