//! A helper in a thread, with pins that tell.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "functions of tests, called by tests"
)]

use crossbeam_channel::{Receiver, Sender, unbounded};
use lumen::helper::{HelperError, HelperSettings, Opener, serve};
use lumen::layout::{ColorOrder, PixelFormat, Strip};
use lumen::output::{Output, OutputError, remote};
use lumen::plan::{FinishPlan, OutputPlan, PinPlan, StripPlan};
use lumen::time::{Span, Time};
use lumen::wire::StripType;
use lumen::wire::helper::{ClientMessage, PinStrip, ServerMessage, put_frames};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketAddrUnix, SocketFlags, SocketType, connect, recv,
    send, socket_with,
};
use std::fs;
use std::io::{PipeWriter, pipe};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Bounds every wait; none takes it unless the test fails.
pub(super) const LONG: Duration = Duration::from_secs(20);
/// Longer than any test: nothing goes dark by itself.
pub(super) const NEVER: Span = Span::from_millis(3_600_000);

/// Two strips, of three and of four channels.
pub(super) const CASE: PinStrip = PinStrip {
    pin: 18,
    channels: 3,
    pixels: 2,
};
pub(super) const HEAD: PinStrip = PinStrip {
    pin: 13,
    channels: 4,
    pixels: 1,
};

/// What the pins were asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Open,
    Show(Vec<Vec<u8>>),
    Rest,
}

/// A folder of one test; gone at its end.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static FOLDERS: AtomicUsize = AtomicUsize::new(0);
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("lumen-helper-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::DirBuilder::new().mode(0o700).create(&folder).unwrap();
        Self(folder)
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.file("ws281x.sock")
    }

    /// A config with both strips, for this user or for another.
    pub(super) fn config(&self, user: u32) -> PathBuf {
        let path = self.file("helper.json");
        let strip = |name: &str, strip: PinStrip| {
            format!(
                r#"{{"name": "{name}", "pin": {}, "pixels": {}, "channels": {}, "chip": "ws281x",
                "frequency_hz": 800000, "dma": 10, "invert": false}}"#,
                strip.pin, strip.pixels, strip.channels
            )
        };
        let strips = [strip("case", CASE), strip("head", HEAD)].join(",");
        let text = format!(r#"{{"version": 1, "uids": [{user}], "strips": [{strips}]}}"#);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(super) fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// What a write of frames comes to.
type Fault = fn(&[Vec<u8>]) -> Result<(), OutputError>;

/// Pins that tell what they were asked; `fault` decides what a write comes to.
pub(super) struct Pins {
    pub(super) calls: Sender<Call>,
    pub(super) fault: Fault,
}

impl Output for Pins {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        let _ = self.calls.send(Call::Show(frames.to_vec()));
        (self.fault)(frames)
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        let _ = self.calls.send(Call::Rest);
        Ok(())
    }
}

/// A running helper.
pub(super) struct Bench {
    pub(super) folder: Folder,
    pub(super) calls: Receiver<Call>,
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<Result<(), HelperError>>>,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::with(NEVER, |_| Ok(()))
    }

    /// Strips go dark `blank_after` their client has gone, and writes come to what `fault` says.
    pub(super) fn with(blank_after: Span, fault: Fault) -> Self {
        let (sender, calls) = unbounded();
        let opener: Opener = Box::new(move |_| {
            let _ = sender.send(Call::Open);
            Ok(Box::new(Pins {
                calls: sender.clone(),
                fault,
            }))
        });
        Self::start(blank_after, opener, calls)
    }

    pub(super) fn start(blank_after: Span, opener: Opener, calls: Receiver<Call>) -> Self {
        let folder = Folder::new();
        let (settings, stop) = settings(&folder, folder.config(me()), blank_after);
        let thread = Builder::new()
            .spawn(move || serve(settings, opener))
            .unwrap();
        let bench = Self {
            folder,
            calls,
            stop: Some(stop),
            thread: Some(thread),
        };
        wait_until("the helper listens", || bench.folder.socket().exists());
        bench
    }

    pub(super) fn call(&self) -> Call {
        self.calls.recv_timeout(LONG).unwrap()
    }

    /// Waits until the pins show this; returns how often they showed something else before.
    pub(super) fn shown(&self, frames: &[&[u8]]) -> usize {
        let wanted = Call::Show(frames.iter().map(|it| it.to_vec()).collect());
        let mut others = 0;
        while self.call() != wanted {
            others += 1;
        }
        others
    }

    /// A client for both strips, as Lumen has it.
    pub(super) fn remote(&self) -> Result<Box<dyn Output>, OutputError> {
        remote::open_at(&self.folder.socket(), &[plan(CASE), plan(HEAD)])
    }

    /// A client that says what the test wants, and has heard the greeting.
    pub(super) fn stranger(&self) -> Stranger {
        let stranger = Stranger::new(&self.folder.socket());
        assert_eq!(stranger.read_client(), "greeting");
        stranger
    }

    /// A client that has been welcomed.
    pub(super) fn guest(&self) -> Stranger {
        let guest = self.stranger();
        guest.say(&ClientMessage::Hello(vec![CASE, HEAD]));
        assert_eq!(guest.read_client(), "welcome");
        guest
    }

    pub(super) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// How it ended.
    pub(super) fn end(&mut self) -> Result<(), HelperError> {
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take()
            && !std::thread::panicking()
        {
            assert_eq!(thread.join().unwrap(), Ok(()));
        }
    }
}

