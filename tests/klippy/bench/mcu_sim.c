// mcu_sim.c - LD_PRELOAD device simulator for a micro-controller program that
// runs as a Linux process and talks to its "hardware" through the kernel's
// device files (gpiochip character devices, IIO adc, sysfs pwm, spidev, i2c).
//
// It contains no code of any firmware: it only answers the file system calls
// such a program makes.  Build:
//     gcc -O2 -fPIC -shared -o mcu_sim.so mcu_sim.c -ldl -lm
// Use:
//     KBENCH_SIM_CONFIG=sim.cfg KBENCH_SIM_STATE=state.bin
//     LD_PRELOAD=./mcu_sim.so <mcu program>
//
// sim.cfg lines (pins are gpiochip0 line numbers):
//     axis  <name> step=N dir=N [dir_invert=0|1] steps_per_mm=F start=F
//     endstop <axis name> pin=N at=F [side=min|max]
//     probe pin=N z=<axis> [z1=<axis>] [x=<axis>] [xspan=F] [tilt=F] [wave=F]
//     heater <name> pin=N adc=N ambient=F rate=F tau=F
//     sensor <name> adc=N follow=<heater> gain=F
//     therm r25=F beta=F pullup=F          (applies to all adc channels)
//     input <name> pin=N value=0|1
//     ws2812 <name> pin=N leds=N
//
// The state file is a memory map shared with the driver: see struct shared,
// and devices.py.  The driver may force an input pin or
// a temperature through it while the program runs.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define MAGIC 0x4d4953484342454bULL
#define NPIN 64
#define NAXIS 8
#define NTEMP 8
#define NPWM 16
#define NFD 4096
#define WS_BYTES 3072

struct shared {
    uint64_t magic, boots, pid, gpio_writes, gpio_reads, adc_reads, pwm_writes,
        spi_writes, spi_bytes, i2c_writes, ws_frames, ws_bytes,
        clock_lost_ns, clock_stalls;
    struct { uint64_t edges; int32_t value, force; } pin[NPIN];
    double axis_pos[NAXIS];
    uint64_t axis_steps[NAXIS];
    double temp[NTEMP];
    double temp_force[NTEMP];           // NaN: use the model
    uint64_t pwm_duty_ns[NPWM], pwm_on[NPWM];
    uint8_t ws_last[WS_BYTES];
};

struct axis { char name[16]; int step, dir, inv; double spm, start; };
struct endstop { int axis, pin, side; double at; };
struct heater {
    char name[16]; int pin, adc; double ambient, rate, tau;
    int on; double on_since, acc_on, last;
};
struct sensor { char name[16]; int adc, follow; double gain; };

static struct axis axes[NAXIS]; static int n_axes;
static struct endstop stops[NAXIS]; static int n_stops;
static struct heater heaters[NTEMP]; static int n_heaters;
static struct sensor sensors[NTEMP]; static int n_sensors;
static double t_r25 = 100000., t_beta = 3950., t_pullup = 4700.;
static struct { int pin, x, z, z1; double xspan, tilt, wave; } probe
    = { -1, -1, -1, -1, 200., 0., 0. };

// What a pin means (one role a pin)
enum { R_NONE, R_STEP, R_DIR, R_HEAT, R_STOP, R_PROBE, R_INPUT, R_WS };
static struct { uint8_t role, idx; } role[NPIN];
static int input_value[NPIN];

// Kinds of file descriptors that we own
enum { K_NONE, K_CHIP, K_LINE, K_ADC, K_PWM_PERIOD, K_PWM_DUTY, K_PWM_ENABLE,
       K_SPI, K_I2C };
static struct { uint8_t kind; uint16_t idx, chip; } fds[NFD];

static struct shared *S, local_state;
static int64_t stall_ns;
static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static int (*real_access)(const char *, int);
static int (*real_ioctl)(int, unsigned long, ...);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_timer_settime)(timer_t, int, const struct itimerspec *
                                 , struct itimerspec *);
