/* SPDX-License-Identifier: Apache-2.0 */
/* Start and stop, by the caller's thread; and between them the loop over sockets, which is the
 * socket thread. */
#include "http/server/server.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "http/server/connection.h"

enum { EVENTS = 256, STOP_SECONDS = 5, WORKERS_MIN = 16 };
static const struct http_protocol *const protocols[] = { &http_h1, &http_h2, NULL };
static const int64_t PRESSED = HM_SECOND / 2; /* so long may a request wait for a worker */

/* ---- the loop */

static struct listening *find_listening(struct http_server *s, void *p)
{
	for (size_t i = 0; i < s->config.listeners_n; i++)
		if (p == &s->listening[i])
			return &s->listening[i];
	return NULL;
}

static void end_work(struct http_exchange *x)
{
	struct http_conn *c = x->conn;
	http_exchange_ready(x);
	if (c && !c->dead && c->protocol->push)
		c->protocol->push(c);
	if (c && !c->dead)
		http_conn_resume(c);
}

static void note_taken_body(struct http_exchange *x)
{
	struct http_conn *c = x->conn;
	if (!c)
		return;
	pthread_mutex_lock(&x->lock);
	size_t taken = x->inbox_taken;
	x->inbox_taken = 0;
	pthread_mutex_unlock(&x->lock);
	if (c->protocol->took)
		c->protocol->took(x, taken);
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
	for (struct http_exchange *x; (x = http_queue_take_post(s, &done));)
		if (done)
			end_work(x);
		else
			note_taken_body(x);
}

static void begin_stop(struct http_server *s)
{
	s->stop_at = s->now + STOP_SECONDS * HM_SECOND;
	for (size_t i = 0; i < s->config.listeners_n; i++)
		hm_close_fd(&s->listening[i].fd);
	for (struct http_conn *c = s->conns, *next; c; c = next) {
		next = c->next;
		c->keep_alive = false;
		if (c->protocol->shutdown)
			c->protocol->shutdown(c);
	}
}

/* False when nothing is left to wait for. */
static bool continue_stop(struct http_server *s)
{
	if (!s->stop_at)
		begin_stop(s);
	bool late = s->now > s->stop_at;
	for (struct http_conn *c = s->conns, *next; c; c = next) {
		next = c->next;
		if (late || c->protocol->is_idle(c))
			http_conn_close(c);
	}
	http_conn_free_dead(s);
	return s->conns_n > 0;
}

static void check_each_second(struct http_server *s)
{
	if (s->now - s->ticked < HM_SECOND)
		return;
	s->ticked = s->now;
	int64_t since = s->now;
	unsigned waiting = http_queue_waiting(s, &since);
	s->wanted = s->now - since >= PRESSED ? waiting : 0;
	for (struct http_conn *c = s->conns, *next; c; c = next) {
		next = c->next;
		http_conn_tick(c);
	}
	for (size_t i = 0; i < s->config.listeners_n; i++) {
		struct listening *l = &s->listening[i];
		http_tls_refresh(l);
		http_listen_tick(s, l);
	}
	http_conn_free_dead(s);
	http_memory_tick(s);
}

static void handle_event(struct http_server *s, struct http_conn *c, uint32_t events)
{
	http_conn_event(c, events);
	if (http_memory_is_over(s))
		http_relief_memory(s, c);
}

static void *run_loop(void *arg)
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
			struct listening *l = find_listening(s, p);
			if (p == s)
				take_posts(s);
			else if (l && !stop)
				http_listen_accept(s, l);
			else if (!l)
				handle_event(s, p, events[i].events);
		}
		http_conn_free_dead(s);
		check_each_second(s);
		http_conn_free_dead(s);
		if (atomic_load(&s->stopping))
			goes_on = continue_stop(s);
	}
	return NULL;
}

/* ---- start and stop */

static hm_err open_sockets(struct hm_cx *cx, struct http_server *s)
{
	s->listening = hm_new(cx, struct listening, s->config.listeners_n);
	for (size_t i = 0; i < s->config.listeners_n; i++)
		s->listening[i] = (struct listening){ .config = &s->config.listeners[i],
						      .protocols = protocols,
						      .fd = -1 };
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = s };
	if (s->epoll < 0 || s->wake < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->wake, &e) < 0)
		return hm_fail_os(cx, "could not set up the server");
	for (size_t i = 0; i < s->config.listeners_n; i++)
		HM_TRY(http_listen_open(cx, s, &s->listening[i]));
	return NULL;
}

static hm_err start_threads(struct hm_cx *cx, struct http_server *s)
{
	sigset_t all, before;
	/* signals are the caller's; a broken pipe is seen as an error of the write */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	hm_err err = http_workers_start(cx, s);
	if (!err && pthread_create(&s->loop, NULL, run_loop, s) != 0)
		err = hm_fail(cx, HM_SYSTEM, "could not start a thread");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

static void close_sockets(struct http_server *s)
{
	for (size_t i = 0; i < s->config.listeners_n; i++) {
		hm_close_fd(&s->listening[i].fd);
		http_tls_close(&s->listening[i]);
	}
	hm_close_fd(&s->epoll);
	hm_close_fd(&s->wake);
}

/* Files, and what the handlers connect to, need descriptors too. */
static size_t limit_connections(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur / 4 > CONNECTIONS_MAX)
		return CONNECTIONS_MAX;
	return r.rlim_cur < 8 ? 2 : (size_t)r.rlim_cur / 4;
}

static void apply_config(struct http_server *s, const struct http_server_config *config)
{
	unsigned twice = 2 * hm_processors();
	s->config = *config;
	s->protocols = protocols;
	if (!s->config.name)
		s->config.name = "http";
	if (!s->config.workers)
		s->config.workers = twice > WORKERS_MIN ? twice : WORKERS_MIN;
	if (!s->config.queue)
		s->config.queue = 1024;
	s->own_memory.max = HM_MAX_HTTP_MEMORY;
	s->memory = config->memory ? config->memory : &s->own_memory;
	s->conns_max = limit_connections();
	s->files_max = s->conns_max; /* another quarter */
	s->whole.end = &s->whole.first;
	s->streaming.end = &s->streaming.first;
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
	apply_config(s, config);
	s->scratch = hm_new(cx, char, SCRATCH);
	s->sending = hm_new(cx, char, SEND_MAX);
	hm_err err = open_sockets(cx, s);
	if (!err)
		err = start_threads(cx, s);
	if (err) {
		http_workers_stop(s);
		close_sockets(s);
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
	http_queue_wake(s);
	pthread_join(s->loop, NULL);
	http_workers_stop(s);
	for (struct http_exchange *x; (x = http_queue_take_post(s, &done));)
		http_exchange_free(x);
	for (struct http_exchange *x; (x = s->spare);) {
		s->spare = x->next;
		hm_buf_done(&x->inbox);
		hm_buf_done(&x->reading);
		struct hm_cx cx = x->cx;
		hm_cx_done(&cx);
	}
	close_sockets(s);
}
