/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server/server.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* What it holds besides its exchanges. */
static void hold(struct http_conn *c)
{
	size_t n = CONN_COST + c->in.cap + c->out.cap;
	if (c->on->tls)
		n += TLS_COST;
	if (c->h2)
		n += H2_COST;
	http_memory_set(c->s, &c->held, c->dead ? 0 : n);
}

struct http_conn *http_conn_new(struct http_server *s, struct listening *l, int fd)
{
	struct hm_cx cx = HM_CX(0);
	struct http_conn *c = hm_new(&cx, struct http_conn, 1);
	*c = (struct http_conn){ .cx = cx,
				 .s = s,
				 .on = l,
				 .fd = fd,
				 .state = l->tls ? CONN_HANDSHAKE : CONN_HEAD,
				 .since = s->now,
				 .born = s->now };
	c->in.max = SCRATCH;
	c->out.max = 4 * HM_MIB;
	if (l->tls && !http_tls_conn_start(c)) {
		http_tls_conn_free(c);
		cx = c->cx;
		hm_cx_done(&cx);
		return NULL;
	}
	c->next = s->conns;
	if (s->conns)
		s->conns->prev = c;
	s->conns = c;
	s->conns_n++;
	atomic_store(&s->connections, s->conns_n);
	hold(c);
	return c;
}

static bool has_request(const struct http_conn *c)
{
	switch (c->state) {
	case CONN_HANDSHAKE:
	case CONN_HEAD:
	case CONN_LINGER:
		return false;
	case CONN_H2:
		return c->streams != NULL;
	case CONN_BODY:
	case CONN_WAIT:
	case CONN_WRITE:
		break;
	}
	return true;
}

/* PING and the like keep no connection from being the idlest. */
static int64_t idle_since(const struct http_conn *c)
{
	return c->state == CONN_H2 ? c->h2_active : c->since;
}

struct http_conn *http_conn_idlest(const struct http_server *s)
{
	struct http_conn *found = NULL;
	for (struct http_conn *c = s->conns; c; c = c->next)
		if (!has_request(c) && (!found || idle_since(c) < idle_since(found)))
			found = c;
	return found;
}

void http_conn_close(struct http_conn *c)
{
	struct http_server *s = c->s;
	if (c->dead)
		return;
	c->dead = true;
	if (c->x)
		http_exchange_gone(c->x);
	c->x = NULL;
	http_h2_end(c);
	http_tls_conn_end(c, c->state != CONN_HANDSHAKE);
	hm_close_fd(&c->fd); /* leaves the epoll set with it */
	if (c->prev)
		c->prev->next = c->next;
	else
		s->conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	hm_buf_done(&c->in);
	hm_buf_done(&c->out);
	hold(c);
	s->conns_n--;
	atomic_store(&s->connections, s->conns_n);
	c->next = s->dead;
	s->dead = c;
}

void http_conn_free_dead(struct http_server *s)
{
	for (struct http_conn *c; (c = s->dead);) {
		s->dead = c->next;
		http_tls_conn_free(c);
		hm_buf_done(&c->in);
		hm_buf_done(&c->out);
		struct hm_cx cx = c->cx;
		hm_cx_done(&cx);
	}
}

void http_conn_state(struct http_conn *c, enum conn_state state)
{
	c->state = state;
	c->since = c->s->now;
}

static enum io read_some(struct http_conn *c, char *room, size_t n, size_t *out_n)
{
	if (c->ssl) {
		enum io io = http_tls_read(c, room, n, out_n);
		c->moved += *out_n;
		return io;
	}
	ssize_t got = recv(c->fd, room, n, 0);
	*out_n = got > 0 ? (size_t)got : 0;
	c->moved += *out_n;
	if (got > 0)
		return IO_OK;
	if (got == 0)
		return IO_END;
	return errno == EAGAIN || errno == EINTR ? IO_AGAIN : IO_FAILED;
}

enum io http_conn_write(struct http_conn *c, const char *p, size_t n, bool more, size_t *out_n)
{
	*out_n = 0;
	if (c->ssl) {
		enum io io = http_tls_write(c, p, n, out_n);
		c->moved += *out_n;
		return io == IO_WRITE ? IO_AGAIN : io;
	}
	ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL | (more ? MSG_MORE : 0));
	if (sent < 0)
		return errno == EAGAIN || errno == EINTR ? IO_AGAIN : IO_FAILED;
	*out_n = (size_t)sent;
	c->moved += *out_n;
	return IO_OK;
}

