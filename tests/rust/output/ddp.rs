//! The DDP output on a controller of the test's own, over the loopback.

use crate::wire::ddp::Controller;
use crossbeam_channel::{Receiver, unbounded};
use lumen::engine::{Engine, Options};
use lumen::layout::{ColorOrder, PixelFormat, Strip};
use lumen::output::health::HealthState;
use lumen::output::memory::Recording;
use lumen::output::pump::{Factory, Pump};
use lumen::output::{OutputError, build};
use lumen::plan::{FinishPlan, OutputPlan, StripPlan};
use lumen::spec::{RawConfig, compile};
use lumen::time::Time;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, UdpSocket};
use std::slice;
use std::sync::Arc;
use std::time::Duration;

/// Bounds every wait; none takes it unless the test fails.
const LONG: Duration = Duration::from_secs(20);

fn socket(port: u16) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    socket.set_read_timeout(Some(LONG)).unwrap();
    socket
}

fn port(socket: &UdpSocket) -> u16 {
    socket.local_addr().unwrap().port()
}

fn plan(pixels: usize, order: &str, port: u16) -> StripPlan {
    StripPlan {
        owner: String::new(),
        strip: Strip {
            name: "case".into(),
            pixels,
            order: ColorOrder::parse(order).unwrap(),
            format: PixelFormat::Bytes,
        },
        output: OutputPlan::Ddp {
            host: "127.0.0.1".into(),
            port,
        },
        finish: FinishPlan::default(),
    }
}

/// A pump and what its observer is told.
fn pump(plan: &StripPlan) -> (Pump, Receiver<Option<OutputError>>) {
    let (tell, told) = unbounded();
    let factory: Factory = Arc::new(|plans: &[StripPlan]| build(plans, &Recording::default()));
    let observer = Box::new(move |dark: Option<&OutputError>| {
        let _ = tell.send(dark.cloned());
    });
    let pump = Pump::start(slice::from_ref(plan), factory, observer).unwrap();
    (pump, told)
}

fn send(pump: &Pump, frame: &[u8]) {
    pump.send(0, Time::ZERO, frame);
    pump.flush();
}

/// Gives packets to a controller until it shows something; drops those that `loses` says.
fn until_it_shows(
    frame: &[u8],
    socket: &UdpSocket,
    controller: &mut Controller,
    mut loses: impl FnMut() -> bool,
) {
    let mut packet = [0; 2000];
    while controller.shown != frame {
        let length = socket.recv(&mut packet).unwrap();
        if !loses() {
            controller.receive(&packet[..length]).unwrap();
        }
    }
}

#[test]
fn a_controller_shows_each_frame_and_is_dark_at_the_end() {
    for (pixels, order) in [(10, "RGB"), (1000, "RGB"), (700, "RGBW")] {
        let socket = socket(0);
        let plan = plan(pixels, order, port(&socket));
        let mut controller = Controller::new(plan.strip.bytes());
        let (pump, told) = pump(&plan);
        for byte in [1, 200, 7] {
            let frame = vec![byte; plan.strip.bytes()];
            send(&pump, &frame);
            until_it_shows(&frame, &socket, &mut controller, || false);
        }
        assert_eq!(controller.channels, order.len());
        pump.stop();
        assert!(pump.join(LONG));
        let dark = vec![0; plan.strip.bytes()];
        until_it_shows(&dark, &socket, &mut controller, || false);
        assert_eq!(pump.health().failures, 0);
        assert!(told.try_recv().is_err());
    }
}

#[test]
fn lost_packets_stop_nothing() {
    let socket = socket(0);
    let plan = plan(1200, "RGB", port(&socket));
    let mut controller = Controller::new(plan.strip.bytes());
    let (pump, told) = pump(&plan);
    let mut count = 0;
    let mut every_fourth = || {
        count += 1;
        count % 4 == 0
    };
    let mut packet = [0; 2000];
    for byte in 1..=20 {
        let frame = vec![byte; plan.strip.bytes()];
        send(&pump, &frame);
        // The three packets of the frame, of which one is lost in most: now this, now that.
        for _ in 0..3 {
            let length = socket.recv(&mut packet).unwrap();
            if !every_fourth() {
                controller.receive(&packet[..length]).unwrap();
            }
        }
    }
    let last = vec![99; plan.strip.bytes()];
    send(&pump, &last);
    until_it_shows(&last, &socket, &mut controller, || false);
    assert_eq!(pump.health().state, HealthState::Ok);
    assert!(told.try_recv().is_err());
}

#[test]
fn a_controller_that_is_gone_is_told_and_sent_to_again_when_it_is_back() {
    let gone = socket(0);
    let port = port(&gone);
    drop(gone);
    let plan = plan(1, "RGB", port);
    let (pump, told) = pump(&plan);
    let dark = loop {
        send(&pump, &[1, 2, 3]);
        if let Ok(dark) = told.recv_timeout(Duration::from_millis(1)) {
            break dark.unwrap();
        }
    };
    assert_eq!(
        dark.to_string(),
        format!(
            "127.0.0.1 does not accept packets on UDP port {port} (check 'host' and 'port'; WLED \
             listens on port 4048 as soon as it has started)"
        )
    );
    let back = socket(port);
    let mut controller = Controller::new(3);
    until_it_shows(&[1, 2, 3], &back, &mut controller, || false);
    // Not known yet: also a controller that is gone takes a packet without an error.
    assert_eq!(pump.health().state, HealthState::Dark);
}

#[test]
fn a_controller_is_held_by_one_strip() {
    let socket = socket(0);
    let port = port(&socket);
    let plan = plan(1, "RGB", port);
    let first = build(slice::from_ref(&plan), &Recording::default());
    assert!(first.is_ok());
    let second = build(slice::from_ref(&plan), &Recording::default());
    assert_eq!(
        second.err().unwrap().problem,
        format!(
            "udp://127.0.0.1:{port} is still in use by another strip or by a thread that hangs in \
             its driver"
        )
    );
}

#[test]
fn a_config_lights_a_controller_and_a_still_picture_is_repeated() {
    let socket = socket(0);
    let options = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        owned.collect()
    };
    let port = port(&socket).to_string();
    let group = [
        ("driver", "ddp"),
        ("host", "127.0.0.1"),
        ("port", &port),
        ("index_end", "2"),
        ("on_startup", "solid red"),
    ];
    let raw = RawConfig {
        sections: vec![
            ("lumen".into(), options(&[("fade", "0")])),
            ("lumen_group case".into(), options(&group)),
        ],
        ..RawConfig::default()
    };
    let engine = Engine::start(compile(&raw, None).unwrap(), Options::default()).unwrap();
    let mut controller = Controller::new(6);
    let red = [255, 0, 0, 255, 0, 0];
    until_it_shows(&red, &socket, &mut controller, || false);
    let mut packet = [0; 100];
    let length = socket.recv(&mut packet).unwrap();
    assert_eq!(packet[10..length], red, "again");
    assert!(engine.close(LONG));
    until_it_shows(&[0; 6], &socket, &mut controller, || false);
}
