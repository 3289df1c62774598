/*
 * A double of a character device. It defines before it includes this file:
 *   DEVICE  the path of the device
 *   MAJOR   its major number
 *   DRIVER  the driver that has this number, as in /proc/devices
 *
 * stat, fstat, statx and open behave like the kernel for such a device. The fault "open=ENOENT"
 * also makes stat fail, and with the fault "stuck", open never returns. $DOUBLE_NODE is a file on
 * which locks of the device are taken, to share them between processes. Without it, each process
 * has a separate device. $DOUBLE_GROUP is the number of the device's group, root if it is not set.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "files.h"
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define STRING(text) #text
#define DIGITS(number) STRING(number)
#define DEVICES "Character devices:\n  1 mem\n" DIGITS(MAJOR) " " DRIVER "\n\nBlock devices:\n  8 sd\n"

static int device = -1;

static int open_node(void)
{
	int (*next)(const char *, int, ...) = real("open");
	const char *node = getenv(DOUBLE "_NODE");
	int number = fault("open");

	if (fault("stuck")) {
		note("stuck\n");
		for (;;)
			pause();
	}
	if (number)
		return refuse(number);
	device = node ? next(node, O_RDONLY | O_CLOEXEC) : memfd_create("device", MFD_CLOEXEC);
	return device;
}

/* Whether a call is for the device: by its path, or by the open file. */
static int is_device(int file, const char *path)
{
	/* Rust calls statx without a path, although the header does not allow it. */
	const char *volatile given = path;

	return given && *given ? !strcmp(given, DEVICE) : file >= 0 && file == device;
}

static int is_missing(const char *path)
{
	if (!path || !*path || fault("open") != ENOENT)
		return 0;
	note("missing\n");
	return 1;
}

static gid_t group_of_device(void)
{
	const char *text = getenv(DOUBLE "_GROUP");

	return text ? (gid_t)atoi(text) : 0;
}

int statx(int folder, const char *restrict path, int flags, unsigned mask,
	  struct statx *restrict found)
{
	int (*next)(int, const char *, int, unsigned, struct statx *) = real("statx");

	if (!is_device(folder, path))
		return next(folder, path, flags, mask, found);
	if (is_missing(path))
		return refuse(ENOENT);
	memset(found, 0, sizeof(*found));
	found->stx_mask = STATX_BASIC_STATS;
	found->stx_mode = S_IFCHR | 0660;
	found->stx_nlink = 1;
	found->stx_rdev_major = MAJOR;
	found->stx_gid = group_of_device();
	return 0;
}

static int fill(const char *path, struct stat *found)
{
	if (is_missing(path))
		return refuse(ENOENT);
	memset(found, 0, sizeof(*found));
	found->st_mode = S_IFCHR | 0660;
	found->st_nlink = 1;
	found->st_rdev = makedev(MAJOR, 0);
	found->st_gid = group_of_device();
	return 0;
}

int stat(const char *restrict path, struct stat *restrict found)
{
	int (*next)(const char *, struct stat *) = real("stat");

	return is_device(-1, path) ? fill(path, found) : next(path, found);
}

int fstat(int file, struct stat *found)
{
	int (*next)(int, struct stat *) = real("fstat");

	return is_device(file, NULL) ? fill(NULL, found) : next(file, found);
}

static int fill64(const char *path, struct stat64 *found)
{
	if (is_missing(path))
		return refuse(ENOENT);
	memset(found, 0, sizeof(*found));
	found->st_mode = S_IFCHR | 0660;
	found->st_nlink = 1;
	found->st_rdev = makedev(MAJOR, 0);
	found->st_gid = group_of_device();
	return 0;
}

int stat64(const char *restrict path, struct stat64 *restrict found)
{
	int (*next)(const char *, struct stat64 *) = real("stat64");

	return is_device(-1, path) ? fill64(path, found) : next(path, found);
}

int fstat64(int file, struct stat64 *found)
{
	int (*next)(int, struct stat64 *) = real("fstat64");

	return is_device(file, NULL) ? fill64(NULL, found) : next(file, found);
}

int close(int file)
{
	int (*next)(int) = real("close");

	if (file >= 0 && file == device) {
		device = -1;
		note("close\n");
	}
	return next(file);
}

#endif