enum io http_conn_flush(struct http_conn *c)
{
	size_t n;
	bool more = c->state == CONN_WRITE && c->x && http_exchange_sends_body(c->x) &&
		    c->x->sent < c->x->size;
	while (c->out_at < c->out.n) {
		enum io io =
			http_conn_write(c, c->out.p + c->out_at, c->out.n - c->out_at, more, &n);
		if (io != IO_OK) {
			c->blocked = io == IO_AGAIN;
			return io == IO_AGAIN ? IO_AGAIN : IO_FAILED;
		}
		c->out_at += n;
		c->since = c->s->now;
	}
	if (c->out.cap > KEEP_BUFFER)
		hm_buf_done(&c->out);
	hm_buf_clear(&c->out);
	c->out_at = 0;
	return IO_OK;
}

/* Use what is in .data; keep what is left for later. */
static void use(struct http_conn *c)
{
	if (c->state == CONN_H2)
		http_h2_run(c);
	else
		http_h1_run(c);
	if (c->dead)
		return;
	if (c->state == CONN_LINGER)
		c->data = (struct hm_str){ "", 0 };
	hm_buf_add(&c->in, c->data);
	c->data = (struct hm_str){ "", 0 };
}

static void at_end(struct http_conn *c)
{
	c->eof = true;
	c->keep_alive = false;
	/* a client may close its side behind a whole request and still wait for the answer */
	if (c->state != CONN_WAIT && c->state != CONN_WRITE)
		http_conn_close(c);
}

static void take(struct http_conn *c, bool reads)
{
	struct http_server *s = c->s;
	size_t had = c->in.n, got = 0;
	enum io io = IO_OK;
	memcpy(s->scratch, hm_buf_str(&c->in).p, had);
	if (c->in.cap > 16384)
		hm_buf_done(&c->in);
	hm_buf_clear(&c->in);
	if (reads && SCRATCH - had > 0)
		io = read_some(c, s->scratch + had,
			       SCRATCH - had < READ_MAX ? SCRATCH - had : READ_MAX, &got);
	/* neither more of a head nor what nobody wants any more buys time */
	if (got && (had == 0 || c->state != CONN_HEAD) && c->state != CONN_LINGER)
		c->since = s->now;
	c->wants_write = io == IO_WRITE;
	c->data = hm_bytes(s->scratch, had + got);
	if (io == IO_FAILED)
		http_conn_close(c);
	else
		use(c);
	if (io == IO_END && !c->dead)
		at_end(c);
}

/* A body of known length, from the socket to where the worker takes it: no copy between. */
static void take_body(struct http_conn *c)
{
	struct http_exchange *x = c->x;
	bool over = http_memory_is_over(c->s);
	size_t most = over ? SMALL : READ_MAX, got = 0;
	size_t n = c->body_left < most ? (size_t)c->body_left : most;
	if (over && http_exchange_pause(x))
		return;
	enum io io = read_some(c, http_exchange_feed_room(x, n), n, &got);
	http_exchange_feed_took(x, n, got);
	c->wants_write = io == IO_WRITE;
	c->body_left -= got;
	if (got)
		c->since = c->s->now;
	if (c->body_left == 0) {
		http_conn_state(c, CONN_WAIT);
		http_exchange_feed_end(x);
	}
	if (io == IO_FAILED)
		http_conn_close(c);
	else if (io == IO_END)
		at_end(c);
}

/* Is it time to take bytes from the peer? */
static bool wants_input(const struct http_conn *c)
{
	switch (c->state) {
	case CONN_HEAD:
	case CONN_LINGER:
		return !c->eof;
	case CONN_H2:
		return !c->eof && !c->h2_calm;
	case CONN_BODY:
		return !c->x->paused;
	case CONN_WAIT:
		return c->in.n == 0 && !c->eof;
	case CONN_HANDSHAKE:
	case CONN_WRITE:
		break;
	}
	return false;
}

static void take_either(struct http_conn *c)
{
	if (c->state == CONN_BODY && !c->chunked && c->in.n == 0 && http_exchange_is_away(c->x))
		take_body(c);
	else
		take(c, true);
}