static int (*real_ppoll)(struct pollfd *, nfds_t, const struct timespec *
                         , const sigset_t *);

static double
now(void)
{
    struct timespec ts;
    real_clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static int
find_axis(const char *name)
{
    for (int i = 0; i < n_axes; i++)
        if (!strcmp(axes[i].name, name))
            return i;
    fprintf(stderr, "mcu_sim: unknown axis '%s'\n", name);
    exit(3);
}

static const char *
kv(char **tok, int n, const char *key)
{
    size_t l = strlen(key);
    for (int i = 0; i < n; i++)
        if (!strncmp(tok[i], key, l) && tok[i][l] == '=')
            return tok[i] + l + 1;
    return NULL;
}

static double
kvf(char **tok, int n, const char *key, double def)
{
    const char *v = kv(tok, n, key);
    return v ? atof(v) : def;
}

static int
kvpin(char **tok, int n, const char *key, int r, int idx)
{
    int p = (int)kvf(tok, n, key, -1);
    if (p < 0 || p >= NPIN) {
        fprintf(stderr, "mcu_sim: '%s' needs %s=0..%d\n", tok[0], key, NPIN-1);
        exit(3);
    }
    role[p].role = r;
    role[p].idx = idx;
    return p;
}

static void
load_config(const char *path)
{
    FILE *f = fopen(path, "r");
    if (!f) {
        fprintf(stderr, "mcu_sim: cannot open KBENCH_SIM_CONFIG %s\n", path);
        exit(3);
    }
    char line[512];
    while (fgets(line, sizeof(line), f)) {
        char *hash = strchr(line, '#');
        if (hash)
            *hash = 0;
        char *tok[24], *save = NULL;
        int n = 0;
        for (char *t = strtok_r(line, " \t\r\n", &save); t && n < 24
                 ; t = strtok_r(NULL, " \t\r\n", &save))
            tok[n++] = t;
        if (!n)
            continue;
        if (!strcmp(tok[0], "axis") && n_axes < NAXIS && n > 1) {
            struct axis *a = &axes[n_axes];
            snprintf(a->name, sizeof(a->name), "%s", tok[1]);
            a->step = kvpin(tok, n, "step", R_STEP, n_axes);
            a->dir = kvpin(tok, n, "dir", R_DIR, n_axes);
            a->inv = (int)kvf(tok, n, "dir_invert", 0);
            a->spm = kvf(tok, n, "steps_per_mm", 80.);
            a->start = kvf(tok, n, "start", 0.);
            n_axes++;
        } else if (!strcmp(tok[0], "endstop") && n_stops < NAXIS && n > 1) {
            struct endstop *e = &stops[n_stops];
            const char *side = kv(tok, n, "side");
            e->axis = find_axis(tok[1]);
            e->pin = kvpin(tok, n, "pin", R_STOP, n_stops);
            e->at = kvf(tok, n, "at", 0.);
            e->side = side && !strcmp(side, "max");
            n_stops++;
        } else if (!strcmp(tok[0], "probe")) {
            const char *z = kv(tok, n, "z"), *z1 = kv(tok, n, "z1")
                , *x = kv(tok, n, "x");
            probe.pin = kvpin(tok, n, "pin", R_PROBE, 0);
            probe.z = find_axis(z ? z : "z");
            probe.z1 = z1 ? find_axis(z1) : -1;
            probe.x = x ? find_axis(x) : -1;
            probe.xspan = kvf(tok, n, "xspan", 200.);
            probe.tilt = kvf(tok, n, "tilt", 0.);
            probe.wave = kvf(tok, n, "wave", 0.);
        } else if (!strcmp(tok[0], "heater") && n_heaters < NTEMP && n > 1) {
            struct heater *h = &heaters[n_heaters];
            snprintf(h->name, sizeof(h->name), "%s", tok[1]);
            h->pin = kvpin(tok, n, "pin", R_HEAT, n_heaters);
            h->adc = (int)kvf(tok, n, "adc", n_heaters) % NTEMP;
            h->ambient = kvf(tok, n, "ambient", 25.);
            h->rate = kvf(tok, n, "rate", 20.);
            h->tau = kvf(tok, n, "tau", 30.);
            h->last = h->on_since = now();
            n_heaters++;
        } else if (!strcmp(tok[0], "sensor") && n_sensors < NTEMP && n > 1) {
            struct sensor *s = &sensors[n_sensors];
            const char *fo = kv(tok, n, "follow");
            snprintf(s->name, sizeof(s->name), "%s", tok[1]);
            s->adc = (int)kvf(tok, n, "adc", 7) % NTEMP;
            s->gain = kvf(tok, n, "gain", 0.);
            s->follow = -1;
            for (int i = 0; fo && i < n_heaters; i++)
                if (!strcmp(heaters[i].name, fo))
                    s->follow = i;
            n_sensors++;
        } else if (!strcmp(tok[0], "therm")) {
            t_r25 = kvf(tok, n, "r25", t_r25);
            t_beta = kvf(tok, n, "beta", t_beta);
            t_pullup = kvf(tok, n, "pullup", t_pullup);
        } else if (!strcmp(tok[0], "input") && n > 1) {
            int p = kvpin(tok, n, "pin", R_INPUT, 0);
            input_value[p] = (int)kvf(tok, n, "value", 0);
        } else if (!strcmp(tok[0], "ws2812") && n > 1) {
            kvpin(tok, n, "pin", R_WS, 0);
        } else {
            fprintf(stderr, "mcu_sim: bad line starting '%s'\n", tok[0]);
            exit(3);
        }
    }
    fclose(f);
}

__attribute__((constructor)) static void
sim_init(void)
{
    real_open = dlsym(RTLD_NEXT, "open");
    real_close = dlsym(RTLD_NEXT, "close");
    real_access = dlsym(RTLD_NEXT, "access");
    real_ioctl = dlsym(RTLD_NEXT, "ioctl");
    real_pread = dlsym(RTLD_NEXT, "pread");
    real_write = dlsym(RTLD_NEXT, "write");
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    real_timer_settime = dlsym(RTLD_NEXT, "timer_settime");
    real_ppoll = dlsym(RTLD_NEXT, "ppoll");
    const char *stall = getenv("KBENCH_SIM_STALL_US");
    stall_ns = (stall ? atoll(stall) : 250) * 1000;
    S = &local_state;
    const char *cfg = getenv("KBENCH_SIM_CONFIG");
    if (!cfg)
        return;
    load_config(cfg);
    const char *st = getenv("KBENCH_SIM_STATE");
    if (st) {
        int fd = real_open(st, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0 || ftruncate(fd, sizeof(struct shared)) < 0) {
            fprintf(stderr, "mcu_sim: cannot open KBENCH_SIM_STATE %s\n", st);
            exit(3);
        }
        void *p = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE
                       , MAP_SHARED, fd, 0);
        real_close(fd);
        if (p != MAP_FAILED)
            S = p;
    }
    if (S->magic != MAGIC) {
        // First boot: later boots (execv on a firmware restart) keep positions
        memset(S, 0, sizeof(*S));
        for (int i = 0; i < NPIN; i++)
            S->pin[i].force = -1;
        for (int i = 0; i < n_axes; i++)
            S->axis_pos[i] = axes[i].start;
        for (int i = 0; i < NTEMP; i++) {
            S->temp[i] = 25.;
            S->temp_force[i] = NAN;
        }
        for (int i = 0; i < n_heaters; i++)
            S->temp[heaters[i].adc] = heaters[i].ambient;
        S->magic = MAGIC;
    }
    S->boots++;
    S->pid = getpid();
}

