/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	EVENTS = 256,
	ACCEPTS = 64,
	STOP_SECONDS = 5,
	BACKLOG = 1024,
	WORKERS_MIN = 16,
	PRESSED_SECONDS = 2
};

/* ---- listening */

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

static hm_err bind_to(struct hm_cx *cx, const struct http_listener *c, const struct addrinfo *a,
		      int *out_fd)
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

static unsigned bound_port(int fd)
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

/* Names alone: neither port nor URL, which would never match. */
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

static hm_err listen_on(struct hm_cx *cx, struct http_server *s, struct listening *l)
{
	const char *host, *port;
	struct addrinfo want = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
				 .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	HM_TRY(check_hosts(cx, &l->config->hosts));
	HM_TRY(split_address(cx, l->config->address, &host, &port));
	int failed = getaddrinfo(host, port, &want, &found);
	if (failed)
		return hm_fail(cx, HM_USAGE, "cannot listen on \"%.*s\": %s",
			       HM_FMT(l->config->address), gai_strerror(failed));
	hm_err err = bind_to(cx, l->config, found, &l->fd);
	freeaddrinfo(found);
	if (!err && l->config->cert)
		err = http_tls_open(cx, l);
	if (err)
		return err;
	l->config->port = bound_port(l->fd);
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = l };
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, l->fd, &e) < 0)
		return hm_fail_os(cx, "could not watch a socket");
	return NULL;
}

static void listen_events(struct http_server *s, struct listening *l, bool awake)
{
	struct epoll_event e = { .events = awake ? EPOLLIN : 0, .data.ptr = l };
	l->asleep = !awake;
	epoll_ctl(s->epoll, EPOLL_CTL_MOD, l->fd, &e);
}

static void add_conn(struct http_server *s, struct listening *l, int fd,
		     const struct sockaddr_storage *from, socklen_t from_n)
{
	int on = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* connections that ask nothing do not keep out one that might */
	struct http_conn *idlest = s->conns_n < s->conns_max ? NULL : http_conn_idlest(s);
	if (idlest)
		http_conn_close(idlest);
	struct http_conn *c = s->conns_n < s->conns_max ? http_conn_new(s, l, fd) : NULL;
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

static void accept_some(struct http_server *s, struct listening *l)
{
	for (int i = 0; i < ACCEPTS; i++) {
		struct sockaddr_storage from = { 0 };
		socklen_t n = sizeof(from);
		int fd = accept4(l->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			add_conn(s, l, fd, &from, n);
			continue;
		}
		/* no descriptors left: trying again at once would only burn the processor */
		if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
			listen_events(s, l, false);
		return;
	}
}

/* ---- the loop */

static struct listening *as_listening(struct http_server *s, void *p)
{
	for (size_t i = 0; i < s->config.listeners_n; i++)
		if (p == &s->listening[i])
			return &s->listening[i];
	return NULL;
}

/* A worker wants more of the body, or has let go of the exchange. */
static void on_post(struct http_exchange *x, bool done)
{
	struct http_conn *c = x->conn;
	if (done) {
		x->running = false;
		http_exchange_ready(x);
		if (c && c->state == CONN_H2)
			http_h2_write(c);
		if (c && !c->dead)
			http_conn_resume(c);
		return;
	}
	if (!c)
		return;
	pthread_mutex_lock(&x->lock);
	size_t taken = x->inbox_taken;
	x->inbox_taken = 0;
	pthread_mutex_unlock(&x->lock);
	if (c->state == CONN_H2)
		http_h2_resume(x, taken);
	if (!c->dead)
		http_conn_resume(c);
}

static void take_posts(struct http_server *s)
{
	uint64_t n;
	bool done = false;
	/* how often it was woken does not matter */
	if (read(s->wake, &n, sizeof(n)) < 0)
		return;
	for (struct http_exchange *x; (x = http_work_take_post(s, &done));)
		on_post(x, done);
}

static void begin_stop(struct http_server *s)
{
	s->stop_at = s->now + STOP_SECONDS * HM_SECOND;
	for (size_t i = 0; i < s->config.listeners_n; i++)
		hm_close_fd(&s->listening[i].fd);
	for (struct http_conn *c = s->conns, *next; c; c = next) {
		next = c->next;
		c->keep_alive = false;
		if (c->state == CONN_H2)
			http_h2_shutdown(c);
	}
}

/* False when nothing is left to wait for. */
static bool stopping(struct http_server *s)
{
	if (!s->stop_at)
		begin_stop(s);
	bool late = s->now > s->stop_at;
	for (struct http_conn *c = s->conns, *next; c; c = next) {
		next = c->next;
		bool idle = c->state == CONN_HEAD || c->state == CONN_HANDSHAKE ||
			    (c->state == CONN_H2 && !c->streams && c->out.n == 0);
		if (idle || late)
			http_conn_close(c);
	}
	http_conn_free_dead(s);
	return s->conns_n > 0;
}

static void tick(struct http_server *s)
{
	if (s->now - s->ticked < HM_SECOND)
		return;
	s->ticked = s->now;
	unsigned waiting = http_work_waiting(s);
	s->pressed = waiting ? s->pressed + 1 : 0;
	s->wanted = s->pressed >= PRESSED_SECONDS ? waiting : 0;
	for (struct http_conn *c = s->conns, *next; c; c = next) {
		next = c->next;
		http_conn_tick(c);
	}
	for (size_t i = 0; i < s->config.listeners_n; i++) {
		struct listening *l = &s->listening[i];
		http_tls_refresh(l);
		if (l->asleep && l->fd >= 0)
			listen_events(s, l, true);
	}
}

static void *loop(void *arg)
{
	struct http_server *s = arg;
	struct epoll_event events[EVENTS];
	bool goes_on = true;
	while (goes_on) {
		bool stop = atomic_load(&s->stopping);
		int n = epoll_wait(s->epoll, events, EVENTS, stop ? 20 : 1000);
		s->now = hm_mono();
		for (int i = 0; i < n; i++) {
			void *p = events[i].data.ptr;
			struct listening *l = as_listening(s, p);
			if (p == s)
				take_posts(s);
			else if (l && !stop)
				accept_some(s, l);
			else if (!l)
				http_conn_event(p, events[i].events);
		}
		http_conn_free_dead(s);
		tick(s);
		http_conn_free_dead(s);
		if (atomic_load(&s->stopping))
			goes_on = stopping(s);
	}
	return NULL;
}

/* ---- start and stop */

static hm_err set_up(struct hm_cx *cx, struct http_server *s)
{
	s->listening = hm_new(cx, struct listening, s->config.listeners_n);
	for (size_t i = 0; i < s->config.listeners_n; i++)
		s->listening[i] = (struct listening){ .config = &s->config.listeners[i], .fd = -1 };
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = s };
	if (s->epoll < 0 || s->wake < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->wake, &e) < 0)
		return hm_fail_os(cx, "could not set up the server");
	for (size_t i = 0; i < s->config.listeners_n; i++)
		HM_TRY(listen_on(cx, s, &s->listening[i]));
	return NULL;
}

