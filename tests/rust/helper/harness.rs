//! A helper in a thread, with pins that record their calls.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helper functions of tests"
)]

use crossbeam_channel::{Receiver, Sender, unbounded};
use lumen::{
    ColorOrder, FinishPlan, HelperError, HelperSettings, Opener, Output, OutputError, OutputPlan,
    PinPlan, PixelFormat, Span, Strip, StripPlan, StripType, Time, helper_client,
    helper_protocol::ClientMessage, helper_protocol::PinStrip, helper_protocol::ServerMessage,
    helper_protocol::put_frames, serve_helper,
};
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

/// The timeout of every wait; only a failing test reaches it.
pub(super) const LONG: Duration = Duration::from_secs(20);
/// Longer than any test.
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

/// A call of the pins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Open,
    Show(Vec<Vec<u8>>),
    Blank,
}

/// A temporary folder for one test.
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

    /// A config with both strips for a user.
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

/// The result of a write of frames.
type Fault = fn(&[Vec<u8>]) -> Result<(), OutputError>;

/// Pins that record their calls; `fault` returns the result of a write.
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
        let _ = self.calls.send(Call::Blank);
        Ok(())
    }
}

/// A running helper.
pub(super) struct TestHelper {
    pub(super) folder: Folder,
    pub(super) calls: Receiver<Call>,
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<Result<(), HelperError>>>,
}

impl TestHelper {
    pub(super) fn new() -> Self {
        Self::with(NEVER, |_| Ok(()))
    }

    /// Starts a helper with a `blank_after` time and a result of writes.
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
            .spawn(move || serve_helper(settings, opener))
            .unwrap();
        let helper = Self {
            folder,
            calls,
            stop: Some(stop),
            thread: Some(thread),
        };
        wait_until("the helper listens", || helper.folder.socket().exists());
        helper
    }

    pub(super) fn call(&self) -> Call {
        self.calls.recv_timeout(LONG).unwrap()
    }

    /// Waits until the pins show these frames; returns how many other frames they showed before.
    pub(super) fn wait_for_frames(&self, frames: &[&[u8]]) -> usize {
        let expected = Call::Show(frames.iter().map(|it| it.to_vec()).collect());
        let mut other_count = 0;
        while self.call() != expected {
            other_count += 1;
        }
        other_count
    }

    /// Lumen's client for both strips.
    pub(super) fn output(&self) -> Result<Box<dyn Output>, OutputError> {
        helper_client::open_at(&self.folder.socket(), &[plan(CASE), plan(HEAD)])
    }

    /// A raw client that has received the greeting.
    pub(super) fn client(&self) -> RawClient {
        let client = RawClient::new(&self.folder.socket());
        assert_eq!(client.receive(), "greeting");
        client
    }

    /// A raw client for both strips that has received the welcome.
    pub(super) fn welcomed_client(&self) -> RawClient {
        let client = self.client();
        client.send_message(&ClientMessage::Hello(vec![CASE, HEAD]));
        assert_eq!(client.receive(), "welcome");
        client
    }

    pub(super) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits for the end of the helper.
    pub(super) fn end(&mut self) -> Result<(), HelperError> {
        self.thread.take().unwrap().join().unwrap()
    }
}

impl Drop for TestHelper {
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
    settings.hello_timeout = NEVER;
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

/// A client that can send any bytes.
pub(super) struct RawClient(OwnedFd);

impl RawClient {
    pub(super) fn new(path: &Path) -> Self {
        let family = AddressFamily::UNIX;
        let flags = SocketFlags::CLOEXEC;
        let socket = socket_with(family, SocketType::SEQPACKET, flags, None).unwrap();
        let timeout = Some(LONG);
        rustix::net::sockopt::set_socket_timeout(
            &socket,
            rustix::net::sockopt::Timeout::Recv,
            timeout,
        )
        .unwrap();
        connect(&socket, &SocketAddrUnix::new(path).unwrap()).unwrap();
        Self(socket)
    }

    pub(super) fn send(&self, packet: &[u8]) {
        send(&self.0, packet, SendFlags::NOSIGNAL).unwrap();
    }

    /// Sends a packet; returns `false` if the socket has no room for it.
    pub(super) fn try_send(&self, packet: &[u8]) -> bool {
        send(&self.0, packet, SendFlags::NOSIGNAL | SendFlags::DONTWAIT).is_ok()
    }

    pub(super) fn send_message(&self, request: &ClientMessage<'_>) {
        let mut packet = Vec::new();
        request.put(&mut packet);
        self.send(&packet);
    }

    pub(super) fn send_frames(&self, frames: &[Vec<u8>]) {
        let mut packet = Vec::new();
        put_frames(frames, &mut packet);
        self.send(&packet);
    }

    /// Receives a message as text; `end` if the helper has disconnected.
    pub(super) fn receive(&self) -> String {
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
            ServerMessage::Refusal(text) => format!("refusal: {}", text.problem),
            ServerMessage::Fault(text) => format!("fault: {}", text.problem),
        }
    }
}

/// Polls a condition every millisecond; panics after [`LONG`].
pub(super) fn wait_until(condition: &str, is_met: impl Fn() -> bool) {
    let (_keep, never) = crossbeam_channel::bounded::<()>(0);
    for _ in 0..LONG.as_millis() {
        if is_met() {
            return;
        }
        let _ = never.recv_timeout(Duration::from_millis(1));
    }
    panic!("timeout: {condition}");
}
