//! The kernel of this machine over a WebSocket; the messages are [`lab::remote`](bpfscope_core::lab::remote)'s.
//!
//! A client has one job at a time, and all of them together [`JOBS`]; more wait. A job runs in a thread of its own, since
//! a socket filter's engine takes its thread into another network namespace for good. It looks between two packets or
//! programs whether it is cancelled or out of time.

#[cfg(target_os = "linux")]
mod job;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use bpfscope_core::{
    kernel::KernelVersion,
    lab::{
        CaptureRef, Scenario, Source,
        remote::{Ask, Limits, PROTOCOL, Tell},
    },
};
use tokio::{
    sync::{Notify, Semaphore, mpsc},
    time,
};

use super::Ending;
use crate::{error::Error, host};

/// Bytes of a message: a capture and a source, both in base64, and what is around them.
pub const MESSAGE: usize = 40 << 20;
/// What is too much for one job.
const LIMITS: Limits =
    Limits { message: MESSAGE as u32, source: 4 << 20, capture: 16 << 20, packets: 100_000, seconds: 60 };
/// Jobs of all clients at the same time.
const JOBS: usize = 2;
/// Messages of a job that wait to be sent.
const WAITING: usize = 8;
/// How often a client is asked whether it is there; one that did not answer since the last time is gone.
const PING: Duration = Duration::from_secs(20);
/// How long a message may take to be sent.
const SEND_TIME: Duration = Duration::from_secs(20);

/// The kernel of this machine.
pub struct Machine {
    release: String,
    version: KernelVersion,
    jobs: Arc<Semaphore>,
}

impl Machine {
    /// # Errors
    /// This is not Linux, or a version that cannot be told.
    pub fn new() -> Result<Machine, Error> {
        let release = host::release()?;
        let version = release.parse().map_err(|e| Error::bad("the kernel's release", &format!("{e}")))?;
        #[cfg(target_os = "linux")]
        job::prepare();
        // What distributions add to it tells nothing here.
        let release = release.split(['-', '+']).next().unwrap_or_default().to_owned();
        Ok(Machine { release, version, jobs: Arc::new(Semaphore::new(JOBS)) })
    }

    /// What it is called, `6.18.5`.
    pub fn release(&self) -> &str {
        &self.release
    }
}

/// What a job is told while it runs.
#[derive(Clone, Default)]
struct Leash(Arc<(AtomicBool, Notify)>);

impl Leash {
    fn cancel(&self) {
        self.0.0.store(true, Ordering::Relaxed);
        self.0.1.notify_one();
    }

    fn is_cancelled(&self) -> bool {
        self.0.0.load(Ordering::Relaxed)
    }
}

/// Why a job ends without what was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Stop {
    /// That was asked for.
    Cancelled,
    /// What was asked for cannot be had.
    Failed(String),
}

impl Stop {
    fn told(self, job: u32) -> Tell {
        match self {
            Stop::Cancelled => Tell::Ended { job, cancelled: true, why: "it was cancelled".to_owned() },
            Stop::Failed(why) => Tell::Ended { job, cancelled: false, why },
        }
    }
}

/// What a job looks at between two packets or programs.
struct Watch {
    leash: Leash,
    until: Instant,
}

impl Watch {
    /// # Errors
    /// It is to end.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "there are no jobs"))]
    fn look(&self) -> Result<(), Stop> {
        if self.leash.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        if Instant::now() > self.until {
            return Err(Stop::Failed(format!("it took more than {} seconds", LIMITS.seconds)));
        }
        Ok(())
    }
}

/// The job of a client.
struct Job {
    number: u32,
    leash: Leash,
    told: mpsc::Receiver<Tell>,
}

impl Drop for Job {
    fn drop(&mut self) {
        self.leash.cancel();
    }
}

/// Talks with a client until one of the two ends it.
pub async fn talk(mut socket: WebSocket, machine: Arc<Machine>, mut ending: Ending) {
    let hello =
        Tell::Hello { version: PROTOCOL, release: machine.release.clone(), kernel: machine.version, limits: LIMITS };
    let mut job: Option<Job> = None;
    let mut pings = time::interval(PING);
    let mut is_there = true;
    if tell(&mut socket, &hello).await.is_err() {
        return;
    }
    loop {
        let told = async {
            match &mut job {
                Some(job) => job.told.recv().await,
                None => std::future::pending().await,
            }
        };
        let done = tokio::select! {
            () = ending.come() => close(&mut socket, close_code::AWAY, "the command ends").await,
            told = told => {
                if told.as_ref().is_none_or(Tell::ends_a_job) {
                    job = None;
                }
                match told {
                    Some(told) => tell(&mut socket, &told).await,
                    None => Ok(()),
                }
            }
            _ = pings.tick() => match std::mem::replace(&mut is_there, false) {
                true => send(&mut socket, Message::Ping(Default::default())).await,
                false => Err(Gone),
            },
            message = socket.recv() => {
                is_there = true;
                match message {
                    Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                        Ok(ask) => answer(&mut socket, &machine, &mut job, ask).await,
                        Err(error) => refuse(&mut socket, format!("not a message that is known here: {error}")).await,
                    },
                    Some(Ok(Message::Binary(_))) => refuse(&mut socket, "messages are text".to_owned()).await,
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                    Some(Ok(Message::Close(_))) | None => Err(Gone),
                    // Too large, or no WebSocket any more.
                    Some(Err(_)) => close(&mut socket, close_code::SIZE, "the message is too large, or damaged").await,
                }
            }
        };
        if done.is_err() {
            return;
        }
    }
}

