//! Reading memory by any address.
//!
//! Kernel memory is what programs have addresses of here: stacks, packets, values, records. Everything else is not mapped,
//! as is all of user space, for nobody but the kernel runs while packets come in.

use super::super::addr::Addr;
use super::super::call::Call;
use super::packet::clear;
use super::{Ret, errno};
use crate::kernel::Errno;

/// The lowest address that the kernel reads from for a program: the upper half of what x86-64 can address.
pub(in super::super) const LOWEST: u64 = 0xffff_8000_0000_0000;

pub(super) fn read_kernel(call: &mut Call<'_>, [to, size, from, ..]: [u64; 5]) -> Ret {
    let size = size as u32;
    match bytes(call, from, size) {
        Ok(bytes) => {
            call.write(to, &bytes)?;
            Ok(0)
        }
        Err(e) => {
            clear(call, to, size)?;
            errno(e)
        }
    }
}

/// Returns the bytes that the string takes, its end included; one that does not fit is cut, and ends.
pub(super) fn read_kernel_str(call: &mut Call<'_>, [to, size, from, ..]: [u64; 5]) -> Ret {
    let size = size as u32;
    if size == 0 {
        return Ok(0);
    }
    let mut text = Vec::new();
    while text.len() < size as usize && text.last() != Some(&0) {
        match bytes(call, from.wrapping_add(text.len() as u64), 1) {
            Ok(byte) => text.extend(byte),
            Err(e) => {
                clear(call, to, size)?;
                return errno(e);
            }
        }
    }
    if let Some(last) = text.last_mut() {
        *last = 0;
    }
    call.write(to, &text)?;
    Ok(text.len() as u64)
}

pub(super) fn read_user(call: &mut Call<'_>, [to, size, ..]: [u64; 5]) -> Ret {
    clear(call, to, size as u32)?;
    if size as u32 == 0 { Ok(0) } else { errno(Errno::Efault) }
}

/// Bytes of kernel memory.
pub(in super::super) fn bytes(call: &mut Call<'_>, from: u64, size: u32) -> Result<Vec<u8>, Errno> {
    match Addr(from).region() {
        Some(_) => call.read(from, size).map(<[u8]>::to_vec).map_err(|_| Errno::Efault),
        None if from < LOWEST => Err(Errno::Erange),
        None if size == 0 => Ok(Vec::new()),
        None => Err(Errno::Efault),
    }
}
