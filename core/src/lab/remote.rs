//! What a page and the command that serves it say to each other about the kernel of the machine.
//!
//! The page asks over a WebSocket, a message of text each, which is an [`Ask`] as JSON; the command tells, a [`Tell`] each.
//! The first message is the command's [`Tell::Hello`]; a page that does not know its version closes the connection.
//!
//! ```text
//! <- {"tell":"hello","version":1,"release":"6.18.5","kernel":"6.18","limits":{…}}
//! -> {"ask":"verify","job":1,"scenario":{"bpfscope":1,"source":{"asm":"…"}}}
//! <- {"tell":"verified","job":1,"answers":[{"program":"count","rejected":null,"log":"…",…}]}
//! -> {"ask":"replay","job":2,"scenario":{…,"capture":{"bundled":"mix.pcap"}}}
//! <- {"tell":"packets","job":2,"done":256,"different":1,"views":[…]}
//! <- {"tell":"replayed","job":2,"packets":324,"seconds":0.01,"verdicts":[…],"different":1,"left_out":null,"end":null}
//! ```
//!
//! A job is what was asked for under a number that the page chose; there is one at a time, and every one ends in exactly
//! one of `verified`, `replayed` and `ended`. Programs are verified and test-run; there is no message that attaches one.

use serde::{Deserialize, Serialize};

use super::{Scenario, view::DifferenceView};
use crate::kernel::KernelVersion;

/// The version of these messages.
pub const PROTOCOL: u32 = 1;

/// What the page asks for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// The kernel's verdict on each of the scenario's programs.
    Verify {
        /// The job's number.
        job: u32,
        /// The programs; all else is left aside.
        scenario: Box<Scenario>,
    },
    /// The scenario's capture through its programs, in the kernel and in the simulator; what differs. The capture is in the
    /// scenario, or one of those that come with bpfscope.
    Replay {
        /// The job's number.
        job: u32,
        /// The scenario.
        scenario: Box<Scenario>,
    },
    /// The end of a job before it is done; of one that is over, nothing.
    Cancel {
        /// The job's number.
        job: u32,
    },
}

/// What the command tells.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "tell", rename_all = "snake_case")]
pub enum Tell {
    /// Who is there.
    Hello {
        /// [`PROTOCOL`].
        version: u32,
        /// What uname(2) calls the kernel, `6.18.5`.
        release: String,
        /// Whose rules the simulator applies beside it.
        kernel: KernelVersion,
        /// What is too much.
        limits: Limits,
    },
    /// The verdicts: the end of a job.
    Verified {
        /// The job's number.
        job: u32,
        /// One for each program, in the order of the object.
        answers: Vec<Answer>,
    },
    /// How far a replay is.
    Packets {
        /// The job's number.
        job: u32,
        /// Packets done.
        done: u32,
        /// Packets that differ so far.
        different: u32,
        /// What differs on those since the last such message, in order; after some thousands there are no more.
        views: Vec<DifferenceView>,
    },
    /// A replay is over: the end of a job.
    Replayed {
        /// The job's number.
        job: u32,
        /// Packets done.
        packets: u32,
        /// How long both took together.
        seconds: f64,
        /// How often the kernel's runs came to which verdict.
        verdicts: Vec<(String, u64)>,
        /// Packets that differ.
        different: u32,
        /// Packets that the kernel cannot be asked about, left out on both sides, and why the first of them.
        left_out: Option<(u32, String)>,
        /// What of the maps differs at the end, when nothing of them did before.
        end: Option<DifferenceView>,
    },
    /// A job ends without what was asked for.
    Ended {
        /// The job's number.
        job: u32,
        /// Whether that was asked for.
        cancelled: bool,
        /// Why.
        why: String,
    },
    /// A message that is none of these, with the reason; the connection is closed after it.
    Refused {
        /// What is wrong with it.
        why: String,
    },
}

impl Tell {
    /// Whether the job is over with it.
    pub fn ends_a_job(&self) -> bool {
        matches!(self, Tell::Verified { .. } | Tell::Replayed { .. } | Tell::Ended { .. })
    }
}

/// What is too much for one job.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of a message.
    pub message: u32,
    /// Bytes of a source: text, or an object.
    pub source: u32,
    /// Bytes of a capture.
    pub capture: u32,
    /// Packets of a replay.
    pub packets: u32,
    /// Seconds that a job may take.
    pub seconds: u32,
}

/// The kernel's verdict on a program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The program's name.
    pub program: String,
    /// Why it was rejected; nothing when it was accepted.
    pub rejected: Option<Refused>,
    /// The log at level 2; of a long one beginning and end.
    pub log: String,
    /// The byte from which on it has not everything.
    pub log_cut: Option<u32>,
    /// Instructions that the verifier processed.
    pub processed: u32,
    /// Microseconds that it took.
    pub verification_us: u64,
}

/// Why the kernel rejected a program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// All that it says of it, some of which has several lines.
    pub text: String,
    /// The line of that which names the rule.
    pub message: String,
    /// The slot of the instruction, when it names one.
    pub insn: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Source;

    #[test]
    fn messages_keep_their_form() {
        let scenario = Box::new(Scenario::new(Source::Asm("exit".into())));
        let ask = serde_json::to_value(Ask::Verify { job: 7, scenario }).unwrap();
        assert_eq!((&ask["ask"], &ask["job"]), (&"verify".into(), &7.into()));
        assert_eq!(ask["scenario"]["source"]["asm"], "exit");
        let told = Tell::Ended { job: 7, cancelled: true, why: String::new() };
        assert_eq!(serde_json::to_string(&told).unwrap(), r#"{"tell":"ended","job":7,"cancelled":true,"why":""}"#);
    }

    #[test]
    fn a_scenario_may_leave_out_what_has_a_default() {
        let text = r#"{"ask":"replay","job":1,"scenario":{"bpfscope":1,"source":{"asm":"exit"},"capture":{"bundled":"mix.pcap"}}}"#;
        let ask: Ask = serde_json::from_str(text).unwrap();
        assert!(matches!(ask, Ask::Replay { job: 1, scenario } if scenario.capture.name() == Some("mix.pcap")));
        assert!(serde_json::from_str::<Ask>(r#"{"ask":"attach","job":1}"#).is_err());
    }
}
