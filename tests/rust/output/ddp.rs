//! The DDP output with a model of a controller, over the loopback interface.

use crate::wire::ddp::Controller;
use crossbeam_channel::{Receiver, unbounded};
use lumen::{
    ColorOrder, Engine, Factory, FinishPlan, FrameSink, HealthState, Options, OutputError,
    OutputPlan, PixelFormat, Pump, RawConfig, Recording, Strip, StripPlan, Time, build_output,
    compile,
};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, UdpSocket};
use std::slice;
use std::sync::Arc;
use std::time::Duration;

/// The timeout of every wait; only a failing test reaches it.
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

/// A pump and the reports to its observer.
fn pump(plan: &StripPlan) -> (Pump, Receiver<Option<OutputError>>) {
    let (sender, reports) = unbounded();
    let factory: Factory =
        Arc::new(|plans: &[StripPlan]| build_output(plans, &Recording::default()));
    let observer = Box::new(move |dark: Option<&OutputError>| {
        let _ = sender.send(dark.cloned());
    });
    let pump = Pump::start(slice::from_ref(plan), factory, observer).unwrap();
    (pump, reports)
}

fn send(pump: &Pump, frame: &[u8]) {
    pump.submit(0, Time::ZERO, frame, &[]);
    pump.flush();
}

/// Passes packets to a controller until it shows a frame; drops a packet if `is_lost` is true.
fn receive_until_shown(
    frame: &[u8],
    socket: &UdpSocket,
    controller: &mut Controller,
    mut is_lost: impl FnMut() -> bool,
) {
    let mut packet = [0; 2000];
    while controller.shown != frame {
        let length = socket.recv(&mut packet).unwrap();
        if !is_lost() {
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
        let (pump, reports) = pump(&plan);
        for byte in [1, 200, 7] {
            let frame = vec![byte; plan.strip.bytes()];
            send(&pump, &frame);
            receive_until_shown(&frame, &socket, &mut controller, || false);
        }
        assert_eq!(controller.channels, order.len());
        pump.stop(Time::ZERO);
        assert!(pump.join(LONG));
        let dark = vec![0; plan.strip.bytes()];
        receive_until_shown(&dark, &socket, &mut controller, || false);
        assert_eq!(pump.health().failures, 0);
        assert!(reports.try_recv().is_err());
    }
}

#[test]
fn lost_packets_are_not_a_fault() {
    let socket = socket(0);
    let plan = plan(1200, "RGB", port(&socket));
    let mut controller = Controller::new(plan.strip.bytes());
    let (pump, reports) = pump(&plan);
    let mut count = 0;
    let mut every_fourth = || {
        count += 1;
        count % 4 == 0
    };
    let mut packet = [0; 2000];
    for byte in 1..=20 {
        let frame = vec![byte; plan.strip.bytes()];
        send(&pump, &frame);
        // A frame has three packets; in most frames, one of them is lost.
        for _ in 0..3 {
            let length = socket.recv(&mut packet).unwrap();
            if !every_fourth() {
                controller.receive(&packet[..length]).unwrap();
            }
        }
    }
    let last = vec![99; plan.strip.bytes()];
    send(&pump, &last);
    receive_until_shown(&last, &socket, &mut controller, || false);
    assert_eq!(pump.health().state, HealthState::Ok);
    assert!(reports.try_recv().is_err());
}

#[test]
fn a_missing_controller_is_reported_and_gets_frames_when_it_returns() {
    let gone = socket(0);
    let port = port(&gone);
    drop(gone);
    let plan = plan(1, "RGB", port);
    let (pump, reports) = pump(&plan);
    let dark = loop {
        send(&pump, &[1, 2, 3]);
        if let Ok(dark) = reports.recv_timeout(Duration::from_millis(1)) {
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
    receive_until_shown(&[1, 2, 3], &back, &mut controller, || false);
    // Still dark: sending the first packet to a missing controller succeeds too.
    assert_eq!(pump.health().state, HealthState::Dark);
}

#[test]
fn a_controller_is_used_by_only_one_strip() {
    let socket = socket(0);
    let port = port(&socket);
    let plan = plan(1, "RGB", port);
    let first = build_output(slice::from_ref(&plan), &Recording::default());
    assert!(first.is_ok());
    let second = build_output(slice::from_ref(&plan), &Recording::default());
    assert_eq!(
        second.err().unwrap().problem,
        format!(
            "udp://127.0.0.1:{port} is still in use by another strip or by a thread that hangs in \
             its driver"
        )
    );
}

#[test]
fn a_configured_controller_gets_frames_and_unchanged_frames_again() {
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
    receive_until_shown(&red, &socket, &mut controller, || false);
    let mut packet = [0; 100];
    let length = socket.recv(&mut packet).unwrap();
    assert_eq!(packet[10..length], red, "again");
    assert!(engine.close(LONG));
    receive_until_shown(&[0; 6], &socket, &mut controller, || false);
}
