//! The place that is looked at: packet, run and step, or a step of the verifier; going on from it, and playing.

use bpfscope_web::lab::Jump;
use bpfscope_web::lab::view::Look;
use bpfscope_web::protocol::Request;

use super::{Effect, Panel, State, View};
use crate::page::command::Command;

impl State {
    /// Asks the worker to show another place; while it has not answered, only the last wish is kept, save
    /// that jumps go from the place before and so are all made.
    pub(super) fn show(&mut self, request: Request) -> Vec<Effect> {
        if self.packet.is_none() && !matches!(request, Request::Select { .. } | Request::Look(_)) {
            return Vec::new();
        }
        if let Request::Select { packet, .. } = request {
            self.bound_for = Some(packet);
        }
        let from_here = match request {
            Request::Jump(_) => true,
            Request::Look(look) => !matches!(look, Look::Step(_)),
            _ => false,
        };
        if self.asked && !from_here {
            self.queued = Some(request);
            return Vec::new();
        }
        self.asked = true;
        vec![Effect::Ask(request)]
    }

    pub(super) fn answered(&mut self) -> Vec<Effect> {
        self.asked = false;
        self.bound_for = None;
        self.queued.take().map(|request| self.show(request)).unwrap_or_default()
    }

    pub(super) fn neighbour(&mut self, by: i64) -> Vec<Effect> {
        let Some(here) = self.bound_for.or(self.packet.as_ref().map(|packet| packet.index)) else { return Vec::new() };
        let last = i64::from(self.packets()) - 1;
        let there = (i64::from(here) + by).clamp(0, last.max(0)) as u32;
        if there == here { Vec::new() } else { self.show(Request::Select { packet: there, run: 0, step: 0 }) }
    }

    pub(super) fn next_run(&mut self) -> Vec<Effect> {
        let Some(packet) = &self.packet else { return Vec::new() };
        let runs = packet.runs.len() as u32;
        if runs < 2 {
            return Vec::new();
        }
        let (packet, run) = (packet.index, (packet.run + 1) % runs);
        self.show(Request::Select { packet, run, step: 0 })
    }

    pub(super) fn play(&mut self, playing: bool) -> Vec<Effect> {
        if playing == self.playing {
            return Vec::new();
        }
        let at_end = self.at_end();
        self.playing = playing && at_end.is_some();
        let mut effects = vec![Effect::Play(self.playing)];
        if self.playing && at_end == Some(true) {
            effects.extend(self.show(match self.view {
                View::Packets => Request::Seek(0),
                View::Verifier => Request::Look(Look::Start),
            }));
        }
        effects
    }

    /// Whether the last step is shown; nothing where there are no steps.
    pub(super) fn at_end(&self) -> Option<bool> {
        match self.view {
            View::Packets => self.step.as_ref().map(|step| step.step >= step.steps),
            View::Verifier => self.proof.as_ref().map(|proof| proof.step + 1 >= proof.steps),
        }
    }

    pub(super) fn tick(&mut self) -> Vec<Effect> {
        match (self.at_end(), self.view) {
            (Some(false), _) if self.playing && self.asked => Vec::new(),
            (Some(false), View::Packets) if self.playing => self.show(Request::Jump(Jump::Forward)),
            (Some(false), View::Verifier) if self.playing => self.show(Request::Look(Look::Forward)),
            _ => self.play(false),
        }
    }

    /// Shows packets or the verifier. The verifier begins where the program was rejected, or at the line that is shown.
    pub(super) fn turn_to(&mut self, view: View) -> Vec<Effect> {
        self.panel = Panel::Packets;
        if view == self.view {
            return Vec::new();
        }
        self.view = view;
        let mut effects = self.play(false);
        if view == View::Verifier && !self.checking {
            let line = self.step.as_ref().and_then(|step| step.line);
            effects.extend(self.show(Request::Look(Look::Opening(line))));
            effects.extend(self.look_log());
        }
        effects
    }
}

/// What a command means among the steps of the verifier, where it means another thing there.
pub(super) fn look_for(command: Command) -> Option<Look> {
    Some(match command {
        Command::Jump(Jump::Forward) => Look::Forward,
        Command::Jump(Jump::Back) => Look::Back,
        Command::Jump(Jump::Start) => Look::Start,
        Command::Jump(Jump::End) => Look::End,
        Command::Jump(Jump::Line) | Command::Visit(true) => Look::NextVisit,
        Command::Jump(Jump::LineBack) | Command::Visit(false) => Look::VisitBefore,
        Command::Jump(_) | Command::Path(true) | Command::NextPacket => Look::NextPath,
        Command::Path(false) | Command::PreviousPacket => Look::PathBefore,
        _ => return None,
    })
}
