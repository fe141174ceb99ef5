//! What can be wrong with an object, always with its place.

/// Why an object, or one program of it, cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ObjectError {
    /// Larger than any BPF object is.
    #[error("the object has {size} bytes; at most {limit} are read")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// [`super::MAX_OBJECT`].
        limit: usize,
    },
    /// Not an ELF file at all.
    #[error("not an ELF object: it starts with {start}")]
    NotElf {
        /// Its first four bytes in hexadecimal.
        start: String,
    },
    /// An ELF file for another machine.
    #[error("an ELF file for {machine}, not for BPF: compile with `clang -target bpf`")]
    NotBpf {
        /// The machine's name, or its number.
        machine: String,
    },
    /// A 32-bit ELF file.
    #[error("a 32-bit ELF file: BPF objects are 64-bit")]
    NotElf64,
    /// A big-endian object.
    #[error("a big-endian BPF object: compile with `-target bpfel`")]
    BigEndian,
    /// The ELF structures do not fit the file.
    #[error("damaged ELF file: {what}")]
    Damaged {
        /// What does not fit, with its place.
        what: String,
    },
    /// A symbol that lies outside its section.
    #[error("symbol `{symbol}` of {len} bytes lies at byte {offset} of section `{section}`, which has {size} bytes")]
    SymbolOutside {
        /// The symbol.
        symbol: String,
        /// Its section.
        section: String,
        /// Its value.
        offset: u64,
        /// Its size in bytes.
        len: u64,
        /// The section's size in bytes.
        size: u64,
    },
    /// A relocation that does not lie in its section, or whose target does not exist.
    #[error("section `{section}`, byte {offset}: relocation to nowhere: {what}")]
    RelocNowhere {
        /// The section that is to be relocated.
        section: String,
        /// Byte offset in it.
        offset: u64,
        /// What is missing.
        what: String,
    },
    /// A relocation that BPF loaders do not know or that does not fit its place.
    #[error("section `{section}`, byte {offset}: relocation against `{symbol}`: {what}")]
    Reloc {
        /// The section that is to be relocated.
        section: String,
        /// Byte offset in it.
        offset: u64,
        /// The symbol that it refers to.
        symbol: String,
        /// What does not fit.
        what: String,
    },
    /// A program whose size is not a multiple of eight bytes, or that starts between two instructions.
    #[error("section `{section}`, byte {offset}: instructions are 8 bytes each: {what}")]
    Unaligned {
        /// The section.
        section: String,
        /// Byte offset in it.
        offset: u64,
        /// What is not aligned.
        what: String,
    },
    /// A call to a place where no function starts.
    #[error("section `{section}`, instruction {insn}: calls {target}, where no function starts")]
    BadCall {
        /// The caller's section.
        section: String,
        /// The call's slot in that section.
        insn: u32,
        /// Where the call leads.
        target: String,
    },
    /// A program that is too long together with the functions that it calls.
    #[error("program `{program}` has more than {limit} instructions with the functions that it calls")]
    TooLong {
        /// The program.
        program: String,
        /// The kernel's limit.
        limit: usize,
    },
    /// An external symbol that nothing defines.
    #[error("section `{section}`, instruction {insn}: `{symbol}` is not defined: {what}")]
    Undefined {
        /// The section of the instruction that needs it.
        section: String,
        /// The instruction's slot in that section.
        insn: u32,
        /// The symbol.
        symbol: String,
        /// What kind of symbol it is and where it was looked for.
        what: String,
    },
    /// Damaged BTF.
    #[error("section `{section}`, byte {offset}: damaged BTF: {what}")]
    Btf {
        /// `.BTF` or `.BTF.ext`; `BTF` for a file of its own.
        section: &'static str,
        /// Byte offset in it.
        offset: usize,
        /// What does not fit.
        what: String,
    },
    /// A map definition that loaders do not understand.
    #[error("map `{map}`: {what}")]
    Map {
        /// The map.
        map: String,
        /// What is wrong with it.
        what: String,
    },
    /// A CO-RE relocation that does not fit its instruction or is ambiguous.
    #[error("section `{section}`, instruction {insn}: CO-RE relocation of {spec}: {what}")]
    CoreRelo {
        /// The section of the instruction.
        section: String,
        /// The instruction's slot in that section.
        insn: u32,
        /// What is accessed, such as `struct sk_buff.len`.
        spec: String,
        /// What does not fit.
        what: String,
    },
    /// A section name that names no program type, while no type was given.
    #[error("section `{section}` names no program type: give the hook or the program type")]
    UnknownSection {
        /// The section.
        section: String,
    },
    /// A program type that is not simulated.
    #[error("program `{program}` (section `{section}`) is a {prog_type} program, which is not simulated")]
    ProgType {
        /// The program.
        program: String,
        /// Its section.
        section: String,
        /// The type's name, without `BPF_PROG_TYPE_`.
        prog_type: String,
    },
    /// A program that needs a map which cannot be had.
    #[error("program `{program}` uses map `{map}`: {what}")]
    ProgMap {
        /// The program.
        program: String,
        /// The map.
        map: String,
        /// Why there is no such map.
        what: String,
    },
    /// No programs at all.
    #[error("the object has no programs")]
    NoPrograms,
    /// Two objects that define one name.
    #[error("`{name}` is defined by more than one of the linked objects")]
    LinkTwice {
        /// The name.
        name: String,
    },
    /// Definitions of one name in linked objects that do not fit each other.
    #[error("`{name}` does not fit between the linked objects: {what}")]
    LinkMismatch {
        /// The name.
        name: String,
        /// What differs.
        what: String,
    },
    /// A unit that does not keep its invariants.
    #[error(transparent)]
    Unit(#[from] crate::isa::unit::UnitError),
}