static void readable(struct http_conn *c)
{
	take_either(c);
	/* what OpenSSL holds back no event will tell of */
	for (int i = 0;
	     i < 16 && !c->dead && wants_input(c) && http_tls_pending(c) && !c->wants_write; i++)
		take_either(c);
}

void http_conn_resume(struct http_conn *c)
{
	if (!c->dead && c->in.n && wants_input(c))
		take(c, false);
	if (!c->dead && wants_input(c) && http_tls_pending(c))
		readable(c);
	if (!c->dead)
		http_conn_interest(c);
}

void http_conn_interest(struct http_conn *c)
{
	uint32_t events = wants_input(c) ? EPOLLIN : 0;
	if (c->blocked || c->wants_write)
		events |= EPOLLOUT;
	if (events == c->events)
		return;
	struct epoll_event e = { .events = events, .data.ptr = c };
	if (epoll_ctl(c->s->epoll, EPOLL_CTL_MOD, c->fd, &e) < 0)
		http_conn_close(c);
	c->events = events;
}

/* False while the handshake goes on, or when it has failed. */
static bool handshake(struct http_conn *c)
{
	enum io io = http_tls_handshake(c);
	if (io == IO_AGAIN || io == IO_WRITE) {
		uint32_t events = io == IO_WRITE ? EPOLLOUT : EPOLLIN;
		struct epoll_event e = { .events = events, .data.ptr = c };
		if (events != c->events && epoll_ctl(c->s->epoll, EPOLL_CTL_MOD, c->fd, &e) < 0)
			http_conn_close(c);
		c->events = events;
		return false;
	}
	if (io == IO_OK && http_tls_is_h2(c)) {
		http_conn_state(c, CONN_H2);
		if (http_h2_start(c))
			return true;
	} else if (io == IO_OK) {
		http_conn_state(c, CONN_HEAD);
		return true;
	}
	http_conn_close(c);
	return false;
}

static void writable(struct http_conn *c)
{
	c->blocked = false;
	if (c->state == CONN_H2) {
		http_h2_write(c);
	} else if (c->state == CONN_WRITE) {
		http_h1_write(c);
		http_conn_resume(c);
	} else if (http_conn_flush(c) == IO_FAILED) {
		http_conn_close(c);
	}
}

void http_conn_event(struct http_conn *c, uint32_t events)
{
	if (c->dead)
		return;
	if (c->state == CONN_HANDSHAKE) {
		if (!handshake(c))
			return;
		events = EPOLLIN;
	}
	if ((events & (EPOLLHUP | EPOLLERR)) && !(events & (EPOLLIN | EPOLLOUT))) {
		http_conn_close(c);
		return;
	}
	if (events & EPOLLOUT)
		writable(c);
	if (!c->dead && ((events & EPOLLIN) || c->wants_write) && wants_input(c))
		readable(c);
	if (!c->dead)
		http_conn_interest(c);
	hold(c);
	if (http_memory_is_over(c->s))
		http_memory_relieve(c->s, c);
}

/* Seconds that the connection may stay as it is; 0: as long as it likes. */
static int64_t patience(const struct http_conn *c)
{
	switch (c->state) {
	case CONN_HANDSHAKE:
		return HEAD_SECONDS;
	case CONN_HEAD:
		return c->in.n || c->blocked ? HEAD_SECONDS : IDLE_SECONDS;
	case CONN_BODY:
		return c->x && c->x->paused ? 0 : (int64_t)HM_MAX_HTTP_STALL;
	case CONN_WAIT:
		return 0;
	case CONN_WRITE:
		return (int64_t)HM_MAX_HTTP_STALL;
	case CONN_LINGER:
		return LINGER_SECONDS;
	case CONN_H2:
		return c->blocked ? (int64_t)HM_MAX_HTTP_STALL : c->streams ? 0 : IDLE_SECONDS;
	}
	return 0;
}

void http_conn_tick(struct http_conn *c)
{
	c->rate = (c->rate + (c->moved - c->moved_before)) / 2;
	c->moved_before = c->moved;
	if (c->x && http_exchange_is_late(c->x)) {
		http_exchange_turn_away(c->x, 408, "the request body came too slowly");
		return;
	}
	int64_t limit = patience(c);
	bool slow = c->x && http_exchange_is_slow(c->x);
	if (c->state == CONN_H2)
		http_h2_tick(c);
	if (!c->dead && (slow || (limit && c->s->now - c->since > limit * HM_SECOND)))
		http_conn_close(c);
}
