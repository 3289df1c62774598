/*
 * What all doubles are made of. Each defines DOUBLE, the beginning of its variables' names, before
 * it includes this: $DOUBLE_LOG is the file that it writes to, $DOUBLE_FAULT what it refuses, a
 * word or word=NUMBER.
 */
#ifndef DOUBLE_H
#define DOUBLE_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

/* The function of the system that a double stands before. */
static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static FILE *open_log(void)
{
	FILE *(*next)(const char *, const char *) = real("fopen");
	const char *path = getenv(DOUBLE "_LOG");

	return path ? next(path, "ae") : NULL;
}

static void note(const char *format, ...)
{
	FILE *log = open_log();
	va_list arguments;

	if (!log)
		return;
	va_start(arguments, format);
	vfprintf(log, format, arguments);
	va_end(arguments);
	fclose(log);
}

/* The number of a fault that was asked for, 1 where it has none, 0 where it was not. */
static int fault(const char *name)
{
	const char *text = getenv(DOUBLE "_FAULT");
	size_t length = strlen(name);

	if (!text || strncmp(text, name, length))
		return 0;
	if (text[length] == '=')
		return atoi(text + length + 1);
	return text[length] == 0;
}

static int refuse(int number)
{
	errno = number;
	return -1;
}

#endif
