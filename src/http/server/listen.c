/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, listening, accepting; socket thread, but for http_listen_open(). */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server/connection.h"

enum { ACCEPTS = 64 /* at once */, BACKLOG = 1024 };

static bool is_local(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET) {
		struct sockaddr_in in;
		memcpy(&in, a, sizeof(in));
		return ntohl(in.sin_addr.s_addr) >> 24 == 127;
	}
	struct sockaddr_in6 in6;
	memcpy(&in6, a, sizeof(in6));
	return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
}

static hm_err split_address(struct hm_cx *cx, struct hm_str text, const char **out_host,
			    const char **out_port)
{
	uint64_t port;
	size_t colon = hm_rfind_char(text, ':');
	struct hm_str host = hm_sub(text, 0, colon);
	if (colon == SIZE_MAX || !hm_u64(hm_from(text, colon + 1), 65535, &port))
		return hm_fail(cx, HM_USAGE,
			       "\"%.*s\" is not an address and a port like \"127.0.0.1:5000\"",
			       HM_FMT(text));
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = hm_sub(host, 1, host.n - 2);
	*out_host = host.n ? hm_dupz(cx, host) : NULL;
	*out_port = hm_dupz(cx, hm_from(text, colon + 1));
	return NULL;
}

static hm_err bind_listener(struct hm_cx *cx, const struct http_listener *c,
			    const struct addrinfo *a, int *out_fd)
{
	int on = 1;
	if (!c->cert && !is_local(a->ai_addr))
		return hm_hint(
			cx,
			hm_fail(cx, HM_USAGE,
				"cannot listen on \"%.*s\" without a certificate: only loopback "
				"addresses may be served in the clear",
				HM_FMT(c->address)),
			"give --tls-cert and --tls-key, or listen on 127.0.0.1");
	HM_AUTO_FD fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return hm_fail_os(cx, "could not make a socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, a->ai_addr, a->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0)
		return hm_fail_os(cx, "could not listen on \"%.*s\"", HM_FMT(c->address));
	*out_fd = hm_move_fd(fd);
	return NULL;
}

static unsigned read_bound_port(int fd)
{
	struct sockaddr_storage a = { 0 };
	struct sockaddr_in in;
	socklen_t n = sizeof(a);
	if (getsockname(fd, (struct sockaddr *)&a, &n) < 0)
		return 0;
	/* the port stands at the same place in both families */
	memcpy(&in, &a, sizeof(in));
	return ntohs(in.sin_port);
}

/* Only names: a port or a URL would never match. */
static hm_err check_hosts(struct hm_cx *cx, const struct hm_strs *hosts)
{
	for (size_t i = 0; i < hosts->n; i++) {
		struct hm_str name = hosts->p[i], host = http_host_of(name);
		bool bracketed = hm_starts(name, HM_STR("[")) && host.n + 2 == name.n;
		if (host.n == 0 || (host.n != name.n && !bracketed))
			return hm_fail(
				cx, HM_USAGE,
				"\"%.*s\" is not the name of a host like \"registry.internal\"",
				HM_FMT(name));
	}
	return NULL;
}

hm_err http_listen_open(struct hm_cx *cx, struct http_server *s, struct listening *l)
{
	const char *host, *port;
	struct addrinfo want = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
				 .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	HM_TRY(check_hosts(cx, &l->config->hosts));
	HM_TRY(split_address(cx, l->config->address, &host, &port));
	int failed = getaddrinfo(host, port, &want, &found);
	/* this machine, whatever is known of names here (RFC 6761, 6.3) */
	if (failed && host && hm_cmp_nocase(hm_cstr(host), HM_STR("localhost")) == 0)
		failed = getaddrinfo("127.0.0.1", port, &want, &found);
	if (failed)
		return hm_fail(cx, HM_USAGE, "cannot listen on \"%.*s\": %s",
			       HM_FMT(l->config->address), gai_strerror(failed));
	hm_err err = bind_listener(cx, l->config, found, &l->fd);
	freeaddrinfo(found);
	if (!err && l->config->cert)
		err = http_tls_open(cx, l);
	if (err)
		return err;
	l->config->port = read_bound_port(l->fd);
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = l };
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, l->fd, &e) < 0)
		return hm_fail_os(cx, "could not watch a socket");
	return NULL;
}

static void watch_listener(struct http_server *s, struct listening *l, bool awake)
{
	struct epoll_event e = { .events = awake ? EPOLLIN : 0, .data.ptr = l };
	l->asleep = !awake;
	epoll_ctl(s->epoll, EPOLL_CTL_MOD, l->fd, &e);
}

/* Connections that ask nothing do not keep out one that might, nor do those that hardly move. */
static void make_room_for_one(struct http_server *s)
{
	if (http_memory_is_over(s))
		http_relief_memory(s, NULL);
	if (s->conns_n < s->conns_max)
		return;
	struct http_conn *c = http_relief_idlest(s);
	if (!c)
		c = http_relief_slowest(s, 0, NULL);
	if (!c)
		return;
	s->made_room++;
	http_conn_close(c);
}

static void add_connection(struct http_server *s, struct listening *l, int fd,
			   const struct sockaddr_storage *from, socklen_t from_n)
{
	int on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	make_room_for_one(s);
	const struct http_protocol *first = l->tls ? &http_handshake : s->protocols[0];
	struct http_conn *c = s->conns_n < s->conns_max ? http_conn_new(s, l, fd, first) : NULL;
	if (!c) {
		close(fd);
		return;
	}
	if (getnameinfo((const struct sockaddr *)from, from_n, c->peer, sizeof(c->peer), NULL, 0,
			NI_NUMERICHOST) != 0)
		c->peer[0] = '\0';
	c->events = EPOLLIN;
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		http_conn_close(c);
}

void http_listen_accept(struct http_server *s, struct listening *l)
{
	for (int i = 0; i < ACCEPTS; i++) {
		struct sockaddr_storage from = { 0 };
		socklen_t n = sizeof(from);
		int fd = accept4(l->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			add_connection(s, l, fd, &from, n);
			continue;
		}
		/* no descriptors left: trying again at once would only burn the processor */
		if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
			watch_listener(s, l, false);
		return;
	}
}

void http_listen_tick(struct http_server *s, struct listening *l)
{
	if (l->asleep && l->fd >= 0)
		watch_listener(s, l, true);
}
