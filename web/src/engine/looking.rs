//! What is looked at: rows of lists, a packet, a step; and what is taken away as a file or a link.

use std::ops::Range;

use super::{Engine, ROWS, Scope};
use crate::lab::view::{ListOf, StepView};
use crate::lab::{self, CaptureRef, Cursor};
use crate::protocol::Reply;

impl Engine {
    pub(super) fn rows(&mut self, scope: &Scope, of: ListOf, range: Range<u32>) {
        let end = range.end.min(range.start.saturating_add(ROWS));
        let rows = self.session.rows(of, range.start..end);
        let replayed = match of {
            ListOf::In => self.replay.done,
            _ => self.session.lists().iter().find(|list| list.of == of).map_or(0, |list| list.rows),
        };
        self.tell(scope, Reply::Rows { of, start: range.start, rows, replayed });
    }

    /// Gives what left an interface as a file, named after the capture and the interface.
    pub(super) fn pcap(&mut self, scope: &Scope, interface: u16) {
        let of = ListOf::Out(interface);
        let list = self.session.lists().into_iter().find(|list| list.of == of).map(|list| list.name);
        let list = list.unwrap_or_default().replace(' ', "-");
        let capture = self.session.scenario().capture.name().unwrap_or("packets").to_owned();
        let stem = capture.rsplit_once('.').map_or(capture.as_str(), |(stem, _)| stem);
        let name = format!("{stem}-{list}.pcap");
        match self.session.pcap(interface) {
            Ok((bytes, others)) => {
                self.tell(scope, Reply::File { name: name.clone(), bytes });
                if others > 0 {
                    self.refuse(scope, name, format!("{others} frames of another link than the first are not in it"));
                }
            }
            Err(error) => self.refuse(scope, name, error),
        }
    }

    pub(super) fn select(&mut self, scope: &Scope, cursor: Cursor) {
        if self.replay.running && cursor.packet >= self.replay.done {
            self.wanted = Some(cursor);
        } else {
            self.wanted = None;
            self.show(scope, cursor);
        }
    }

    /// Shows the wanted place when the replay has come by, or at its end the nearest place that there is.
    pub(super) fn show_wanted(&mut self, scope: &Scope, ended: bool) {
        let Some(mut cursor) = self.wanted else { return };
        if cursor.packet >= self.replay.done {
            if !ended {
                return;
            }
            cursor = Cursor { packet: self.replay.done.saturating_sub(1), run: 0, step: 0 };
        }
        self.wanted = None;
        if self.replay.done > 0 {
            self.show(scope, cursor);
        } else {
            self.tell(scope, Reply::Nowhere);
        }
    }

    fn show(&mut self, scope: &Scope, cursor: Cursor) {
        let shown = self.session.select(cursor.packet, cursor.run).or_else(|error| {
            // After an edit the packet may have fewer runs than before.
            if cursor.run == 0 { Err(error) } else { self.session.select(cursor.packet, 0) }
        });
        match shown {
            Ok(packet) => {
                self.tell(scope, Reply::Packet(packet));
                let step = self.session.seek(cursor.step);
                self.tell_step(scope, step);
            }
            Err(error) => self.refuse(scope, format!("Packet {}", u64::from(cursor.packet) + 1), error),
        }
    }

    pub(super) fn tell_step(&self, scope: &Scope, step: Option<StepView>) {
        self.tell(scope, step.map_or(Reply::Nowhere, |step| Reply::Step(Box::new(step))));
    }

    pub(super) fn object(&mut self, scope: &Scope) {
        let program = self.session.program();
        let name = program.programs.first().map_or("program", |program| &program.name);
        match self.session.object() {
            Some(bytes) => self.tell(scope, Reply::File { name: format!("{name}.o"), bytes }),
            None => self.refuse(scope, "The object", "there is no program yet"),
        }
    }

    pub(super) fn share(&mut self, scope: &Scope) {
        let scenario = self.session.scenario();
        let remark = match &scenario.capture {
            CaptureRef::File(name) => {
                Some(format!("The link does not hold the capture: whoever opens it has to drop {name} on the page."))
            }
            _ => None,
        };
        match lab::link::encode(&scenario) {
            Ok(fragment) => self.tell(scope, Reply::Link { fragment, remark }),
            Err(error) => self.refuse(scope, "The link", error),
        }
    }
}
