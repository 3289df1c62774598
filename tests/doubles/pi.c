/*
 * A double of the pins of a Raspberry Pi 3B, preloaded into the child process of a test. It replaces
 * /dev/vcio, which allocates memory, and /dev/mem, which contains that memory and the registers of
 * DMA, PWM, PCM and their clocks. Layouts are from the BCM2835 ARM Peripherals data sheet.
 *
 * A thread simulates the hardware: an enabled clock runs, and a started DMA channel reads the frame
 * and ends after its time on the wire. The signals on the wires are decoded to bytes. Each event is
 * a line in the file $PI_LOG:
 *   alloc, lock, unlock, free        memory of the VideoCore
 *   frame dma=N pwm0=HEX pwm1=HEX    a sent frame; pcm=HEX for the PCM; a leading ! means that the
 *                                    signal is inverted; torn if the frame changed while it was sent
 * $PI_FAULT is one of: vcio=ERRNO or mem=ERRNO (opening fails), mailbox=ERRNO (each message to the
 * firmware fails), memory (the VideoCore is out of memory), map (mapping registers fails), wedge
 * (clocks never run).
 * $PI_MODEL is the name of the board, $PI_REVISION its revision in hexadecimal, $PI_SOUND the sound
 * cards.
 */
#define _GNU_SOURCE
#define DOUBLE "PI"
#include "files.h"
#include <endian.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <time.h>

#define REGISTERS 0x3f000000u
#define REGISTERS_SIZE 0x1000000u
#define MEMORY 0x1e000000u
#define MEMORY_SIZE 0x400000u
#define BUS 0xc0000000u

#define DMA_CHANNELS 15
#define DMA(channel) (0x7000u + 0x100u * (channel))
#define DMA_ACTIVE (1u << 0)
#define DMA_END (1u << 1)
#define CLOCK_PCM 0x101098u
#define CLOCK_PWM 0x1010a0u
#define CLOCK_ENABLE (1u << 4)
#define CLOCK_KILL (1u << 5)
#define CLOCK_BUSY (1u << 7)
#define PCM_STATUS 0x203000u
#define PCM_IDLE ((1u << 13) | (1u << 17) | (1u << 21))
#define PWM_CONTROL 0x20c000u
#define PWM_POLARITY(channel) (1u << (4 + 8 * (channel)))
#define PERMAP_PWM 5

/* Three bits on the wire encode one bit of a frame. */
#define WIRE_HZ 2.4e6
#define LONGEST 65536

static int memory = -1;
/* The descriptors of mailboxes; each controller has one. */
static char mailboxes[1024];
static uint8_t *board;
static int handles;

struct run {
	int busy;
	double until;
	uint32_t *words;
	uint32_t *copy;
	size_t bytes;
	int pwm;
};

static volatile uint32_t *at(uint32_t offset)
{
	return (volatile uint32_t *)(board + offset);
}

static int real_time(clockid_t clock, struct timespec *time)
{
	static int (*next)(clockid_t, struct timespec *);

	if (!next)
		next = real("clock_gettime");
	return next(clock, time);
}