static hm_err start_threads(struct hm_cx *cx, struct http_server *s)
{
	sigset_t all, before;
	/* signals are the caller's; a broken pipe is seen as an error of the write */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	hm_err err = http_work_start(cx, s);
	if (!err && pthread_create(&s->loop, NULL, loop, s) != 0)
		err = hm_fail(cx, HM_SYSTEM, "could not start a thread");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

static void close_all(struct http_server *s)
{
	for (size_t i = 0; i < s->config.listeners_n; i++) {
		hm_close_fd(&s->listening[i].fd);
		http_tls_close(&s->listening[i]);
	}
	hm_close_fd(&s->epoll);
	hm_close_fd(&s->wake);
}

/* Files, and what the handlers connect to, need descriptors too. */
static size_t most_connections(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur / 4 > CONNECTIONS_MAX)
		return CONNECTIONS_MAX;
	return r.rlim_cur < 8 ? 2 : (size_t)r.rlim_cur / 4;
}

static void fill_in(struct http_server *s, const struct http_server_config *config)
{
	unsigned twice = 2 * hm_processors();
	s->config = *config;
	if (!s->config.name)
		s->config.name = "http";
	if (!s->config.workers)
		s->config.workers = twice > WORKERS_MIN ? twice : WORKERS_MIN;
	if (!s->config.queue)
		s->config.queue = 1024;
	s->conns_max = most_connections();
	s->queue_end = &s->queue;
	s->posts_end = &s->posts;
	s->now = s->ticked = hm_mono();
	if (getrandom(&s->id_seed, sizeof(s->id_seed), 0) < 0)
		s->id_seed = (uint64_t)s->now;
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->metrics_lock, NULL);
	pthread_cond_init(&s->work, NULL);
}

hm_err http_server_start(struct hm_cx *cx, const struct http_server_config *config,
			 struct http_server **out)
{
	struct http_server *s = hm_new(cx, struct http_server, 1);
	fill_in(s, config);
	s->scratch = hm_new(cx, char, SCRATCH);
	s->sending = hm_new(cx, char, SEND_MAX);
	hm_err err = set_up(cx, s);
	if (!err)
		err = start_threads(cx, s);
	if (err) {
		http_work_stop(s);
		close_all(s);
		return err;
	}
	*out = s;
	return NULL;
}

void http_server_stop(struct http_server *s)
{
	bool done;
	if (!s)
		return;
	atomic_store(&s->stopping, true);
	http_work_wake(s);
	pthread_join(s->loop, NULL);
	http_work_stop(s);
	for (struct http_exchange *x; (x = http_work_take_post(s, &done));)
		http_exchange_free(x);
	for (struct http_exchange *x; (x = s->spare);) {
		s->spare = x->next;
		hm_buf_done(&x->inbox);
		hm_buf_done(&x->reading);
		struct hm_cx cx = x->cx;
		hm_cx_done(&cx);
	}
	close_all(s);
}
