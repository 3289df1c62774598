//! A model of a DDP controller: a parser for the published format, and WLED's filter against late
//! packets.

use lumen::ddp::Packetizer;
use proptest::prelude::*;

/// A parsed packet.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) push: bool,
    pub(crate) number: u8,
    pub(crate) channels: usize,
    pub(crate) offset: usize,
    pub(crate) data: Vec<u8>,
}

/// Parses a packet or returns what is wrong with it.
pub(crate) fn parse(packet: &[u8]) -> Result<Packet, String> {
    let (header, data) = packet.split_at_checked(10).ok_or("no whole header")?;
    // VVxTSRQP: version, then time code, storage, reply, query, push.
    if header[0] >> 6 != 1 {
        return Err(format!("version {}", header[0] >> 6));
    }
    if header[0] & 0b0011_1110 != 0 {
        return Err(format!("flags {:08b}", header[0]));
    }
    // xxxxNNNN
    if header[1] > 15 {
        return Err(format!("number {}", header[1]));
    }
    // CRTTTSSS: no custom type; type 1 is RGB and 3 RGBW; size 3 is 8 bits per channel.
    let channels = match (header[2] >> 3, header[2] & 7) {
        (1, 3) => 3,
        (3, 3) => 4,
        _ => return Err(format!("data type {:08b}", header[2])),
    };
    if header[3] != 1 {
        return Err(format!("destination {}", header[3]));
    }
    let number = |bytes: &[u8]| bytes.iter().fold(0, |n, byte| n << 8 | usize::from(*byte));
    let (offset, length) = (number(&header[4..8]), number(&header[8..10]));
    if length != data.len() || length == 0 || length % channels != 0 || offset % channels != 0 {
        return Err(format!(
            "{length} bytes at {offset}, received {}",
            data.len()
        ));
    }
    // Ethernet carries 1500 bytes, of which IP takes 20 (IPv6: 40) and UDP 8.
    if packet.len() > 1500 - 40 - 8 {
        return Err(format!("{} bytes do not fit a packet", packet.len()));
    }
    Ok(Packet {
        push: header[0] & 1 == 1,
        number: header[1],
        channels,
        offset,
        data: data.to_vec(),
    })
}

/// A controller.
#[derive(Default)]
pub(crate) struct Controller {
    buffer: Vec<u8>,
    /// The bytes that its pixels show.
    pub(crate) shown: Vec<u8>,
    pub(crate) channels: usize,
    last_pushed: u8,
}

impl Controller {
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            buffer: vec![0; bytes],
            shown: vec![0; bytes],
            ..Self::default()
        }
    }

    /// Whether WLED drops a packet as a late one of the last frame ("skip out-of-sequence").
    fn is_late(&self, number: u8) -> bool {
        let last = self.last_pushed;
        match (last, number) {
            (0, _) | (_, 0) => false,
            (6.., _) => (last - 4..last).contains(&number),
            _ => number < last || number > last + 10,
        }
    }

    pub(crate) fn receive(&mut self, packet: &[u8]) -> Result<(), String> {
        let packet = parse(packet)?;
        if self.is_late(packet.number) {
            return Err(format!(
                "{} is late after {}",
                packet.number, self.last_pushed
            ));
        }
        let end = packet.offset + packet.data.len();
        let place = self.buffer.get_mut(packet.offset..end);
        place
            .ok_or("beyond the last pixel")?
            .copy_from_slice(&packet.data);
        self.channels = packet.channels;
        if packet.push {
            self.shown.clone_from(&self.buffer);
            self.last_pushed = packet.number;
        }
        Ok(())
    }
}

/// Sends a frame; `arrives` returns whether the next packet arrives.
fn send(
    packetizer: &mut Packetizer,
    frame: &[u8],
    controller: &mut Controller,
    mut arrives: impl FnMut() -> bool,
) -> Result<(), String> {
    let mut packets = packetizer.packets(frame);
    while let Some(packet) = packets.next() {
        parse(packet)?;
        if arrives() {
            controller.receive(packet)?;
        }
    }
    Ok(())
}

#[test]
fn a_controller_shows_successive_frames_of_any_length() {
    for pixels in [1, 2, 359, 360, 361, 480, 481, 960, 4800, 4801, 9000] {
        for channels in [3, 4] {
            let mut packetizer = Packetizer::new(channels);
            let mut controller = Controller::new(pixels * channels);
            for round in 0..40 {
                let frame: Vec<u8> = (0..pixels * channels).map(|i| (i + round) as u8).collect();
                let sent = send(&mut packetizer, &frame, &mut controller, || true);
                assert_eq!(sent, Ok(()), "{pixels} pixels, frame {round}");
                assert_eq!(controller.shown, frame, "{pixels} pixels, frame {round}");
                assert_eq!(controller.channels, channels);
            }
        }
    }
}

#[test]
fn the_parser_refuses_wrong_packets() {
    let mut packetizer = Packetizer::new(3);
    let good = packetizer.packets(&[1, 2, 3]).next().map(<[u8]>::to_vec);
    let good = good.unwrap_or_default();
    assert!(parse(&good).is_ok());
    for (place, byte) in [
        (0, 0x81),
        (0, 0x43),
        (1, 16),
        (2, 0x01),
        (3, 2),
        (7, 1),
        (9, 4),
    ] {
        let mut bad = good.clone();
        bad[place] = byte;
        assert!(parse(&bad).is_err(), "{place} {byte}");
    }
    assert!(parse(&good[..9]).is_err());
}

proptest! {
    #[test]
    fn a_lost_packet_costs_its_pixels_only_one_frame(
        bytes in (1_usize..4000).prop_map(|pixels| pixels * 3),
        losses in proptest::collection::vec(any::<bool>(), 1..20),
    ) {
        let mut packetizer = Packetizer::new(3);
        let mut controller = Controller::new(bytes);
        let mut losses = losses.into_iter().cycle();
        for round in 1..10 {
            // Losses may exceed a round of sequence numbers, where the filter cannot work.
            controller.last_pushed = 0;
            let frame = vec![round; bytes];
            let sent = send(&mut packetizer, &frame, &mut controller, || {
                losses.next() != Some(true)
            });
            prop_assert_eq!(sent, Ok(()));
            prop_assert!(controller.shown.iter().all(|byte| *byte <= round));
        }
        let whole = send(&mut packetizer, &vec![99; bytes], &mut controller, || true);
        prop_assert_eq!(whole, Ok(()));
        prop_assert!(controller.shown.iter().all(|byte| *byte == 99));
    }
}