// ------------------------------------------------------------------ models

static void
heater_edge(struct heater *h, int on)
{
    double t = now();
    if (h->on)
        h->acc_on += t - h->on_since;
    h->on = on;
    h->on_since = t;
}

static void
heater_update(struct heater *h)
{
    double t = now(), dt = t - h->last;
    if (dt < 0.0005)
        return;
    if (h->on) {
        h->acc_on += t - h->on_since;
        h->on_since = t;
    }
    double T = S->temp[h->adc];
    T += h->rate * h->acc_on - (T - h->ambient) / h->tau * dt;
    S->temp[h->adc] = T;
    h->acc_on = 0.;
    h->last = t;
}

static int
adc_value(int ch)
{
    ch %= NTEMP;
    for (int i = 0; i < n_heaters; i++)
        heater_update(&heaters[i]);
    for (int i = 0; i < n_sensors; i++)
        if (sensors[i].follow >= 0) {
            struct heater *h = &heaters[sensors[i].follow];
            S->temp[sensors[i].adc] = 25. + sensors[i].gain
                * (S->temp[h->adc] - h->ambient);
        }
    double T = isnan(S->temp_force[ch]) ? S->temp[ch] : S->temp_force[ch];
    double r = t_r25 * exp(t_beta * (1. / (T + 273.15) - 1. / 298.15));
    int v = (int)(4095. * r / (r + t_pullup) + .5);
    S->adc_reads++;
    return v < 0 ? 0 : v > 4095 ? 4095 : v;
}

