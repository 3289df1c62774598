/*
 * Replaces files of the system. A double defines
 *   static int open_any(const char *name, const char *path, int flags, mode_t mode)
 * with the name of the called function: open or open64.
 */
#ifndef FILES_H
#define FILES_H

#include "double.h"

static int open_any(const char *name, const char *path, int flags, mode_t mode);

/* Opens a file with a text; fails if the text is NULL. */
static int open_text(const char *text)
{
	int file;

	if (!text)
		return refuse(ENOENT);
	file = memfd_create("text", MFD_CLOEXEC);
	dprintf(file, "%s", text);
	lseek(file, 0, SEEK_SET);
	return file;
}

/* Logs the bytes of a frame in hexadecimal, after a prefix. */
static inline void note_bytes(const unsigned char *bytes, size_t count)
{
	FILE *log = open_log();

	if (!log)
		return;
	for (size_t i = 0; i < count; i++)
		fprintf(log, "%02x", bytes[i]);
	fprintf(log, "\n");
	fclose(log);
}

static mode_t mode_of(int flags, va_list arguments)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = mode_of(flags, arguments);
	va_end(arguments);
	return open_any("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = mode_of(flags, arguments);
	va_end(arguments);
	return open_any("open64", path, flags, mode);
}

#endif
