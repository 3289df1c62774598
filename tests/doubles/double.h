/*
 * Functions for all doubles. Each one defines DOUBLE, the prefix of its environment variables,
 * before it includes this file. $DOUBLE_LOG is the log file. $DOUBLE_FAULT is a fault: a word or
 * word=NUMBER.
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

/* The system function that a double replaces. */
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

/* The number of a fault: 1 if it has no number, 0 if it is not set. */
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
