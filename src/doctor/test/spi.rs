//! Strips on SPI on computers with faked files, and the commands that setup prints for them.

use super::{CB1, CM4, Fake, ORANGE_PI, PI_3, PI_4, PI_5, PI_ZERO_2, PIO, SPI};
use super::{check, faults, user};
use crate::doctor::{Board, User, setup_commands};
use crate::output::spi_setup::longer_buffer;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_device_of_root_needs_a_group_and_a_rule() {
    let fake = Fake::new(ORANGE_PI);
    fake.device("dev/spidev1.1");
    let gid = fake.gid("dev/spidev1.1");
    fake.file("etc/group", &format!("root:x:{gid}:\n"));
    let strip = SPI.replace("spidev0.0", "spidev1.1");
    let commands = [
        "sudo groupadd --system --force spi",
        "echo 'SUBSYSTEM==\"spidev\", GROUP=\"spi\", MODE=\"0660\"' | sudo tee \
         /etc/udev/rules.d/99-spi.rules",
        "sudo usermod -a -G spi $USER",
    ];
    check(
        &fake.examine(&strip, &[]),
        &[&format!(
            "Problem strip 'case': the user that runs Klipper may not use /dev/spidev1.1; {}, \
             then reboot",
            commands.join("; ")
        )],
    );
    let board = Board::new(&fake.root);
    let setup = setup_commands(&board, &user(&[]));
    assert_eq!(setup[..3], commands);
    assert_eq!(setup[3..], ["sudo reboot"]);
    // The same if no group may use it.
    let mode = fs::Permissions::from_mode(0o600);
    fs::set_permissions(fake.root.join("dev/spidev1.1"), mode).unwrap();
    assert_eq!(setup_commands(&board, &user(&[])), setup);
    let found = faults(&fake.examine(&strip, &[]));
    assert!(found[0].contains("sudo groupadd"), "{found:?}");
    // The device of PIO has another rule.
    let fake = Fake::new(PI_5);
    fake.device("dev/leds0");
    fake.file("etc/group", &format!("root:x:{gid}:\n"));
    let found = faults(&fake.examine(PIO, &[]));
    assert!(
        found[0].contains("99-lumen.rules, then reboot"),
        "{found:?}"
    );
    assert!(!found[0].contains("then reboot, then"), "{found:?}");
}

#[test]
fn root_needs_no_group() {
    let root = User::default();
    for model in [PI_5, ORANGE_PI] {
        let commands = setup_commands(&Board::new(&Fake::new(model).root), &root);
        assert_eq!(
            commands.len(),
            if model == PI_5 { 2 } else { 1 },
            "{commands:?}"
        );
        assert!(!commands.concat().contains("usermod"), "{commands:?}");
    }
}

#[test]
fn the_clock_of_spi_is_constant_only_with_the_lines_of_the_model() {
    let cases: [(&str, &[&str]); 7] = [
        (PI_ZERO_2, &["core_freq=250"]),
        (PI_3, &["core_freq=250"]),
        (PI_4, &["core_freq=500", "core_freq_min=500"]),
        (CM4, &["core_freq=500", "core_freq_min=500"]),
        (PI_5, &[]),
        (ORANGE_PI, &[]),
        (CB1, &[]),
    ];
    for (model, lines) in cases {
        let fake = Fake::new(model);
        fake.device("dev/spidev0.0")
            .file("boot/config.txt", "[all]\n");
        let groups = [fake.gid("dev/spidev0.0")];
        let found = faults(&fake.examine(SPI, &groups));
        assert_eq!(
            found.len(),
            usize::from(!lines.is_empty()),
            "{model}: {found:?}"
        );
        assert!(
            lines.iter().all(|line| found[0].contains(line)),
            "{model}: {found:?}"
        );
        assert!(
            found.iter().all(|it| it.contains("/boot/config.txt")),
            "{model}: {found:?}"
        );
        fake.file("boot/config.txt", &lines.join("\n"));
        check(&fake.examine(SPI, &groups), &[]);
    }
}

#[test]
fn a_strip_that_is_too_long_for_the_buffer() {
    let long = r#"{"driver": "spi", "count": "400"}"#;
    let fake = Fake::new(PI_5);
    fake.device("dev/spidev0.0")
        .file("sys/module/spidev/parameters/bufsiz", "4096\n");
    let groups = [fake.gid("dev/spidev0.0")];
    let found = faults(&fake.examine(long, &groups));
    assert!(found[0].contains("the kernel accepts 4096"), "{found:?}");
    assert!(found[0].contains("spidev.bufsiz=32768"), "{found:?}");
    fake.file("sys/module/spidev/parameters/bufsiz", "32768\n");
    let found = faults(&fake.examine(long, &groups));
    assert!(found.iter().all(|it| !it.contains("bytes")), "{found:?}");
}

#[test]
fn the_remedy_for_a_short_buffer_names_the_file_of_the_computer() {
    let remedy = |board: &Fake| longer_buffer(&Board::new(&board.root), 0);
    let fake = Fake::new(PI_4);
    let usual = "add spidev.bufsiz=32768 to /boot/firmware/cmdline.txt, then reboot";
    assert_eq!(remedy(&fake), usual);
    fake.file("boot/cmdline.txt", "quiet\n");
    assert_eq!(
        remedy(&fake),
        "add spidev.bufsiz=32768 to /boot/cmdline.txt, then reboot"
    );
    fake.file("boot/firmware/cmdline.txt", "quiet\n");
    assert_eq!(remedy(&fake), usual);
    assert_eq!(
        remedy(&Fake::new(ORANGE_PI)),
        "add spidev.bufsiz=32768 to the kernel's command line, see docs/Other_Boards.md, then \
         reboot"
    );
}

