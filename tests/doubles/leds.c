/*
 * A double of /dev/leds0 of the ws2812-pio driver, preloaded into the child process of a test.
 *
 * Writes behave as in drivers/misc/ws2812-pio-rp1.c for a chain of $LEDS_COUNT pixels. Each call is
 * a line in the file $LEDS_LOG. $LEDS_FAULT is one of:
 *   open=ERRNO   opening the device fails
 *   stuck        opening the device never returns
 *   write=ERRNO  every write after the third fails
 *   hang         the fourth write never returns
 * $LEDS_RELEASE is the version of the kernel, $LEDS_MODEL the board.
 */
#define _GNU_SOURCE
#define DOUBLE "LEDS"
#define DEVICE "/dev/leds0"
#define MAJOR 510
#define DRIVER "ws2812-pio-rp1"
#include "device.h"

static int writes;

static int open_device(int flags)
{
	note("open %s\n", (flags & O_ACCMODE) == O_WRONLY ? "w" : "other");
	if (flags & (O_CREAT | O_TRUNC) || !(flags & O_NONBLOCK) || !(flags & O_CLOEXEC))
		note("flags %#x\n", flags);
	return open_node();
}

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
	int (*next)(const char *, int, ...) = real(name);

	if (!strcmp(path, DEVICE))
		return open_device(flags);
	if (!strcmp(path, "/proc/sys/kernel/osrelease"))
		return open_text(getenv("LEDS_RELEASE"));
	if (!strcmp(path, "/proc/device-tree/model"))
		return open_text(getenv("LEDS_MODEL"));
	if (!strcmp(path, "/proc/devices"))
		return open_text(DEVICES);
	return next(path, flags, mode);
}

static ssize_t write_device(const void *bytes, size_t count, off_t position)
{
	const char *leds = getenv("LEDS_COUNT");
	off_t size = 4 * (leds ? atoi(leds) : 0);
	int refusal = 0;

	writes++;
	if (writes > 3 && fault("write"))
		return refuse(fault("write"));
	if (position > size)
		return refuse(EFBIG);
	if ((off_t)count > size) {
		refusal = EFBIG;
		count = size;
	}
	if (position + (off_t)count > size) {
		if (!refusal)
			refusal = ENOSPC;
		count = size - position;
	}
	if (!position && count == 1)
		note("brightness %u\n", *(const unsigned char *)bytes);
	else if (!position) {
		note("write ");
		note_bytes(bytes, count);
	}
	if (writes > 3 && fault("hang"))
		for (;;)
			pause();
	return refusal ? refuse(refusal) : (ssize_t)count;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t position)
{
	ssize_t (*next)(int, const void *, size_t, off_t) = real("pwrite");

	if (file >= 0 && file == device)
		return write_device(bytes, count, position);
	return next(file, bytes, count, position);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t position)
{
	ssize_t (*next)(int, const void *, size_t, off64_t) = real("pwrite64");

	if (file >= 0 && file == device)
		return write_device(bytes, count, position);
	return next(file, bytes, count, position);
}
