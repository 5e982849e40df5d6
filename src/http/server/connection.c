/* SPDX-License-Identifier: Apache-2.0 */
/* Socket thread. */
#include "http/server/connection.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* What it holds besides its exchanges. */
static void hold_memory(struct http_conn *c)
{
	size_t n = CONN_COST + c->in.cap + c->out.cap + c->protocol->cost;
	if (c->on->tls)
		n += TLS_COST;
	http_memory_set(c->s, &c->held, c->dead ? 0 : n);
}

struct http_conn *http_conn_new(struct http_server *s, struct listening *l, int fd,
				const struct http_protocol *first)
{
	struct hm_cx cx = HM_CX(0);
	struct http_conn *c = hm_new(&cx, struct http_conn, 1);
	*c = (struct http_conn){ .cx = cx,
				 .s = s,
				 .on = l,
				 .fd = fd,
				 .protocol = first,
				 .since = s->now,
				 .born = s->now };
	c->in.max = SCRATCH;
	c->out.max = 4 * HM_MIB;
	c->ssl = l->tls ? http_tls_new(l, fd) : NULL;
	if (l->tls && !c->ssl) {
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
	hold_memory(c);
	return c;
}

struct http_exchange *http_conn_begin_exchange(struct http_conn *c)
{
	struct http_exchange *x = http_exchange_new(c->s, c->on->config);
	memcpy(x->peer, c->peer, sizeof(x->peer));
	if (c->ssl && c->on->config->client_ca)
		x->client = http_tls_client(&x->cx, c->ssl);
	x->conn = c;
	x->of_next = c->exchanges;
	if (c->exchanges)
		c->exchanges->of_prev = x;
	c->exchanges = x;
	return x;
}

void http_conn_unlink(struct http_conn *c, struct http_exchange *x)
{
	if (x->of_prev)
		x->of_prev->of_next = x->of_next;
	else
		c->exchanges = x->of_next;
	if (x->of_next)
		x->of_next->of_prev = x->of_prev;
	x->of_prev = x->of_next = NULL;
}

void http_conn_close(struct http_conn *c)
{
	struct http_server *s = c->s;
	if (c->dead)
		return;
	c->dead = true;
	for (struct http_exchange *x; (x = c->exchanges);) {
		http_conn_unlink(c, x);
		http_exchange_gone(x);
	}
	if (c->protocol->end)
		c->protocol->end(c);
	if (c->ssl)
		http_tls_end(c->ssl);
	/* A child that was forked meanwhile has the socket, too: closing it here does not end it,
	 * and its events would name a connection that is gone. */
	if (c->fd >= 0)
		epoll_ctl(s->epoll, EPOLL_CTL_DEL, c->fd, NULL);
	hm_close_fd(&c->fd);
	if (c->prev)
		c->prev->next = c->next;
	else
		s->conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	hm_buf_done(&c->in);
	hm_buf_done(&c->out);
	hold_memory(c);
	s->conns_n--;
	atomic_store(&s->connections, s->conns_n);
	c->next = s->dead;
	s->dead = c;
}

void http_conn_free_dead(struct http_server *s)
{
	for (struct http_conn *c; (c = s->dead);) {
		s->dead = c->next;
		http_tls_free(c->ssl);
		hm_buf_done(&c->in);
		hm_buf_done(&c->out);
		struct hm_cx cx = c->cx;
		hm_cx_done(&cx);
	}
}

bool http_conn_speak(struct http_conn *c, const struct http_protocol *protocol)
{
	c->protocol = protocol;
	c->since = c->s->now;
	if (!protocol->start || protocol->start(c))
		return true;
	http_conn_close(c);
	return false;
}

static enum io read_bytes(struct http_conn *c, char *room, size_t n, size_t *out_n)
{
	if (c->ssl)
		return http_tls_read(c->ssl, room, n, out_n);
	ssize_t got = recv(c->fd, room, n, 0);
	*out_n = got > 0 ? (size_t)got : 0;
	if (got > 0)
		return IO_OK;
	if (got == 0)
		return IO_END;
	return errno == EAGAIN || errno == EINTR ? IO_AGAIN : IO_FAILED;
}

enum io http_conn_read(struct http_conn *c, char *room, size_t n, size_t *out_n)
{
	enum io io = read_bytes(c, room, n, out_n);
	c->moved += *out_n;
	c->wants_write = io == IO_WRITE;
	return io;
}

void http_conn_received(struct http_conn *c, enum io io)
{
	if (io == IO_FAILED)
		http_conn_close(c);
	if (io != IO_END || c->dead)
		return;
	c->eof = true;
	c->keep_alive = false;
	c->protocol->ended(c);
}

enum io http_conn_write(struct http_conn *c, const char *p, size_t n, bool more, size_t *out_n)
{
	*out_n = 0;
	if (c->ssl) {
		enum io io = http_tls_write(c->ssl, p, n, out_n);
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

enum io http_conn_flush(struct http_conn *c, bool more)
{
	size_t n;
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

/* What was kept, as the beginning of what is read now. */
static size_t unpack_kept_input(struct http_conn *c)
{
	size_t had = c->in.n;
	memcpy(c->s->scratch, hm_buf_str(&c->in).p, had);
	if (c->in.cap > 16384)
		hm_buf_done(&c->in);
	hm_buf_clear(&c->in);
	return had;
}

/* Use n bytes of the scratch; keep what is left for later. */
static void pass_to_protocol(struct http_conn *c, size_t n)
{
	c->data = hm_bytes(c->s->scratch, n);
	c->protocol->consume(c);
	if (c->dead)
		return;
	hm_buf_add(&c->in, c->data);
	c->data = (struct hm_str){ "", 0 };
}

void http_conn_receive(struct http_conn *c, bool buys_time)
{
	size_t had = unpack_kept_input(c), room = SCRATCH - had, got = 0;
	enum io io = IO_OK;
	if (room > 0)
		io = http_conn_read(c, c->s->scratch + had, room < READ_MAX ? room : READ_MAX,
				    &got);
	if (got && buys_time)
		c->since = c->s->now;
	if (io != IO_FAILED)
		pass_to_protocol(c, had + got);
	http_conn_received(c, io);
}

static bool wants_input(const struct http_conn *c)
{
	return !c->dead && c->protocol->wants_input(c);
}

/* Does OpenSSL hold back what no event will tell of? */
static bool has_pending_input(const struct http_conn *c)
{
	return wants_input(c) && c->protocol->consume && http_tls_pending(c->ssl);
}

static void read_input(struct http_conn *c)
{
	c->protocol->readable(c);
	for (int i = 0; i < 16 && has_pending_input(c) && !c->wants_write; i++)
		c->protocol->readable(c);
}

void http_conn_resume(struct http_conn *c)
{
	if (c->in.n && wants_input(c))
		pass_to_protocol(c, unpack_kept_input(c));
	if (has_pending_input(c))
		read_input(c);
	if (!c->dead)
		http_conn_watch(c);
}

void http_conn_watch(struct http_conn *c)
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

void http_conn_event(struct http_conn *c, uint32_t events)
{
	if (c->dead)
		return;
	if ((events & (EPOLLHUP | EPOLLERR)) && !(events & (EPOLLIN | EPOLLOUT))) {
		http_conn_close(c);
		return;
	}
	if (events & EPOLLOUT) {
		c->blocked = false;
		c->protocol->writable(c);
	}
	if (((events & EPOLLIN) || c->wants_write) && wants_input(c))
		read_input(c);
	if (!c->dead)
		http_conn_watch(c);
	hold_memory(c);
}

void http_conn_tick(struct http_conn *c)
{
	c->rate = (c->rate + (c->moved - c->moved_before)) / 2;
	c->moved_before = c->moved;
	if (c->protocol->tick)
		c->protocol->tick(c);
	int64_t limit = c->dead ? 0 : c->protocol->patience(c);
	if (limit && c->s->now - c->since > limit * HM_SECOND)
		http_conn_close(c);
}
