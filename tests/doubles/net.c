/*
 * A stand-in for the network, preloaded into a test's child process.
 *
 * Every name is found at 127.0.0.1, and every packet is written as a line into the file $NET_LOG
 * instead of being sent. It refuses what $NET_FAULT names:
 *   lookup=NUMBER  finding a name, with a number of getaddrinfo's
 *   hang           finding a name, for ever
 *   connect=ERRNO  the way to the host
 *   send=ERRNO     every packet of a socket after its first
 *   full           every packet, because a queue is full
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int packets;

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static void note(const char *format, ...)
{
	const char *path = getenv("NET_LOG");
	FILE *log = path ? fopen(path, "ae") : NULL;
	va_list arguments;

	if (!log)
		return;
	va_start(arguments, format);
	vfprintf(log, format, arguments);
	va_end(arguments);
	fclose(log);
}

static int fault(const char *name)
{
	const char *text = getenv("NET_FAULT");
	size_t length = strlen(name);

	if (!text || strncmp(text, name, length))
		return 0;
	return text[length] == '=' ? atoi(text + length + 1) : 1;
}

static int refuse(int number)
{
	errno = number;
	return -1;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **found)
{
	int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
		real("getaddrinfo");

	note("look up %s\n", node);
	if (fault("hang"))
		for (;;)
			pause();
	if (fault("lookup"))
		return fault("lookup");
	return next("127.0.0.1", service, hints, found);
}

int connect(int socket, const struct sockaddr *address, socklen_t length)
{
	int (*next)(int, const struct sockaddr *, socklen_t) = real("connect");

	if (address->sa_family != AF_INET)
		return next(socket, address, length);
	packets = 0;
	if (fault("connect"))
		return refuse(fault("connect"));
	return next(socket, address, length);
}

ssize_t send(int socket, const void *bytes, size_t count, int flags)
{
	(void)socket;
	(void)bytes;
	(void)flags;
	if (fault("full"))
		return refuse(EAGAIN);
	if (packets++ && fault("send"))
		return refuse(fault("send"));
	note("send %zu\n", count);
	return (ssize_t)count;
}