#[test]
fn settings_for_other_models_do_not_count() {
    for (model, section, counts) in [
        (PI_3, "all", true),
        (PI_3, "none", false),
        (PI_3, "pi4", false),
        (PI_3, "pi3", true),
        (PI_3, "pi3+", true),
        (PI_3, "cm3", false),
        (PI_ZERO_2, "pi02", true),
        (PI_ZERO_2, "pi3", false),
        (PI_3, "pi4]\n[all", true),
        (PI_3, "pi4]\n[EDID=VSC-TD2220", false),
        (PI_3, "gpio4=1", true),
    ] {
        let fake = Fake::new(model);
        fake.device("dev/spidev0.0")
            .file("boot/config.txt", &format!("[{section}]\ncore_freq=250\n"));
        let found = faults(&fake.examine(SPI, &[fake.gid("dev/spidev0.0")]));
        assert_eq!(found.is_empty(), counts, "{model} [{section}]: {found:?}");
    }
    let found = |section: &str| {
        let fake = Fake::new(CM4);
        let text = format!("[{section}]\ncore_freq=500\ncore_freq_min=500\n");
        fake.file("boot/config.txt", &text);
        faults(&fake.examine(SPI, &[])).len()
    };
    assert_eq!(
        [found("pi4"), found("cm4"), found("pi400"), found("pi5")],
        [1, 1, 2, 2]
    );
}

#[test]
fn lines_are_not_added_to_a_section_for_one_model() {
    for (text, first) in [
        ("", None),
        ("[cm4]\notg_mode=1\n\n[all]\n", None),
        (
            "[all]\n[pi5]\n",
            Some("echo '[all]' | sudo tee -a /boot/config.txt"),
        ),
        (
            "[cm4] # for a CM4\n",
            Some("echo '[all]' | sudo tee -a /boot/config.txt"),
        ),
    ] {
        let fake = Fake::new(PI_3);
        fake.device("dev/spidev0.0").file("boot/config.txt", text);
        let groups = [fake.gid("dev/spidev0.0")];
        let commands = setup_commands(&Board::new(&fake.root), &user(&groups));
        let own = "echo core_freq=250 | sudo tee -a /boot/config.txt";
        let expected: Vec<&str> = first.into_iter().chain([own, "sudo reboot"]).collect();
        assert_eq!(commands, expected, "{text}");
        let advice = match first {
            None => "; add core_freq=250 to /boot/config.txt, then reboot",
            Some(_) => {
                "; add core_freq=250 to /boot/config.txt, at its end below a line [all], then \
                 reboot"
            }
        };
        let found = faults(&fake.examine(SPI, &groups));
        assert!(found[0].ends_with(advice), "{found:?}");
    }
}

#[test]
fn lines_are_not_added_to_a_line_without_an_end() {
    let append = |text: &str| format!("echo{text} | sudo tee -a /boot/config.txt");
    for (text, expected) in [
        ("dtparam=spi=on", &["", " core_freq=250"][..]),
        (
            "dtparam=spi=on\r\n[pi4]",
            &["", " '[all]'", " core_freq=250"],
        ),
        ("dtparam=spi=on\r\n", &[" core_freq=250"]),
        ("core_freq=250", &[]),
    ] {
        let fake = Fake::new(PI_3);
        fake.device("dev/spidev0.0").file("boot/config.txt", text);
        let groups = [fake.gid("dev/spidev0.0")];
        let mut commands = setup_commands(&Board::new(&fake.root), &user(&groups));
        commands.retain(|it| it != "sudo reboot");
        let expected: Vec<String> = expected.iter().map(|it| append(it)).collect();
        assert_eq!(commands, expected, "{text}");
    }
}

#[test]
fn setup_prints_what_the_doctor_asks_for() {
    for (model, lines) in [
        (PI_ZERO_2, &["core_freq=250"][..]),
        (PI_4, &["core_freq=500", "core_freq_min=500"]),
        (PI_5, &[]),
    ] {
        let fake = Fake::new(model);
        fake.file("boot/config.txt", "[all]\n");
        let board = Board::new(&fake.root);
        let mut expected = vec!["sudo raspi-config nonint do_spi 0".to_owned()];
        let line = |it: &&str| format!("echo {it} | sudo tee -a /boot/config.txt");
        expected.extend(lines.iter().map(line));
        expected.push("sudo usermod -a -G spi $USER".to_owned());
        expected.push("sudo reboot".to_owned());
        assert_eq!(setup_commands(&board, &user(&[])), expected);
        fake.device("dev/spidev0.0")
            .file("boot/config.txt", &lines.join("\n"));
        let groups = [fake.gid("dev/spidev0.0")];
        assert_eq!(setup_commands(&board, &user(&groups)), [""; 0]);
    }
    let commands = setup_commands(&Board::new(&Fake::new(CB1).root), &user(&[]));
    assert!(commands[0].starts_with("# enable SPI"), "{commands:?}");
    assert!(commands[1].starts_with("sudo groupadd"), "{commands:?}");
    assert_eq!(commands.len(), 5);
}