static int
pin_read(int p)
{
    if (p >= NPIN)
        return 0;
    S->gpio_reads++;
    if (S->pin[p].force >= 0)
        return S->pin[p].force;
    switch (role[p].role) {
    case R_STOP: {
        struct endstop *e = &stops[role[p].idx];
        double pos = S->axis_pos[e->axis];
        return e->side ? pos >= e->at : pos <= e->at;
    }
    case R_PROBE: {
        double x = probe.x >= 0 ? S->axis_pos[probe.x] : 0.;
        double z = S->axis_pos[probe.z];
        if (probe.z1 >= 0)
            z += (S->axis_pos[probe.z1] - z) * x / probe.xspan;
        double bed = probe.tilt * x / probe.xspan
            + probe.wave * sin(x * 6.2831853 / probe.xspan);
        return z <= bed;
    }
    case R_INPUT:
        return input_value[p];
    }
    return S->pin[p].value;
}

// ws2812 capture, on the program's own clock
static int ws_mode;     // sending a strip: the program allows no gap of 4 us
static struct { double rise; uint32_t nbits; uint8_t cur; } ws;

static void
ws_edge(int v)
{
    struct timespec ts;
    ws_mode = 1;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    double t = ts.tv_sec + ts.tv_nsec * 1e-9;
    if (v) {
        if (t - ws.rise > 50e-6) {
            if (ws.nbits)
                S->ws_frames++;
            ws.nbits = 0;
        }
        ws.rise = t;
        return;
    }
    uint32_t byte = ws.nbits / 8;
    ws.cur = (ws.cur << 1) | (t - ws.rise > 550e-9);
    ws.nbits++;
    if (!(ws.nbits & 7)) {
        if (byte < WS_BYTES)
            S->ws_last[byte] = ws.cur;
        S->ws_bytes++;
    }
}

static void
pin_write(int p, int v)
{
    if (p >= NPIN)
        return;
    S->gpio_writes++;
    if (S->pin[p].value == v)
        return;
    S->pin[p].value = v;
    S->pin[p].edges++;
    switch (role[p].role) {
    case R_STEP:
        if (v) {
            int i = role[p].idx;
            int dir = S->pin[axes[i].dir].value ^ axes[i].inv;
            S->axis_pos[i] += (dir ? 1. : -1.) / axes[i].spm;
            S->axis_steps[i]++;
        }
        break;
    case R_HEAT:
        heater_edge(&heaters[role[p].idx], v);
        break;
    case R_WS:
        ws_edge(v);
        break;
    }
}

