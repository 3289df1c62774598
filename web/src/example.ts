/** The config that a new user sees. */
export const EXAMPLE = `# Change anything: the lights on the right follow at once.
[lumen]
bored_timeout: 300
sleep_timeout: 600

[lumen_strip case]
driver: spi
device: /dev/spidev0.0
count: 72

[lumen_strip toolhead]
driver: gpio
gpio_pin: 18
count: 8

[lumen_strip bar]
driver: pio
gpio_pin: 12
count: 24

[lumen_group case]
strip: case
on_startup: comet steel
on_idle: noise palette=ocean speed=0.2
on_heating: thermal bed ice lava
on_homing:
    flash white blend=add
    comets cyan royal count=3
on_leveling: kitt orange speed=0.6
on_meshing: plasma palette=party max=0.7
on_printing:
    position x palette=aurora
    solid 060a18
on_paused: pulse amber
on_complete: rainbow
on_cooldown: thermal bed ice lava
on_bored: aurora max=0.5
on_sleep: off fade=4
on_error: alarm

[lumen_group toolhead]
strip: toolhead
on_idle: solid steel
on_heating: fire
on_printing: solid warm_white
on_complete: pulse matrix
on_sleep: off fade=4

[lumen_group bar]
strip: bar
on_heating: thermal extruder ice lava
on_printing:
    progress steel matrix
    solid 000814
on_complete: twinkle palette=party

[lumen_effect alarm]
layers:
    strobe white speed=1 blend=add
    pulse red speed=0.5 min=0
    solid 330000
`;
