/*
 * A double of /dev/spidev0.0 and the spidev module, preloaded into the child process of a test.
 *
 * It uses the layouts and request numbers of the kernel header. Each call is a line in the file
 * $SPIDEV_LOG. $SPIDEV_FAULT is one of:
 *   open=ERRNO      opening the device fails
 *   stuck           opening the device never returns
 *   mode_flags      setting a mode other than 0 fails, which the real driver writes to the kernel log
 *   transfer=ERRNO  every transfer after the first $SPIDEV_SPARED (default: 1) fails
 *   hang            the transfer after those never returns
 * With $SPIDEV_WIRE, a transfer takes its time on the wire.
 * $SPIDEV_BUFSIZ is the parameter of the module; a transfer longer than $SPIDEV_LIMIT fails.
 */
#define _GNU_SOURCE
#define DOUBLE "SPIDEV"
#define DEVICE "/dev/spidev0.0"
#define MAJOR 153
#define DRIVER "spi"
#include "device.h"
#include <linux/spi/spidev.h>
#include <stdint.h>
#include <sys/ioctl.h>

static const char PARAMETER[] = "/sys/module/spidev/parameters/bufsiz";

static int transfers;
static unsigned clock_hz = 1000000;

static int open_device(int flags)
{
	note("open %s\n", (flags & O_ACCMODE) == O_RDWR ? "rw" : "other");
	if (flags & (O_CREAT | O_TRUNC) || !(flags & O_NONBLOCK) || !(flags & O_CLOEXEC))
		note("flags %#x\n", flags);
	return open_node();
}

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
	int (*next)(const char *, int, ...) = real(name);

	if (!strcmp(path, DEVICE))
		return open_device(flags);
	if (!strcmp(path, PARAMETER))
		return open_text(getenv("SPIDEV_BUFSIZ"));
	if (!strcmp(path, "/proc/devices"))
		return open_text(DEVICES);
	return next(path, flags, mode);
}

static int transfer(const struct spi_ioc_transfer *one)
{
	const unsigned char *bytes = (const unsigned char *)(uintptr_t)one->tx_buf;
	const char *limit = getenv("SPIDEV_LIMIT");
	const char *spared = getenv("SPIDEV_SPARED");
	int faulty = ++transfers > (spared ? atoi(spared) : 1);

	if (limit && one->len > (unsigned)atoi(limit))
		return refuse(EMSGSIZE);
	if (faulty && fault("transfer"))
		return refuse(fault("transfer"));
	note("transfer rest=%u rx=%d speed=%u bits=%u bytes=", one->delay_usecs, one->rx_buf != 0,
	     one->speed_hz, one->bits_per_word);
	note_bytes(bytes, one->len);
	if (getenv("SPIDEV_WIRE"))
		usleep(one->len * 8e6 / clock_hz + one->delay_usecs);
	if (faulty && fault("hang"))
		for (;;)
			pause();
	return (int)one->len;
}

int ioctl(int file, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) = real("ioctl");
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (file < 0 || file != device)
		return next(file, request, argument);
	switch ((unsigned)request) {
	case (unsigned)SPI_IOC_MESSAGE(1):
		return transfer(argument);
	case (unsigned)SPI_IOC_RD_MODE:
		note("mode?\n");
		*(uint8_t *)argument = 0;
		return 0;
	case (unsigned)SPI_IOC_WR_MODE:
		if (*(uint8_t *)argument && fault("mode_flags")) {
			note("refused mode %u\n", *(uint8_t *)argument);
			return refuse(EINVAL);
		}
		note("mode %u\n", *(uint8_t *)argument);
		return 0;
	case (unsigned)SPI_IOC_WR_BITS_PER_WORD:
		note("bits %u\n", *(uint8_t *)argument);
		return 0;
	case (unsigned)SPI_IOC_WR_MAX_SPEED_HZ:
		clock_hz = *(uint32_t *)argument;
		note("clock %u\n", clock_hz);
		return 0;
	default:
		note("unknown request %#lx\n", request);
		return refuse(ENOTTY);
	}
}