// ------------------------------------------------------------------- clock
//
// A real micro-controller is never descheduled.  This process is: a virtual
// machine or a busy computer stops it for milliseconds, and a program that
// checks its own timing then (rightly) shuts down.  So the program gets a
// clock of its own, that does not advance over a stall of more than
// KBENCH_SIM_STALL_US (250; 0 turns this off), and then makes the time good
// again by running up to 5 percent fast, so that the host's estimate of its
// frequency stays right.  clock_lost_ns is the sum of all stalls.

static int64_t clock_offset, last_real, deadline, slept, slew;


static int64_t
ts2ns(const struct timespec *ts)
{
    return ts->tv_sec * 1000000000LL + ts->tv_nsec;
}

static timer_t the_timer;

static void
lose(int64_t ns, int64_t real_now)
{
    clock_offset += ns;
    S->clock_lost_ns += ns;
    S->clock_stalls++;
    if (deadline > real_now) {
        // An armed timer must move with the clock
        struct itimerspec it = { { 0, 0 }, { 0, 0 } };
        deadline += ns;
        it.it_value.tv_sec = deadline / 1000000000LL;
        it.it_value.tv_nsec = deadline % 1000000000LL;
        real_timer_settime(the_timer, TIMER_ABSTIME, &it, NULL);
    }
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
    int ret = real_clock_gettime(id, ts);
    if (id != CLOCK_MONOTONIC || !stall_ns)
        return ret;
    int64_t t = ts2ns(ts);
    if (slept) {
        // Asleep past the timer's deadline: it should have run by then
        if (deadline && t - deadline > stall_ns)
            lose(t - deadline - 20000, t);
        slept = 0;
    } else if (last_real && t - last_real > stall_ns) {
        lose(t - last_real - (ws_mode ? 100 : 20000), t);
    } else if (ws_mode && last_real && t - last_real > 1000) {
        clock_offset += t - last_real - 100;
    }
    if (clock_offset > 0 && last_real) {
        // Catch up, but never by more than 50 us at one reading
        int64_t el = t - last_real;
        slew += el < 1000000 ? el : 1000000;
        int64_t gain = slew / 20;
        slew -= gain * 20;
        clock_offset -= gain < clock_offset ? gain : clock_offset;
    }
    last_real = t;
    t -= clock_offset;
    ts->tv_sec = t / 1000000000LL;
    ts->tv_nsec = t % 1000000000LL;
    return ret;
}

int
timer_settime(timer_t id, int flags, const struct itimerspec *it
              , struct itimerspec *old)
{
    struct itimerspec real = *it;
    int64_t t = ts2ns(&it->it_value);
    deadline = 0;
    the_timer = id;
    if ((flags & TIMER_ABSTIME) && t > 1000000000LL && stall_ns) {
        t += clock_offset;
        deadline = t;
        real.it_value.tv_sec = t / 1000000000LL;
        real.it_value.tv_nsec = t % 1000000000LL;
    }
    return real_timer_settime(id, flags, &real, old);
}

int
ppoll(struct pollfd *pfd, nfds_t n, const struct timespec *timeout
      , const sigset_t *set)
{
    slept = 1;          // time may pass now
    ws_mode = 0;
    return real_ppoll(pfd, n, timeout, set);
}

// ------------------------------------------------------------- interposition

static int
fake_fd(int kind, int idx, int chip)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return -1;
    if (fd >= NFD) {
        real_close(fd);
        errno = EMFILE;
        return -1;
    }
    fds[fd].kind = kind;
    fds[fd].idx = idx;
    fds[fd].chip = chip;
    return fd;
}

