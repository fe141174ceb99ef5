//! Classic filters as sources: a listing or an expression becomes an object with one socket filter.

use std::ops::Range;

use super::LabError;
use crate::classic::filter::{self, Frame, Link};
use crate::classic::{Form, Listing, Program};
use crate::isa::Unit;
use crate::net::LinkType;

/// The classic filter that a program was made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The filter.
    pub program: Program,
    /// Its listing: what the user wrote, or in the form of `tcpdump -d` what the expression became.
    pub text: String,
    /// For each of its instructions the line of the text, from 1.
    pub lines: Vec<u32>,
    /// For each of its instructions the slots of the program that it became; none for one that no way leads to.
    pub slots: Vec<Range<u32>>,
}

impl From<LinkType> for Link {
    fn from(link: LinkType) -> Link {
        match link {
            LinkType::Ethernet => Link::Ethernet,
            LinkType::Raw => Link::Raw,
            LinkType::Ipv4 => Link::Ipv4,
            LinkType::Ipv6 => Link::Ipv6,
            LinkType::LinuxSll => Link::LinuxSll,
            LinkType::LinuxSll2 => Link::LinuxSll2,
            LinkType::Null => Link::Null,
            LinkType::Loop => Link::Loop,
        }
    }
}

/// The program that a listing stands for.
pub(super) fn of_listing(text: &str) -> Result<(Unit, Origin), LabError> {
    let listing = Listing::read(text)?;
    let program = listing.program()?;
    let converted = program.convert().map_err(|error| LabError::Convert { line: listing.lines[error.pc], error })?;
    let unit = converted.unit(&listing.lines);
    Ok((unit, Origin { program, text: text.to_owned(), lines: listing.lines, slots: converted.slots }))
}

/// The program that an expression stands for, at a socket.
pub(super) fn of_filter(expression: &str, link: Link) -> Result<(Unit, Origin), LabError> {
    let wrong = |error| LabError::Filter { expression: expression.to_owned(), error };
    let program = filter::compile(expression, Frame::Socket(link)).map_err(wrong)?;
    of_listing(&Form::Tcpdump.write(program.insns()))
}
