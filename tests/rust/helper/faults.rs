//! Faults of the pins, of the config, and of the helper itself.

use super::harness::{Call, Folder, LONG, NEVER, RawClient, TestHelper, me, settings, wait_until};
use crossbeam_channel::{bounded, unbounded};
use lumen::{HelperError, Opener, OutputError, Time, serve_helper};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::thread::Builder;
use std::time::Duration;

/// Three intervals must be longer than a busy computer can delay a thread.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
const FRAMES: [u8; 10] = [1; 10];

fn frames() -> Vec<Vec<u8>> {
    vec![FRAMES[..6].to_vec(), FRAMES[6..].to_vec()]
}

/// An opener that must not be called.
fn unused() -> Opener {
    Box::new(|_| Err(OutputError::new("unused", "")))
}

#[test]
fn pins_that_cannot_be_opened_are_reported_to_each_client() {
    let (_sender, calls) = unbounded();
    let opener: Opener = Box::new(|_| {
        Err(OutputError::new(
            "cannot open /dev/mem",
            "use a Raspberry Pi",
        ))
    });
    let helper = TestHelper::start(NEVER, opener, calls);
    for _ in 0..2 {
        let error = helper.output().err().map(|it| it.to_string());
        assert_eq!(
            error.as_deref(),
            Some("the helper reports: cannot open /dev/mem (use a Raspberry Pi)")
        );
    }
}

#[test]
fn after_a_fault_the_pins_are_opened_again_for_the_next_client() {
    let helper = TestHelper::with(NEVER, |frames| {
        if frames[0][0] == 1 {
            return Err(OutputError::new("DMA error", "reboot"));
        }
        Ok(())
    });
    let client = helper.welcomed_client();
    client.send_frames(&frames());
    assert_eq!(client.receive(), "fault: DMA error");
    assert_eq!(client.receive(), "end");
    let mut output = helper.output().unwrap();
    output.write(Time::ZERO, &[vec![2; 6], vec![2; 4]]).unwrap();
    let shown = Call::Show(vec![vec![2; 6], vec![2; 4]]);
    let calls: Vec<Call> = (0..4).map(|_| helper.call()).collect();
    assert_eq!(calls, [Call::Open, Call::Show(frames()), Call::Open, shown]);
}

#[test]
fn pins_that_hang_end_the_helper() {
    let folder = Folder::new();
    let (mut settings, _stop) = settings(&folder, folder.config(me()), NEVER);
    settings.check_interval = CHECK_INTERVAL;
    let (release, hang) = bounded::<()>(0);
    let opener: Opener = Box::new(move |_| {
        let _ = hang.recv();
        Err(OutputError::new("released", ""))
    });
    let socket = folder.socket();
    let thread = Builder::new()
        .spawn(move || serve_helper(settings, opener))
        .unwrap();
    wait_until("the helper listens", || socket.exists());
    let client = RawClient::new(&socket);
    assert_eq!(client.receive(), "greeting");
    // The pins are not open yet: waiting does not count as a hang.
    assert!(!thread.is_finished());
    client.send_message(&lumen::helper_protocol::ClientMessage::Hello(vec![
        super::harness::CASE,
    ]));
    assert_eq!(thread.join().unwrap(), Err(HelperError::Hung));
    drop(release);
}

#[test]
fn systemd_receives_ready_watchdog_and_stopping() {
    let folder = Folder::new();
    let (mut settings, stop) = settings(&folder, folder.config(me()), NEVER);
    settings.check_interval = CHECK_INTERVAL;
    let path = folder.file("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(LONG)).unwrap();
    settings.notify = Some(path.into());
    let thread = Builder::new()
        .spawn(move || serve_helper(settings, unused()))
        .unwrap();
    let receive = || {
        let mut buffer = [0; 64];
        let bytes = systemd.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..bytes]).into_owned()
    };
    assert_eq!(receive(), "READY=1");
    assert_eq!(receive(), "WATCHDOG=1");
    drop(stop);
    assert_eq!(thread.join().unwrap(), Ok(()));
    let mut last = receive();
    while last == "WATCHDOG=1" {
        last = receive();
    }
    assert_eq!(last, "STOPPING=1");
}

#[test]
fn a_config_that_others_can_write_is_refused() {
    let folder = Folder::new();
    let config = folder.config(me());
    std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o666)).unwrap();
    let (settings, _stop) = settings(&folder, config.clone(), NEVER);
    let text = format!(
        "{} can be written by users other than its owner (mode 0666)",
        config.canonicalize().unwrap().display()
    );
    assert_eq!(
        serve_helper(settings, unused()),
        Err(HelperError::Config(text))
    );
    assert!(!folder.socket().exists());
}

#[test]
fn a_second_helper_is_refused_and_the_socket_of_a_dead_one_replaced() {
    let helper = TestHelper::new();
    let folder = &helper.folder;
    let (other, _stop) = settings(folder, folder.config(me()), NEVER);
    let socket = folder.socket();
    let text = format!(
        "cannot listen at {}: another helper is already listening",
        socket.display()
    );
    assert_eq!(
        serve_helper(other, unused()),
        Err(HelperError::Socket(text))
    );
    helper.welcomed_client();

    let folder = Folder::new();
    std::fs::write(folder.socket(), "mine").unwrap();
    let (foreign, _stop) = settings(&folder, folder.config(me()), NEVER);
    let text = format!(
        "cannot listen at {}: it exists and is not a socket",
        folder.socket().display()
    );
    assert_eq!(
        serve_helper(foreign, unused()),
        Err(HelperError::Socket(text))
    );
    std::fs::remove_file(folder.socket()).unwrap();
    drop(std::os::unix::net::UnixListener::bind(folder.socket()).unwrap());
    let (settings, stop) = settings(&folder, folder.config(me()), NEVER);
    drop(stop);
    assert_eq!(serve_helper(settings, unused()), Ok(()));
}
