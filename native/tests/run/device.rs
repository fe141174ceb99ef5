//! Devices of a test's own, in a network namespace of its own, and the command at work on them.
#![allow(dead_code, reason = "each test program uses a part")]
#![allow(unsafe_code, reason = "unshare(2), mount(2) and kill(2) have no safe wrapper in std")]

use std::{
    io::{BufRead, BufReader},
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use bpfscope_core::net::CaptureReader;
use bpfscope_linux::{
    attach::{Device, clsact::filters},
    veth::{Namespace, Socket, Veth},
};
use bpfscope_tests::{clang::skip, kernel::available};
use serde_json::Value;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);
/// Behind the Ethernet header: a driver's XDP takes this much.
const MTU: u32 = 3000;

/// A pair of devices: what `near0` sends comes in at `far0`.
pub struct Wire {
    _namespace: Namespace,
    sender: Socket,
    veth: Veth,
}

impl Wire {
    /// In a namespace of this thread's, with a bpf file system of its own; `None`, said so, where there can be none.
    pub fn new(what: &str) -> Option<Wire> {
        if !available(what) {
            return None;
        }
        let made = Namespace::enter().and_then(|mut namespace| {
            let veth = namespace.veth_of_mtu(MTU)?;
            let sender = veth.sender()?;
            Ok(Wire { _namespace: namespace, sender, veth })
        });
        let made = made.map_err(|e| e.to_string()).and_then(|wire| own_mounts().map(|()| wire));
        made.map_err(|why| skip(what, &why)).ok()
    }

    /// Sends frames from the near device.
    pub fn send<'f>(&self, frames: impl IntoIterator<Item = &'f [u8]>) {
        for frame in frames {
            // Where a program drops it on its way out, the sender is told that there was no room.
            if let Err(error) = self.sender.send(frame) {
                assert_eq!(error.raw_os_error(), Some(libc::ENOBUFS), "{error}");
            }
        }
    }

    /// Whether a frame that is sent now arrives: told by one that comes on another way behind it.
    pub fn is_open(&self) -> bool {
        let receiver = self.veth.receiver().expect("a socket");
        self.send([probe(1).as_slice()]);
        // What the far device sends itself is seen there after what came before.
        Socket::new(self.far().index).and_then(|socket| socket.send(&probe(2))).expect("a frame out of the far device");
        let mut open = false;
        loop {
            match receiver.receive().expect("at least the second frame")[14..16] {
                [1, 1] => open = true,
                [2, 2] => return open,
                _ => {}
            }
        }
    }

    pub fn near(&self) -> Device {
        Device::named("near0").expect("made above")
    }

    pub fn far(&self) -> Device {
        Device::named("far0").expect("made above")
    }

    /// Nothing is attached to either device, and frames go through.
    pub fn is_clean(&self) {
        for device in [self.near(), self.far()] {
            assert_eq!(device.xdp_program().unwrap(), None, "an XDP program on {}", device.name);
            for egress in [false, true] {
                assert_eq!(filters(&device, egress).unwrap(), [], "filters on {}", device.name);
            }
        }
        assert!(self.is_open(), "something still drops frames");
    }
}

/// A frame of an EtherType that is for experiments.
fn probe(number: u8) -> Vec<u8> {
    [&[0xff; 6][..], &[2, 0, 0, 0, 0, 9], &[0x88, 0xb5], &[number; 46]].concat()
}

/// Takes this thread into a mount namespace of its own with a fresh bpf file system: what is pinned is nobody else's.
fn own_mounts() -> Result<(), String> {
    let mount = |kind: &std::ffi::CStr, at: &std::ffi::CStr, flags| {
        // SAFETY: the strings end with zero bytes and live until the call returns.
        unsafe { libc::mount(kind.as_ptr(), at.as_ptr(), kind.as_ptr(), flags, std::ptr::null()) == 0 }
    };
    // SAFETY: unshare takes a number; the mounts of this thread alone change.
    let own = unsafe { libc::unshare(libc::CLONE_NEWNS) == 0 }
        && mount(c"none", c"/", libc::MS_REC | libc::MS_PRIVATE)
        && mount(c"bpf", c"/sys/fs/bpf", 0);
    if own { Ok(()) } else { Err(format!("a mount namespace: {}", std::io::Error::last_os_error())) }
}

/// Frames of a capture that comes with bpfscope.
pub fn frames(capture: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = CaptureReader::new(capture).expect("a capture");
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet().expect("a whole capture") {
        frames.push(packet.data.to_vec());
    }
    frames
}

/// The command at work.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
}

impl Running {
    /// Starts `bpfscope attach`; it is attached when this returns.
    pub fn attach(args: &[&str]) -> Running {
        let mut running = Running::start(args, None);
        let line = running.line();
        assert!(line.contains("attached"), "{line}");
        running
    }

    /// Starts it, as another user if one is given.
    pub fn start(args: &[&str], user: Option<u32>) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bpfscope"));
        command.arg("attach").args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        let mut child = command.spawn().expect("the command runs");
        let lines = listen(child.stdout.take().expect("piped"));
        let errors = listen(child.stderr.take().expect("piped"));
        Running { child, lines, errors }
    }

    /// The next line of standard output.
    pub fn line(&mut self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            let errors: Vec<String> = self.errors.try_iter().collect();
            panic!("no line comes; on standard error: {errors:?}")
        })
    }

    /// The next line of JSON for which this is so.
    pub fn json_until(&mut self, is_so: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let line = self.line();
            let value: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
            if is_so(&value) {
                return value;
            }
            assert!(Instant::now() < until, "never so: {value}");
        }
    }

    pub fn signal(&self, signal: i32) {
        // SAFETY: kill takes numbers; the process is our child and was not waited for.
        assert_eq!(unsafe { libc::kill(self.child.id() as i32, signal) }, 0);
    }

    /// Its exit status when it ended by itself, else the signal, negative; and what it said.
    pub fn end(mut self) -> (i32, Vec<String>, String) {
        let lines = rest(&self.lines);
        let errors = rest(&self.errors).join("\n");
        // Both ends are closed: it is about to end, or has ended.
        let status: ExitStatus = self.child.wait().expect("it was started");
        (status.code().unwrap_or_else(|| -status.signal().unwrap_or_default()), lines, errors)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that fails leaves nothing running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(out: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = mpsc::channel();
    thread::spawn(move || BufReader::new(out).lines().map_while(Result::ok).all(|line| send.send(line).is_ok()));
    lines
}

/// All that comes until the other end is closed.
fn rest(lines: &Receiver<String>) -> Vec<String> {
    let until = Instant::now() + PATIENCE;
    let mut all = Vec::new();
    loop {
        match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => all.push(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => return all,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("it does not end; so far: {all:?}"),
        }
    }
}
