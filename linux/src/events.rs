//! Ring buffers and perf buffers, read.
//!
//! The memory that they share with the kernel is aya's to map and to read: its order of loads and stores is subtle.

use aya::maps::perf::{PerfEvent, PerfEventArrayBuffer};
use aya::maps::{MapData, PerfEventArray, RingBuf};
use bpfscope_core::kernel::{MapId, MapType};
use bpfscope_core::object::Loaded;
use bpfscope_core::vm::Output;

use crate::bpf::Map;
use crate::host::possible_cpus;

/// Pages of a perf buffer, for each CPU.
const PERF_PAGES: usize = 64;

/// Readers of all the ring and perf buffers of an object.
pub struct Events {
    readers: Vec<(MapId, Reader)>,
    /// Records that the kernel dropped since they were last asked for, as far as it tells: perf buffers do, and ring
    /// buffers leave it to the program.
    lost: u64,
}

enum Reader {
    Ring(RingBuf<MapData>),
    /// A buffer for each CPU that is on, by number.
    Perf(Vec<(u32, PerfEventArrayBuffer<MapData>)>),
}

/// Why a buffer cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("map `{map}` cannot be read: {why}")]
pub struct EventsError {
    /// The map's name.
    pub map: String,
    /// What the system said.
    pub why: String,
}

impl Events {
    /// Opens all of them; `maps` are those of the object in the kernel.
    ///
    /// # Errors
    /// Their memory cannot be mapped, or perf_event_open(2) is refused.
    pub fn new(loaded: &Loaded, maps: &[Map]) -> Result<Events, EventsError> {
        let mut readers = Vec::new();
        for ((id, def), map) in (0..).map(MapId).zip(&loaded.maps).zip(maps) {
            let wrong = |why: String| EventsError { map: def.name.clone(), why };
            let data = || -> Result<MapData, EventsError> {
                let fd = map.as_fd().try_clone_to_owned().map_err(|e| wrong(e.to_string()))?;
                MapData::from_fd(fd).map_err(|e| wrong(told(&e)))
            };
            match def.map_type {
                MapType::Ringbuf => {
                    let ring = RingBuf::try_from(aya::maps::Map::RingBuf(data()?)).map_err(|e| wrong(told(&e)))?;
                    readers.push((id, Reader::Ring(ring)));
                }
                MapType::PerfEventArray => {
                    let array = aya::maps::Map::PerfEventArray(data()?);
                    let mut array = PerfEventArray::try_from(array).map_err(|e| wrong(told(&e)))?;
                    let cpus = online_cpus().into_iter().filter(|cpu| *cpu < def.max_entries);
                    let open = |cpu| Ok((cpu, array.open(cpu, Some(PERF_PAGES)).map_err(|e| wrong(told(&e)))?));
                    readers.push((id, Reader::Perf(cpus.map(open).collect::<Result<_, EventsError>>()?)));
                }
                _ => {}
            }
        }
        Ok(Events { readers, lost: 0 })
    }

    /// Gives what was sent since the last call. A perf record's bytes are filled up to what the kernel aligns them to.
    pub fn read(&mut self, mut each: impl FnMut(Output)) {
        for (map, reader) in &mut self.readers {
            let map = *map;
            match reader {
                Reader::Ring(ring) => {
                    while let Some(record) = ring.next() {
                        each(Output::Ringbuf { map, data: record.to_vec() });
                    }
                }
                Reader::Perf(buffers) => {
                    for (cpu, buffer) in buffers.iter_mut().filter(|(_, buffer)| buffer.readable()) {
                        buffer.for_each(|event| match event {
                            PerfEvent::Sample { head, tail } => {
                                each(Output::PerfEvent { map, cpu: *cpu, data: [head, tail].concat() });
                            }
                            PerfEvent::Lost { count, .. } => self.lost += count,
                        });
                    }
                }
            }
        }
    }

    /// Records that were lost since the last call, as far as the kernel tells.
    pub fn take_lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost)
    }
}

/// An error of aya's with what caused it: it keeps the system's words for the cause.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

/// CPUs that are on, by number (`/sys/devices/system/cpu/online`).
fn online_cpus() -> Vec<u32> {
    aya::util::online_cpus().unwrap_or_else(|_| (0..possible_cpus()).collect())
}
