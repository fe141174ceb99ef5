//! The session on the kernel of the machine that serves the page: what is asked of it when, and what its answers do.

use bpfscope_core::kernel::KernelVersion;

use super::machine::{Asking, Heard, What};
use super::{Engine, Message, Scope};
use crate::lab::remote::Tell;
use crate::lab::view::Verdict;
use crate::lab::{CaptureRef, Scenario};
use crate::protocol::{Machine, Reply};

impl Engine {
    /// Whose rules the simulator applies beside the kernel of the machine.
    pub(super) fn machine_version(&self) -> Option<KernelVersion> {
        self.machine.as_ref()?.release.parse().ok()
    }

    /// Gives the word to the kernel of the machine.
    pub(super) fn set_machine(&mut self, scope: &Scope) {
        let (Some(machine), Some(version)) = (self.machine.clone(), self.machine_version()) else {
            return self.refuse(scope, "The kernel of this machine", "who serves this page does not offer it");
        };
        let to = scope.clone();
        match Asking::open(&machine.address, move |heard| to.send_message(Message::Heard(heard))) {
            Ok(asking) => {
                self.asking = Some(asking);
                self.session.set_machine(Some(machine.name()));
                self.take_kernel(scope, version);
            }
            Err(why) => self.refuse(scope, format!("Linux {}", machine.name()), why),
        }
    }

    /// Takes the word away from it.
    pub(super) fn leave_machine(&mut self) {
        self.asking = None;
        self.session.set_machine(None);
    }

    /// Something is to be asked, as soon as this message is done with.
    pub(super) fn want_on_machine(&mut self, what: What) {
        if let Some(asking) = &mut self.asking {
            asking.want(what);
            self.ask_next();
        }
    }

    /// Stops what is asked.
    pub(super) fn stop_on_machine(&mut self, what: What) {
        if let Some(asking) = &mut self.asking {
            asking.stop(what);
        }
    }

    /// Asks what is to be asked next.
    fn ask_next(&mut self) {
        while let Some(asking) = &mut self.asking
            && let Some(what) = asking.due()
        {
            match what {
                What::Verdict => {
                    let scenario = self.session.scenario();
                    // The packets are nothing to the verifier.
                    return asking.ask(what, Scenario { capture: CaptureRef::None, ..scenario });
                }
                What::Replay if self.session.verdict().is_none_or(|v| v.verdict != Verdict::Accepted) => {}
                What::Replay => {
                    let limit = asking.capture_limit();
                    let scenario = self.session.scenario_to_send(limit.into());
                    match scenario {
                        Some(scenario) if scenario.capture == CaptureRef::None => {}
                        Some(scenario) => {
                            asking.ask(what, scenario);
                            return self.session.machine_begins();
                        }
                        None => {
                            let why = format!("the capture has more than the {} MB that it takes", limit >> 20);
                            self.session.machine_begins();
                            self.session.machine_ends(Err(why));
                        }
                    }
                }
            }
        }
    }

    pub(super) fn heard(&mut self, scope: &Scope, heard: Heard) {
        match heard {
            Heard::Told(told) => self.told(scope, *told),
            Heard::Lost(why) => self.lost(scope, why),
        }
    }

    fn told(&mut self, scope: &Scope, told: Tell) {
        let Some(asking) = &mut self.asking else { return };
        match told {
            Tell::Hello { version, limits, .. } => {
                if let Err(why) = asking.hello(version, limits) {
                    return self.lost(scope, why);
                }
            }
            Tell::Verified { job, answers } => {
                if asking.over(job).is_some() {
                    self.session.machine_said(Some(answers));
                    // What the page knows of packets stays: the replay there is yet to come.
                    asking.want(What::Replay);
                    self.tell_verdict(scope);
                }
            }
            Tell::Packets { job, done, different, views } => {
                if asking.is_current(job) {
                    self.session.machine_advances((done, different), views);
                    self.tell_there(scope);
                }
            }
            Tell::Replayed { job, packets, different, left_out, end, .. } => {
                if asking.over(job).is_some() {
                    self.session.machine_advances((packets, different), Vec::new());
                    self.session.machine_leaves_out(left_out);
                    self.session.machine_ends(Ok(end));
                    self.tell_there(scope);
                }
            }
            Tell::Ended { job, cancelled, why } => match asking.over(job) {
                Some(What::Verdict) => {
                    self.session.machine_said(None);
                    self.tell_verdict(scope);
                    if !cancelled {
                        let what = self.machine.as_ref().map_or_else(String::new, Machine::name);
                        self.refuse(scope, format!("Linux {what}"), why);
                    }
                }
                Some(What::Replay) => {
                    self.session.machine_ends(Err(why));
                    self.tell_there(scope);
                }
                None => {}
            },
            Tell::Refused { why } => return self.lost(scope, why),
        }
        self.ask_next();
    }

    /// Tells how far the replay there is, and what differs on the packet that is looked at.
    fn tell_there(&mut self, scope: &Scope) {
        let view = self.session.progress();
        self.tell_progress(scope, view);
        if !self.replay.running
            && let Some(packet) = self.session.packet_view()
        {
            self.tell(scope, Reply::Differences(packet.difference));
        }
    }

    /// The connection is gone: the page goes on with the simulator.
    fn lost(&mut self, scope: &Scope, why: String) {
        let name = self.machine.as_ref().map_or_else(String::new, Machine::name);
        self.leave_machine();
        let kernel = self.session.scenario().kernel;
        self.take_kernel(scope, kernel);
        self.refuse(scope, format!("Linux {name}"), format!("{why}. The simulator goes on without it."));
    }
}
