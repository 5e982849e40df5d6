/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load: the same request over and over, over keep-alive connections (TLS, or plain with -p), from
 * one thread.
 *
 *     load [-p] HOST PORT CONNECTIONS SECONDS METHOD PATH [BODY]
 *
 * Prints "REQUESTS_PER_SECOND P50_MICROSECONDS P99_MICROSECONDS FAILURES"; a failure is an answer
 * that is not 200. Exit status 1 where a connection breaks.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/base.h"

enum { ROOM = 256 * 1024, SAMPLES = 4 << 20 };

struct connection {
	SSL *ssl; /* NULL: plain */
	int fd;
	char *room;
	size_t n, want; /* bytes here; bytes of the whole answer, 0: not known yet */
	int64_t sent;
};

static uint32_t *samples;
static size_t samples_n, failures;
static struct hm_str request;

static void die(const char *what)
{
	fprintf(stderr, "load: %s\n", what);
	exit(EXIT_FAILURE);
}

static void start(struct connection *c)
{
	c->n = c->want = 0;
	c->sent = hm_mono();
	int n = c->ssl ? SSL_write(c->ssl, request.p, (int)request.n)
		       : (int)write(c->fd, request.p, request.n);
	if (n != (int)request.n)
		die("could not send");
}

/* The length of the whole answer, once its head is there. */
static size_t whole(struct connection *c)
{
	struct hm_str all = { c->room, c->n };
	size_t end = hm_find(all, HM_STR("\r\n\r\n"));
	if (end == SIZE_MAX)
		return 0;
	struct hm_str head = hm_sub(all, 0, end), line;
	if (!hm_starts(head, HM_STR("HTTP/1.1 200")))
		failures++;
	while (head.n) {
		uint64_t n;
		line = hm_line(&head);
		struct hm_str name = hm_cut(&line, ':');
		if (hm_cmp_nocase(name, HM_STR("content-length")) == 0 &&
		    hm_u64(hm_trim(line), ROOM, &n))
			return end + 4 + (size_t)n;
	}
	die("an answer without content-length");
	return 0;
}

static void drive(struct connection *c)
{
	for (;;) {
		int n = c->ssl ? SSL_read(c->ssl, c->room + c->n, (int)(ROOM - c->n))
			       : (int)read(c->fd, c->room + c->n, ROOM - c->n);
		if (n <= 0) {
			if (c->ssl ? SSL_get_error(c->ssl, n) == SSL_ERROR_WANT_READ
				   : n < 0 && errno == EAGAIN)
				return;
			die("a connection broke");
		}
		c->n += (size_t)n;
		if (!c->want)
			c->want = whole(c);
		if (!c->want || c->n < c->want)
			continue;
		if (samples_n < SAMPLES)
			samples[samples_n++] = (uint32_t)((hm_mono() - c->sent) / 1000);
		start(c);
	}
}

static void open_connection(struct connection *c, SSL_CTX *tls, const char *host, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || inet_pton(AF_INET, host, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("could not connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->fd = fd;
	c->ssl = tls ? SSL_new(tls) : NULL;
	c->room = malloc(ROOM);
	if (!c->room || (tls && (!c->ssl || !SSL_set_fd(c->ssl, fd) || SSL_connect(c->ssl) != 1)))
		die("no TLS");
	fcntl(fd, F_SETFL, O_NONBLOCK);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static uint64_t number(const char *text)
{
	uint64_t n;
	if (!hm_u64(hm_cstr(text), 1 << 20, &n) || !n)
		die("not a number");
	return n;
}

int main(int argc, char **argv)
{
	bool plain = argc > 1 && strcmp(argv[1], "-p") == 0;
	argc -= plain;
	argv += plain;
	if (argc < 7)
		die("load [-p] HOST PORT CONNECTIONS SECONDS METHOD PATH [BODY]");
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_str body = hm_cstr(argc > 7 ? argv[7] : "");
	request = hm_fmt(&cx,
			 "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
			 "Accept: application/vnd.oci.image.manifest.v1+json, */*\r\n"
			 "Content-Length: %zu\r\n\r\n%s",
			 argv[5], argv[6], argv[1], body.n, body.p);
	size_t n = number(argv[3]);
	struct connection *all = calloc(n, sizeof(*all));
	samples = malloc(SAMPLES * sizeof(*samples));
	SSL_CTX *tls = plain ? NULL : SSL_CTX_new(TLS_client_method());
	int poll = epoll_create1(0);
	if (!all || !samples || (!tls && !plain) || poll < 0)
		die("no memory");
	for (size_t i = 0; i < n; i++) {
		open_connection(&all[i], tls, argv[1], (int)number(argv[2]));
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = &all[i] };
		if (epoll_ctl(poll, EPOLL_CTL_ADD, all[i].fd, &e) < 0)
			die("no epoll");
	}
	int64_t begin = hm_mono(), end = begin + (int64_t)number(argv[4]) * HM_SECOND, now;
	for (size_t i = 0; i < n; i++)
		start(&all[i]);
	while ((now = hm_mono()) < end) {
		struct epoll_event events[64];
		int k = epoll_wait(poll, events, 64, 1000);
		for (int i = 0; i < k; i++)
			drive(events[i].data.ptr);
	}
	if (!samples_n)
		die("no answer at all");
	qsort(samples, samples_n, sizeof(*samples), by_value);
	printf("%.0f %u %u %zu\n", (double)samples_n * 1e9 / (double)(now - begin),
	       samples[samples_n / 2], samples[samples_n * 99 / 100], failures);
	return EXIT_SUCCESS;
}