/// The client is gone, or is to be.
struct Gone;

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), Gone> {
    match time::timeout(SEND_TIME, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Gone),
    }
}

async fn tell(socket: &mut WebSocket, told: &Tell) -> Result<(), Gone> {
    let text = serde_json::to_string(told).map_err(|_| Gone)?;
    send(socket, Message::text(text)).await
}

async fn refuse(socket: &mut WebSocket, why: String) -> Result<(), Gone> {
    tell(socket, &Tell::Refused { why }).await?;
    close(socket, close_code::POLICY, "see the last message").await
}

async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) -> Result<(), Gone> {
    send(socket, Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await?;
    Err(Gone)
}

async fn answer(socket: &mut WebSocket, machine: &Arc<Machine>, job: &mut Option<Job>, ask: Ask) -> Result<(), Gone> {
    let (number, scenario, replays) = match ask {
        Ask::Cancel { job: number } => {
            if let Some(job) = job.as_ref().filter(|job| job.number == number) {
                job.leash.cancel();
            }
            return Ok(());
        }
        Ask::Verify { job, scenario } => (job, scenario, false),
        Ask::Replay { job, scenario } => (job, scenario, true),
    };
    let refused = match too_large(&scenario) {
        _ if job.is_some() => Some("another job of this page is running: one at a time".to_owned()),
        too_large => too_large,
    };
    match refused {
        Some(why) => tell(socket, &Stop::Failed(why).told(number)).await,
        None => {
            *job = Some(start(machine.clone(), number, *scenario, replays));
            Ok(())
        }
    }
}

fn too_large(scenario: &Scenario) -> Option<String> {
    let source = match &scenario.source {
        Source::Asm(text) | Source::Classic(text) | Source::Filter { expression: text, .. } => text.len(),
        Source::Elf(bytes) => bytes.len(),
    };
    let capture = match &scenario.capture {
        CaptureRef::Inline { bytes, .. } => bytes.len(),
        _ => 0,
    };
    let more = |what, limit: u32| Some(format!("the {what} has more than {} MB", limit >> 20));
    match () {
        () if source > LIMITS.source as usize => more("program", LIMITS.source),
        () if capture > LIMITS.capture as usize => more("capture", LIMITS.capture),
        () => None,
    }
}

/// Begins a job as soon as there is a place for it.
fn start(machine: Arc<Machine>, number: u32, scenario: Scenario, replays: bool) -> Job {
    let (tells, told) = mpsc::channel(WAITING);
    let leash = Leash::default();
    let job = Job { number, leash: leash.clone(), told };
    tokio::spawn(async move {
        let place = tokio::select! {
            place = machine.jobs.clone().acquire_owned() => place.ok(),
            () = leash.0.1.notified() => None,
        };
        let Some(place) = place else {
            let _ = tells.send(Stop::Cancelled.told(number)).await;
            return;
        };
        let until = Instant::now() + Duration::from_secs(LIMITS.seconds.into());
        let watch = Watch { leash, until };
        let version = machine.version;
        let to_a_closed_door = tells.clone();
        let begun = std::thread::Builder::new().name("job".to_owned()).spawn(move || {
            run(version, number, &scenario, replays, &watch, &tells);
            drop(place);
        });
        if let Err(error) = begun {
            let _ = to_a_closed_door.send(Stop::Failed(format!("no thread to run it in: {error}")).told(number)).await;
        }
    });
    job
}

#[cfg(target_os = "linux")]
fn run(
    version: KernelVersion,
    number: u32,
    scenario: &Scenario,
    replays: bool,
    watch: &Watch,
    tells: &mpsc::Sender<Tell>,
) {
    // Nobody hears what is told when the client is gone, and the leash is pulled then.
    let tell = |told: Tell| drop(tells.blocking_send(told));
    let ended = match replays {
        false => job::verify(version, scenario, watch).map(|answers| Tell::Verified { job: number, answers }),
        true => job::replay(version, number, scenario, watch, &tell),
    };
    tell(ended.unwrap_or_else(|stop| stop.told(number)));
}

#[cfg(not(target_os = "linux"))]
fn run(_: KernelVersion, number: u32, _: &Scenario, _: bool, _: &Watch, tells: &mpsc::Sender<Tell>) {
    // There is no such machine: see `Machine::new`.
    drop(tells.blocking_send(Stop::Failed("there is no Linux here".to_owned()).told(number)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_not_begun() {
        let scenario = |source, capture| Scenario { capture, ..Scenario::new(source) };
        let of = |bytes| CaptureRef::Inline { name: "x".into(), bytes: vec![0; bytes] };
        let text = |len: u32| Source::Asm("#".repeat(len as usize));
        assert_eq!(too_large(&scenario(text(LIMITS.source), of(LIMITS.capture as usize))), None);
        let large = too_large(&scenario(text(LIMITS.source + 1), CaptureRef::None));
        assert_eq!(large.as_deref(), Some("the program has more than 4 MB"));
        let large = too_large(&scenario(text(1), of(LIMITS.capture as usize + 1)));
        assert_eq!(large.as_deref(), Some("the capture has more than 16 MB"));
    }

    #[test]
    fn a_message_has_room_for_what_is_allowed() {
        let base64 = |bytes: u32| bytes as usize / 3 * 4 + 4;
        assert!(base64(LIMITS.source) + base64(LIMITS.capture) + (1 << 20) < MESSAGE);
    }
}
