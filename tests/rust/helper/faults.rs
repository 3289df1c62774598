//! Faults of the pins, of the config, and of the helper itself.

use super::bench::{Bench, Call, Folder, LONG, NEVER, Stranger, me, settings, wait_until};
use crossbeam_channel::{bounded, unbounded};
use lumen::helper::{HelperError, Opener, serve};
use lumen::output::OutputError;
use lumen::time::Time;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::thread::Builder;
use std::time::Duration;

/// Three of them are a hang: longer than a busy machine holds a thread up in the middle of a step.
const BEAT: Duration = Duration::from_secs(1);
const FRAMES: [u8; 10] = [1; 10];

fn frames() -> Vec<Vec<u8>> {
    vec![FRAMES[..6].to_vec(), FRAMES[6..].to_vec()]
}

/// An opener that must not be asked.
fn unused() -> Opener {
    Box::new(|_| Err(OutputError::new("nobody asked", "")))
}

#[test]
fn pins_that_cannot_be_opened_are_told_to_the_client_each_time() {
    let (_sender, calls) = unbounded();
    let opener: Opener = Box::new(|_| {
        Err(OutputError::new(
            "cannot open /dev/mem",
            "use a Raspberry Pi",
        ))
    });
    let bench = Bench::start(NEVER, opener, calls);
    for _ in 0..2 {
        let error = bench.remote().err().map(|it| it.to_string());
        assert_eq!(
            error.as_deref(),
            Some("the helper reports: cannot open /dev/mem (use a Raspberry Pi)")
        );
    }
}

#[test]
fn a_fault_of_the_pins_is_told_and_they_are_opened_anew_for_the_next() {
    let bench = Bench::with(NEVER, |frames| {
        if frames[0][0] == 1 {
            return Err(OutputError::new("the pins burn", "get water"));
        }
        Ok(())
    });
    let guest = bench.guest();
    guest.frames(&frames());
    assert_eq!(guest.read_client(), "fault: the pins burn");
    assert_eq!(guest.read_client(), "end");
    let mut remote = bench.remote().unwrap();
    remote.write(Time::ZERO, &[vec![2; 6], vec![2; 4]]).unwrap();
    let shown = Call::Show(vec![vec![2; 6], vec![2; 4]]);
    let calls: Vec<Call> = (0..4).map(|_| bench.call()).collect();
    assert_eq!(calls, [Call::Open, Call::Show(frames()), Call::Open, shown]);
}

#[test]
fn pins_that_hang_end_the_helper() {
    let folder = Folder::new();
    let (mut settings, _stop) = settings(&folder, folder.config(me()), NEVER);
    settings.beat = BEAT;
    let (release, hang) = bounded::<()>(0);
    let opener: Opener = Box::new(move |_| {
        let _ = hang.recv();
        Err(OutputError::new("released", ""))
    });
    let socket = folder.socket();
    let helper = Builder::new()
        .spawn(move || serve(settings, opener))
        .unwrap();
    wait_until("the helper listens", || socket.exists());
    let guest = Stranger::new(&socket);
    assert_eq!(guest.read_client(), "greeting");
    // Nobody has asked for the pins: it does not hang, however often it is looked at.
    assert!(!helper.is_finished());
    guest.say(&lumen::wire::helper::ClientMessage::Hello(vec![
        super::bench::CASE,
    ]));
    assert_eq!(helper.join().unwrap(), Err(HelperError::Hung));
    drop(release);
}

#[test]
fn systemd_hears_that_it_is_ready_that_it_lives_and_that_it_stops() {
    let folder = Folder::new();
    let (mut settings, stop) = settings(&folder, folder.config(me()), NEVER);
    settings.beat = BEAT;
    let path = folder.file("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(LONG)).unwrap();
    settings.notify = Some(path.into());
    let helper = Builder::new()
        .spawn(move || serve(settings, unused()))
        .unwrap();
    let read_client = || {
        let mut buffer = [0; 64];
        let bytes = systemd.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..bytes]).into_owned()
    };
    assert_eq!(read_client(), "READY=1");
    assert_eq!(read_client(), "WATCHDOG=1");
    drop(stop);
    assert_eq!(helper.join().unwrap(), Ok(()));
    let mut last = read_client();
    while last == "WATCHDOG=1" {
        last = read_client();
    }
    assert_eq!(last, "STOPPING=1");
}

#[test]
fn a_config_that_others_can_write_is_refused() {
    let folder = Folder::new();
    let config = folder.config(me());
    std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o666)).unwrap();
    let (settings, _stop) = settings(&folder, config.clone(), NEVER);
    let words = format!(
        "{} can be written by others than its owner (mode 0666)",
        config.canonicalize().unwrap().display()
    );
    assert_eq!(serve(settings, unused()), Err(HelperError::Config(words)));
    assert!(!folder.socket().exists());
}

#[test]
fn a_second_helper_at_one_socket_is_refused_and_a_dead_ones_socket_taken_over() {
    let bench = Bench::new();
    let folder = &bench.folder;
    let (other, _stop) = settings(folder, folder.config(me()), NEVER);
    let socket = folder.socket();
    let words = format!(
        "cannot listen at {}: another helper is already listening",
        socket.display()
    );
    assert_eq!(serve(other, unused()), Err(HelperError::Socket(words)));
    bench.guest();

    let folder = Folder::new();
    std::fs::write(folder.socket(), "mine").unwrap();
    let (foreign, _stop) = settings(&folder, folder.config(me()), NEVER);
    let words = format!(
        "cannot listen at {}: it exists and is not a socket",
        folder.socket().display()
    );
    assert_eq!(serve(foreign, unused()), Err(HelperError::Socket(words)));
    std::fs::remove_file(folder.socket()).unwrap();
    drop(std::os::unix::net::UnixListener::bind(folder.socket()).unwrap());
    let (settings, stop) = settings(&folder, folder.config(me()), NEVER);
    drop(stop);
    assert_eq!(serve(settings, unused()), Ok(()));
}
