/*
 * Files that a double opens in place of the system's. It defines
 *   static int open_any(const char *name, const char *path, int flags, mode_t mode)
 * where name is the function that was called: open or open64.
 */
#ifndef FILES_H
#define FILES_H

#include "double.h"

static int open_any(const char *name, const char *path, int flags, mode_t mode);

/* A file with a text in it; there is none where the text is NULL. */
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

/* Notes the bytes of a frame in hex, after what stands before them on the line. */
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
