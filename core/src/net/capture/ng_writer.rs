//! Writing captures as pcapng, for what pcap has no place for: the device's name, and each packet's direction.

use std::borrow::Cow;
use std::io::{Error, Write};
use std::time::Duration;

use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption, InterfaceTsResolution,
};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::pcapng::{PcapNgWriteError, PcapNgWriter};
use pcap_file::{DataLink, Endianness};

use super::{CaptureWriteError, MAX_PACKET};
use crate::net::link::LinkType;

/// Which way a packet went (the lowest two bits of `epb_flags`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum PacketDirection {
    /// It came in.
    Inbound = 1,
    /// It went out.
    Outbound = 2,
}

/// Writes a pcapng of one device or several, little-endian, with times in nanoseconds. Give it a buffered writer: it writes field by
/// field.
pub struct PcapngWriter<W: Write> {
    pcapng: PcapNgWriter<W>,
    count: u64,
    interfaces: u32,
}

impl From<PcapNgWriteError> for CaptureWriteError {
    fn from(error: PcapNgWriteError) -> CaptureWriteError {
        match error {
            PcapNgWriteError::Io(source) => CaptureWriteError::Io { source },
            other => CaptureWriteError::Io { source: Error::other(other) },
        }
    }
}

impl<W: Write> PcapngWriter<W> {
    /// Writes the headers of a capture from a device.
    ///
    /// # Errors
    /// [`CaptureWriteError::Io`].
    pub fn new(writer: W, link: LinkType, device: &str) -> Result<PcapngWriter<W>, CaptureWriteError> {
        let section = SectionHeaderBlock {
            endianness: Endianness::Little,
            options: vec![SectionHeaderOption::UserApplication(Cow::Borrowed("bpfscope"))],
            ..SectionHeaderBlock::default()
        };
        let pcapng = PcapNgWriter::with_section_header(writer, section)?;
        let mut writer = PcapngWriter { pcapng, count: 0, interfaces: 0 };
        writer.add_device(link, device)?;
        Ok(writer)
    }

    /// Adds a device; its number for [`write_on`](Self::write_on). That of the first, which is there already, is 0.
    ///
    /// # Errors
    /// [`CaptureWriteError::Io`].
    pub fn add_device(&mut self, link: LinkType, device: &str) -> Result<u32, CaptureWriteError> {
        let mut interface = InterfaceDescriptionBlock::new(DataLink::from(link.number()), MAX_PACKET);
        interface.options = vec![
            InterfaceDescriptionOption::IfName(Cow::Borrowed(device)),
            InterfaceDescriptionOption::IfTsResol(InterfaceTsResolution::NANO),
        ];
        self.pcapng.write_pcapng_block(interface)?;
        self.interfaces += 1;
        Ok(self.interfaces - 1)
    }

    /// Appends a packet: its time in nanoseconds since 1970, its way, its length on the wire (raised to the length of the
    /// data if it is less), and its data.
    ///
    /// # Errors
    /// [`CaptureWriteError::TooLong`], [`CaptureWriteError::Io`].
    pub fn write(
        &mut self,
        time_ns: u64,
        direction: PacketDirection,
        orig_len: u32,
        data: &[u8],
    ) -> Result<(), CaptureWriteError> {
        self.write_on(0, time_ns, direction, orig_len, data)
    }

    /// Appends a packet of one of several devices.
    ///
    /// # Errors
    /// [`CaptureWriteError::TooLong`], [`CaptureWriteError::Io`].
    pub fn write_on(
        &mut self,
        device: u32,
        time_ns: u64,
        direction: PacketDirection,
        orig_len: u32,
        data: &[u8],
    ) -> Result<(), CaptureWriteError> {
        let packet = self.count + 1;
        let kept = match u32::try_from(data.len()) {
            Ok(len) if len <= MAX_PACKET => len,
            _ => return Err(CaptureWriteError::TooLong { packet, len: data.len() }),
        };
        self.pcapng.write_pcapng_block(EnhancedPacketBlock {
            interface_id: device,
            timestamp: Duration::from_nanos(time_ns),
            original_len: orig_len.max(kept),
            data: Cow::Borrowed(data),
            options: vec![EnhancedPacketOption::Flags(direction as u32)],
        })?;
        self.count = packet;
        Ok(())
    }

    /// Flushes what was written so far: it is a whole capture.
    ///
    /// # Errors
    /// [`CaptureWriteError::Io`].
    pub fn flush(&mut self) -> Result<(), CaptureWriteError> {
        self.pcapng.get_mut().flush().map_err(|source| CaptureWriteError::Io { source })
    }

    /// Flushes and gives the writer back.
    ///
    /// # Errors
    /// [`CaptureWriteError::Io`].
    pub fn finish(mut self) -> Result<W, CaptureWriteError> {
        self.flush()?;
        Ok(self.pcapng.into_inner())
    }
}