static int
match(const char *path, int *fd)
{
    unsigned a, b;
    char tail[32];
    if (sscanf(path, "/dev/gpiochip%u", &a) == 1)
        *fd = fake_fd(K_CHIP, 0, a);
    else if (sscanf(path, "/sys/bus/iio/devices/iio:device%u/in_voltage%u_raw"
                    , &a, &b) == 2)
        *fd = fake_fd(K_ADC, b, a);
    else if (sscanf(path, "/sys/class/pwm/pwmchip%u/pwm%u/%31s", &a, &b, tail)
             == 3)
        *fd = fake_fd(!strcmp(tail, "period") ? K_PWM_PERIOD
                      : !strcmp(tail, "duty_cycle") ? K_PWM_DUTY : K_PWM_ENABLE
                      , b % NPWM, a);
    else if (sscanf(path, "/dev/spidev%u.%u", &a, &b) == 2)
        *fd = fake_fd(K_SPI, b, a);
    else if (sscanf(path, "/dev/i2c-%u", &a) == 1)
        *fd = fake_fd(K_I2C, 0, a);
    else
        return 0;
    return 1;
}

int
open(const char *path, int flags, ...)
{
    int fd, mode = 0;
    if (match(path, &fd))
        return fd;
    if (flags & O_CREAT) {
        va_list ap;
        va_start(ap, flags);
        mode = va_arg(ap, int);
        va_end(ap);
    }
    return real_open(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int
access(const char *path, int mode)
{
    if (!strncmp(path, "/dev/gpiochip", 13))
        return 0;
    return real_access(path, mode);
}

int
close(int fd)
{
    if (fd >= 0 && fd < NFD)
        fds[fd].kind = K_NONE;
    return real_close(fd);
}

int
ioctl(int fd, unsigned long req, ...)
{
    va_list ap;
    va_start(ap, req);
    void *arg = va_arg(ap, void *);
    va_end(ap);
    if (fd < 0 || fd >= NFD || !fds[fd].kind)
        return real_ioctl(fd, req, arg);
    int line = fds[fd].chip ? NPIN : fds[fd].idx;
    switch (req) {
    case GPIOHANDLE_SET_LINE_VALUES_IOCTL:
        pin_write(line, ((struct gpiohandle_data *)arg)->values[0]);
        return 0;
    case GPIOHANDLE_GET_LINE_VALUES_IOCTL:
        ((struct gpiohandle_data *)arg)->values[0] = pin_read(line);
        return 0;
    case GPIO_GET_LINEHANDLE_IOCTL: {
        struct gpiohandle_request *r = arg;
        int nfd = fake_fd(K_LINE, r->lineoffsets[0], fds[fd].chip);
        if (nfd < 0)
            return -1;
        if (r->flags & GPIOHANDLE_REQUEST_OUTPUT)
            pin_write(fds[fd].chip ? NPIN : r->lineoffsets[0]
                      , r->default_values[0]);
        r->fd = nfd;
        return 0;
    }
    }
    return 0;   // spi and i2c settings and transfers
}

ssize_t
pread(int fd, void *buf, size_t len, off_t off)
{
    if (fd >= 0 && fd < NFD && fds[fd].kind == K_ADC) {
        char s[16];
        int n = snprintf(s, sizeof(s), "%d\n", adc_value(fds[fd].idx));
        if ((size_t)n > len)
            n = len;
        memcpy(buf, s, n);
        return n;
    }
    return real_pread(fd, buf, len, off);
}

ssize_t pread64(int fd, void *buf, size_t len, off_t off)
    __attribute__((alias("pread")));

ssize_t
write(int fd, const void *buf, size_t len)
{
    if (fd < 0 || fd >= NFD || !fds[fd].kind)
        return real_write(fd, buf, len);
    switch (fds[fd].kind) {
    case K_PWM_DUTY:
        S->pwm_duty_ns[fds[fd].idx] = strtoull(buf, NULL, 10);
        S->pwm_writes++;
        break;
    case K_PWM_ENABLE:
        S->pwm_on[fds[fd].idx] = *(const char *)buf == '1';
        S->pwm_writes++;
        break;
    case K_SPI:
        S->spi_writes++;
        S->spi_bytes += len;
        break;
    case K_I2C:
        S->i2c_writes++;
        break;
    }
    return len;
}