pub(super) fn settings(
    folder: &Folder,
    config: PathBuf,
    blank_after: Span,
) -> (HelperSettings, PipeWriter) {
    let (reader, writer) = pipe().unwrap();
    let mut settings = HelperSettings::new(config, folder.socket(), reader.into());
    settings.blank_after = blank_after;
    settings.hello_within = NEVER;
    settings.journal = |_| {};
    (settings, writer)
}

pub(super) fn plan(strip: PinStrip) -> StripPlan {
    let order = if strip.channels == 4 { "GRBW" } else { "GRB" };
    StripPlan {
        owner: String::new(),
        strip: Strip {
            name: format!("gpio{}", strip.pin),
            pixels: usize::from(strip.pixels),
            order: ColorOrder::parse(order).unwrap(),
            format: PixelFormat::Bytes,
        },
        output: OutputPlan::Pin(PinPlan {
            pin: strip.pin,
            strip_type: StripType::Ws281x,
            frequency_hz: 800_000,
            dma: 10,
            invert: false,
            by_helper: true,
        }),
        finish: FinishPlan::default(),
    }
}

/// A client that may say anything.
pub(super) struct Stranger(OwnedFd);

impl Stranger {
    pub(super) fn new(path: &Path) -> Self {
        let family = AddressFamily::UNIX;
        let flags = SocketFlags::CLOEXEC;
        let socket = socket_with(family, SocketType::SEQPACKET, flags, None).unwrap();
        let patience = Some(LONG);
        rustix::net::sockopt::set_socket_timeout(
            &socket,
            rustix::net::sockopt::Timeout::Recv,
            patience,
        )
        .unwrap();
        connect(&socket, &SocketAddrUnix::new(path).unwrap()).unwrap();
        Self(socket)
    }

    pub(super) fn send(&self, packet: &[u8]) {
        send(&self.0, packet, SendFlags::NOSIGNAL).unwrap();
    }

    /// Whether there was room for the packet.
    pub(super) fn offer(&self, packet: &[u8]) -> bool {
        send(&self.0, packet, SendFlags::NOSIGNAL | SendFlags::DONTWAIT).is_ok()
    }

    pub(super) fn say(&self, request: &ClientMessage<'_>) {
        let mut packet = Vec::new();
        request.put(&mut packet);
        self.send(&packet);
    }

    pub(super) fn frames(&self, frames: &[Vec<u8>]) {
        let mut packet = Vec::new();
        put_frames(frames, &mut packet);
        self.send(&packet);
    }

    /// What the helper says, as words; `end` when it has hung up.
    pub(super) fn read_client(&self) -> String {
        let mut buffer = vec![0; 2048];
        let bytes = recv(&self.0, &mut buffer[..], RecvFlags::empty())
            .unwrap()
            .1;
        if bytes == 0 {
            return "end".to_owned();
        }
        match ServerMessage::parse(&buffer[..bytes]).unwrap() {
            ServerMessage::Greeting => "greeting".to_owned(),
            ServerMessage::Welcome => "welcome".to_owned(),
            ServerMessage::Refusal(words) => format!("refusal: {}", words.problem),
            ServerMessage::Fault(words) => format!("fault: {}", words.problem),
        }
    }
}

/// Waits for what nothing tells; looks every millisecond.
pub(super) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let (_keep, never) = crossbeam_channel::bounded::<()>(0);
    for _ in 0..LONG.as_millis() {
        if is_so() {
            return;
        }
        let _ = never.recv_timeout(Duration::from_millis(1));
    }
    panic!("{what}");
}
