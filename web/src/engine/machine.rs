//! The kernel of the machine that serves the page: the connection to it, and what is asked over it, one job at a time.
//!
//! What is wanted is noted, and asked for when the job before is over; a job whose answer is of no use any more is
//! cancelled. The messages are [`remote`](crate::lab::remote)'s.

use wasm_bindgen::prelude::*;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

use crate::lab::Scenario;
use crate::lab::remote::{Ask, Limits, PROTOCOL, Tell};

/// Close codes with which a server says why (RFC 6455, 7.4.1).
const GOING_AWAY: u16 = 1001;

/// What comes over the connection.
pub enum Heard {
    /// A message.
    Told(Box<Tell>),
    /// It is gone; why.
    Lost(String),
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// The verdict on the programs.
    Verdict,
    /// A replay of the capture.
    Replay,
}

/// The connection, and the job that is underway.
pub struct Asking {
    socket: WebSocket,
    /// What is too much, once the other side has said so.
    limits: Option<Limits>,
    job: Option<Job>,
    wanted: Vec<What>,
    jobs: u32,
    _callbacks: Callbacks,
}

/// What the browser may call, as long as this lives.
struct Callbacks {
    _message: Closure<dyn Fn(MessageEvent)>,
    _close: Closure<dyn Fn(CloseEvent)>,
}

struct Job {
    number: u32,
    what: What,
    cancelled: bool,
}

impl Asking {
    /// Opens a connection; what comes over it is given to `hear`.
    ///
    /// # Errors
    /// The browser allows none.
    pub fn open(address: &str, hear: impl Fn(Heard) + Clone + 'static) -> Result<Asking, String> {
        let socket = WebSocket::new(address).map_err(|_| "the browser allows no connection".to_owned())?;
        let told = hear.clone();
        let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            told(match serde_json::from_str(&text) {
                Ok(tell) => Heard::Told(Box::new(tell)),
                Err(error) => Heard::Lost(format!("it says what this page does not know: {error}")),
            });
        });
        let close = Closure::<dyn Fn(CloseEvent)>::new(move |event: CloseEvent| {
            hear(Heard::Lost(match event.code() {
                GOING_AWAY => "the command that serves this page has ended".to_owned(),
                _ => "the connection is lost".to_owned(),
            }));
        });
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        let _callbacks = Callbacks { _message: message, _close: close };
        Ok(Asking { socket, limits: None, job: None, wanted: Vec::new(), jobs: 0, _callbacks })
    }

    /// The other side has said who it is.
    ///
    /// # Errors
    /// It speaks another version.
    pub fn hello(&mut self, version: u32, limits: Limits) -> Result<(), String> {
        if version != PROTOCOL {
            return Err(format!("it speaks version {version} of the messages, and this page version {PROTOCOL}"));
        }
        self.limits = Some(limits);
        Ok(())
    }

    /// Bytes of a capture at most.
    pub fn capture_limit(&self) -> u32 {
        self.limits.map_or(0, |limits| limits.capture)
    }

    /// Notes what is wanted. What is underway and of no use any more is cancelled.
    pub fn want(&mut self, what: What) {
        if !self.wanted.contains(&what) {
            self.wanted.push(what);
        }
        let void = match self.job.as_ref().map(|job| job.what) {
            Some(What::Verdict) => self.wanted.contains(&What::Verdict),
            Some(What::Replay) => true,
            None => false,
        };
        if void {
            self.cancel_job();
        }
    }

    /// What to ask for now: nothing while a job is underway, and a verdict before a replay.
    pub fn due(&mut self) -> Option<What> {
        if self.job.is_some() || self.limits.is_none() {
            return None;
        }
        self.wanted.sort_by_key(|what| *what == What::Replay);
        (!self.wanted.is_empty()).then(|| self.wanted.remove(0))
    }

    /// Begins a job.
    pub fn ask(&mut self, what: What, scenario: Scenario) {
        self.jobs += 1;
        let (job, scenario) = (self.jobs, Box::new(scenario));
        self.job = Some(Job { number: job, what, cancelled: false });
        self.send(&match what {
            What::Verdict => Ask::Verify { job, scenario },
            What::Replay => Ask::Replay { job, scenario },
        });
    }

    /// Stops a job of that kind, and wants none.
    pub fn stop(&mut self, what: What) {
        self.wanted.retain(|wanted| *wanted != what);
        if self.job.as_ref().is_some_and(|job| job.what == what) {
            self.cancel_job();
        }
    }

    /// Whether what is told of a job is still of use.
    pub fn is_current(&self, number: u32) -> bool {
        self.job.as_ref().is_some_and(|job| job.number == number && !job.cancelled)
    }

    /// A job is over: what it was about, unless another has taken its place.
    pub fn over(&mut self, number: u32) -> Option<What> {
        let what = self.job.take_if(|job| job.number == number)?.what;
        let again = match what {
            What::Verdict => self.wanted.contains(&What::Verdict),
            What::Replay => !self.wanted.is_empty(),
        };
        (!again).then_some(what)
    }

    fn cancel_job(&mut self) {
        if let Some(job) = self.job.as_mut().filter(|job| !job.cancelled) {
            job.cancelled = true;
            let number = job.number;
            self.send(&Ask::Cancel { job: number });
        }
    }

    fn send(&self, ask: &Ask) {
        // What cannot be sent is told by the connection's end.
        if let Ok(text) = serde_json::to_string(ask) {
            let _ = self.socket.send_with_str(&text);
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}