static double now(void)
{
	struct timespec time;

	real_time(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* The bytes sent on a wire, in hexadecimal; its words are `step` apart. */
static void decode(const uint32_t *words, size_t count, size_t step, char *digits)
{
	size_t bits = 0, symbols = count * 32 / 3;
	unsigned byte = 0;
	size_t i;

	for (i = 0; i < symbols; i++) {
		unsigned symbol = 0;
		size_t bit;

		for (bit = 3 * i; bit < 3 * i + 3; bit++)
			symbol = symbol << 1 | (words[bit / 32 * step] >> (31 - bit % 32) & 1);
		if (i == 0 && (symbol == 3 || symbol == 1)) {
			*digits++ = '!';
		}
		if (symbol == 3 || symbol == 1)
			symbol = ~symbol & 7;
		if (symbol != 4 && symbol != 6)
			break;
		byte = byte << 1 | (symbol == 6);
		if (++bits % 8 == 0)
			digits += sprintf(digits, "%02x", byte & 0xff);
	}
	*digits = 0;
}

static void begin(struct run *run, int channel)
{
	uint32_t address = (at(DMA(channel))[1] & ~BUS) - MEMORY;
	uint32_t *block = (uint32_t *)(board + REGISTERS_SIZE + address);

	run->pwm = (block[0] >> 16 & 31) == PERMAP_PWM;
	run->words = (uint32_t *)(board + REGISTERS_SIZE + ((block[1] & ~BUS) - MEMORY));
	run->bytes = block[3] < LONGEST ? block[3] : LONGEST;
	memcpy(run->copy, run->words, run->bytes);
	run->until = now() + run->bytes * 8.0 / (run->pwm ? 2 : 1) / WIRE_HZ;
	run->busy = 1;
}

static void end(struct run *run, int channel)
{
	static char first[2 * LONGEST], second[2 * LONGEST];
	int changed = memcmp(run->copy, run->words, run->bytes);
	/* Long after the reset of a frame, the next one may already be in memory. */
	const char *torn = changed && now() - run->until < 200e-6 ? " torn" : "";
	size_t count = run->bytes / 4;

	if (run->pwm) {
		uint32_t control = *at(PWM_CONTROL);

		decode(run->copy, count / 2, 2, first);
		decode(run->copy + 1, count / 2, 2, second);
		note("frame dma=%d pwm0=%s%s pwm1=%s%s%s\n", channel,
		     control & PWM_POLARITY(0) ? "!" : "", first,
		     control & PWM_POLARITY(1) ? "!" : "", second, torn);
	} else {
		decode(run->copy, count, 1, first);
		note("frame dma=%d pcm=%s%s\n", channel, first, torn);
	}
	run->busy = 0;
	*at(PCM_STATUS) |= PCM_IDLE;
	*at(DMA(channel)) = (*at(DMA(channel)) & ~DMA_ACTIVE) | DMA_END;
}

static void step_clock(uint32_t offset)
{
	uint32_t value = *at(offset), next = value;

	if (value & CLOCK_KILL)
		next = value & ~(CLOCK_KILL | CLOCK_BUSY);
	else if ((value & CLOCK_ENABLE) && !(value & CLOCK_BUSY) && !fault("wedge"))
		next = value | CLOCK_BUSY;
	/* New writes of the library are handled in the next round. */
	__sync_bool_compare_and_swap(at(offset), value, next);
}

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static struct run runs[DMA_CHANNELS];

/* Starts the frames of started channels. */
static void begin_all(void)
{
	int i;

	for (i = 0; i < DMA_CHANNELS; i++)
		if (!runs[i].busy && (*at(DMA(i)) & DMA_ACTIVE))
			begin(&runs[i], i);
}

static void *play(void *nothing)
{
	struct timespec pause = {0, 20000};
	int i;

	for (;;) {
		pthread_mutex_lock(&turn);
		step_clock(CLOCK_PWM);
		step_clock(CLOCK_PCM);
		begin_all();
		for (i = 0; i < DMA_CHANNELS; i++)
			if (runs[i].busy && now() >= runs[i].until)
				end(&runs[i], i);
		pthread_mutex_unlock(&turn);
		nanosleep(&pause, NULL);
	}
	return nothing;
}

/*
 * The library reads the clock right after it starts a channel. The frame starts here, as in the
 * hardware, because the thread above may be delayed on a busy computer.
 */
int clock_gettime(clockid_t clock, struct timespec *time)
{
	if (board) {
		pthread_mutex_lock(&turn);
		begin_all();
		pthread_mutex_unlock(&turn);
	}
	return real_time(clock, time);
}

static void power_on(void)
{
	void *(*next)(void *, size_t, int, int, int, off_t) = real("mmap");
	pthread_t thread;
	int i;

	if (board)
		return;
	memory = memfd_create("board", MFD_CLOEXEC);
	if (ftruncate(memory, REGISTERS_SIZE + MEMORY_SIZE))
		abort();
	for (i = 0; i < DMA_CHANNELS; i++)
		runs[i].copy = malloc(LONGEST);
	board = next(NULL, REGISTERS_SIZE + MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	*at(PCM_STATUS) = PCM_IDLE;
	pthread_create(&thread, NULL, play, NULL);
	pthread_detach(thread);
}

static int open_device(const char *name)
{
	int number = fault(name);

	if (number)
		return refuse(number);
	power_on();
	return dup(memory);
}

static int open_mailbox(void)
{
	int file = open_device("vcio");

	if (file >= 0 && file < (int)sizeof(mailboxes))
		mailboxes[file] = 1;
	return file;
}

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
	int (*next)(const char *, int, ...) = real(name);

	if (!strcmp(path, "/dev/vcio"))
		return open_mailbox();
	if (!strcmp(path, "/dev/mem"))
		return open_device("mem");
	if (!strcmp(path, "/proc/device-tree/model"))
		return open_text(getenv("PI_MODEL"));
	if (!strcmp(path, "/proc/asound/cards"))
		return open_text(getenv("PI_SOUND"));
	return next(path, flags, mode);
}

/* The library reads the revision of the board: a word on arm64, a line of text elsewhere. */
FILE *fopen(const char *path, const char *mode)
{
	FILE *(*next)(const char *, const char *) = real("fopen");
	const char *revision = getenv("PI_REVISION");
	char line[64];

	if (!revision)
		return next(path, mode);
	if (!strcmp(path, "/proc/cpuinfo")) {
		snprintf(line, sizeof(line), "Revision\t: %s\n", revision);
		return fdopen(open_text(line), mode);
	}
	if (!strcmp(path, "/proc/device-tree/system/linux,revision")) {
		uint32_t word = htobe32(strtoul(revision, NULL, 16));
		int file = memfd_create("revision", MFD_CLOEXEC);

		if (write(file, &word, sizeof(word)) != sizeof(word))
			abort();
		lseek(file, 0, SEEK_SET);
		return fdopen(file, mode);
	}
	return next(path, mode);
}

int close(int file)
{
	int (*next)(int) = real("close");

	if (file >= 0 && file < (int)sizeof(mailboxes))
		mailboxes[file] = 0;
	return next(file);
}

static void *map(void *where, size_t size, int access, int flags, int file, off64_t offset)
{
	void *(*next)(void *, size_t, int, int, int, off64_t) = real("mmap64");
	uint64_t physical = offset;

	if (file < 0 || physical < MEMORY || physical >= REGISTERS + REGISTERS_SIZE)
		return next(where, size, access, flags, file, offset);
	if (fault("map")) {
		errno = EPERM;
		return MAP_FAILED;
	}
	offset = physical < REGISTERS ? physical - MEMORY + REGISTERS_SIZE : physical - REGISTERS;
	return next(where, size, access, flags, file, offset);
}

void *mmap(void *where, size_t size, int access, int flags, int file, off_t offset)
{
	/* With a 32-bit off_t, addresses in the upper half of the memory must not be negative. */
	return map(where, size, access, flags, file, sizeof(offset) == 4 ? (uint32_t)offset : offset);
}

void *mmap64(void *where, size_t size, int access, int flags, int file, off64_t offset)
{
	return map(where, size, access, flags, file, offset);
}

static void answer(uint32_t *message)
{
	switch (message[2]) {
	case 0x3000c:
		if (fault("memory")) {
			message[5] = 0;
			return;
		}
		note("alloc\n");
		message[5] = ++handles;
		break;
	case 0x3000d:
		note("lock\n");
		/* Each allocation has a separate address, because there can be two controllers. */
		message[5] = BUS | (MEMORY + (message[5] % 8) * (MEMORY_SIZE / 8));
		break;
	case 0x3000e:
		note("unlock\n");
		message[5] = 0;
		break;
	case 0x3000f:
		note("free\n");
		message[5] = 0;
		break;
	}
}

int ioctl(int file, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) = real("ioctl");
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (file < 0 || file >= (int)sizeof(mailboxes) || !mailboxes[file])
		return next(file, request, argument);
	if (fault("mailbox")) {
		errno = fault("mailbox");
		return -1;
	}
	answer(argument);
	return 0;
}
