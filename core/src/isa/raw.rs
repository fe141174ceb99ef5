//! The eight bytes of an instruction and the small integers that name places in a program.

use std::fmt;

/// A register number, `r0` to `r10` (RFC 9669 §2.1: ten general purpose registers and the frame pointer).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Reg(u8);

impl Reg {
    /// Return value of calls and of the program.
    pub const R0: Reg = Reg(0);
    /// First argument; the context at program entry.
    pub const R1: Reg = Reg(1);
    /// Second argument.
    pub const R2: Reg = Reg(2);
    /// Third argument.
    pub const R3: Reg = Reg(3);
    /// Fourth argument.
    pub const R4: Reg = Reg(4);
    /// Fifth argument.
    pub const R5: Reg = Reg(5);
    /// First of the callee-saved registers `r6` to `r9`.
    pub const R6: Reg = Reg(6);
    /// The frame pointer, read only.
    pub const R10: Reg = Reg(10);

    /// The register of that number, if there is one (0 to 10).
    pub const fn new(number: u8) -> Option<Reg> {
        if number <= 10 { Some(Reg(number)) } else { None }
    }

    /// The register's number, 0 to 10, as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

/// A place in a program, counted in eight-byte slots from its start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Pc(pub u32);

impl Pc {
    /// The slot's number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Pc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One eight-byte slot, field by field (RFC 9669 §3.1), little-endian on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct RawInsn {
    /// Class, source bit and operation.
    pub opcode: u8,
    /// Destination register number, 0 to 15 as stored.
    pub dst: u8,
    /// Source register number or sub-operation, 0 to 15 as stored.
    pub src: u8,
    /// Signed offset.
    pub off: i16,
    /// Signed immediate.
    pub imm: i32,
}

impl RawInsn {
    /// Size of a slot in bytes.
    pub const SIZE: usize = 8;

    /// Reads a slot.
    pub fn from_bytes(b: [u8; 8]) -> RawInsn {
        RawInsn {
            opcode: b[0],
            dst: b[1] & 15,
            src: b[1] >> 4,
            off: i16::from_le_bytes([b[2], b[3]]),
            imm: i32::from_le_bytes([b[4], b[5], b[6], b[7]]),
        }
    }

    /// Writes a slot.
    pub fn to_bytes(self) -> [u8; 8] {
        let [o0, o1] = self.off.to_le_bytes();
        let [i0, i1, i2, i3] = self.imm.to_le_bytes();
        [self.opcode, (self.src << 4) | (self.dst & 15), o0, o1, i0, i1, i2, i3]
    }
}
