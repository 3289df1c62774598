/*
 * A double of the network, preloaded into the child process of a test.
 *
 * Every name has the address 127.0.0.1. Packets are not sent; each one is a line in the file
 * $NET_LOG. $NET_FAULT is one of:
 *   lookup=NUMBER  name lookups fail with this error of getaddrinfo
 *   hang           name lookups never return
 *   connect=ERRNO  connecting to the host fails
 *   send=ERRNO     every packet of a socket after the first fails
 *   taken          the lock of a controller is taken; otherwise, each process has separate locks
 *   full           sending fails because a queue is full
 */
#define _GNU_SOURCE
#define DOUBLE "NET"
#include "double.h"
#include <netdb.h>
#include <sys/socket.h>

static int packets;

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

int bind(int socket, const struct sockaddr *address, socklen_t length)
{
	int (*next)(int, const struct sockaddr *, socklen_t) = real("bind");

	if (address->sa_family != AF_UNIX)
		return next(socket, address, length);
	return fault("taken") ? refuse(EADDRINUSE) : 0;
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
