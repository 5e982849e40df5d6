/* SPDX-License-Identifier: Apache-2.0 */
/* The server in this process, asked by our own client and by bytes on a socket. */
#include "unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/http.h"

static atomic_int running, let_go;

static hm_err echo(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct hm_str body;
	(void)arg;
	HM_TRY(http_exchange_body(cx, x, 4 * HM_MIB, &body));
	http_exchange_add_header(x, "X-Query", http_exchange_query(cx, x, "q"));
	http_exchange_add_header(x, "X-Evil", HM_STR("a\r\nB: c"));
	return http_exchange_answer(cx, x, 200, "text/plain", body);
}

static bool fast_echo(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct hm_str body;
	/* a body that begins with "s" is too hard: what was read must be there again for run() */
	if (http_exchange_body(cx, x, HM_MIB, &body) || (body.n && body.p[0] == 's'))
		return false;
	http_exchange_add_header(x, "X-Fast", HM_STR("yes"));
	(void)arg;
	return !http_exchange_answer(cx, x, 200, "text/plain", body);
}

static hm_err wait_for_it(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	(void)arg;
	atomic_fetch_add(&running, 1);
	while (!atomic_load(&let_go)) {
		HM_TRY(hm_alive(cx));
		usleep(1000);
	}
	return http_exchange_answer(cx, x, 200, "text/plain", HM_STR("done"));
}

static hm_err file(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	HM_AUTO_FD fd = -1;
	(void)arg;
	HM_TRY(hm_temp_fd(cx, &fd));
	HM_TRY(hm_write_all(cx, fd, "x", HM_STR("0123456789")));
	return http_exchange_answer_file(cx, x, 206, "text/plain",
					 (struct http_file){ hm_move_fd(fd), 2, 5 });
}

static hm_err refuse(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	(void)arg, (void)x;
	return hm_fail(cx, HM_LIMIT, "too much");
}

static hm_err own_fault(struct hm_cx *cx, void *arg, struct http_exchange *x, hm_err err)
{
	(void)arg;
	return http_exchange_answer(cx, x, 418, "text/plain", hm_fmt(cx, "mine: %s", err->why));
}

static hm_err silent(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	(void)cx, (void)arg, (void)x;
	return NULL;
}

static const struct http_route routes[] = {
	{ .method = "POST", .prefix = "/echo", .run = echo, .budget = 16 << 20 },
	{ .method = "POST", .prefix = "/fast", .run = echo, .fast = fast_echo, .budget = 16 << 20 },
	{ .method = "GET", .prefix = "/wait", .run = wait_for_it, .budget = 1 << 20 },
	{ .method = "GET",
	  .prefix = "/late",
	  .run = wait_for_it,
	  .budget = 1 << 20,
	  .deadline_ms = 50 },
	{ .method = "GET", .prefix = "/file", .run = file, .budget = 1 << 20 },
	{ .method = "*", .prefix = "/refuse", .run = refuse, .budget = 1 << 20 },
	{ .method = "GET",
	  .prefix = "/refuse/mine",
	  .run = refuse,
	  .fault = own_fault,
	  .budget = 1 << 20 },
	{ .method = "GET", .prefix = "/silent", .run = silent, .budget = 1 << 20 },
	{ .prefix = NULL },
};

struct fixture {
	struct hm_cx cx;
	struct http_listener l;
	struct http_server *s;
	struct http_client *c;
};

static void start(struct fixture *f, unsigned workers, unsigned queue)
{
	struct http_config client = { 0 };
	f->cx = HM_CX(64 << 20);
	f->l = (struct http_listener){ .address = HM_STR("127.0.0.1:0"), .routes = routes };
	*hm_push(&f->cx, &f->l.hosts) = HM_STR("a");
	struct http_server_config config = {
		.listeners = &f->l, .listeners_n = 1, .workers = workers, .queue = queue
	};
	atomic_store(&let_go, 0);
	atomic_store(&running, 0);
	assert_ok(http_server_start(&f->cx, &config, &f->s));
	assert_ok(http_client_open(&f->cx, &client, &f->c));
}

static void stop(struct fixture *f)
{
	atomic_store(&let_go, 1);
	http_server_stop(f->s);
	http_client_close(f->c);
	hm_cx_done(&f->cx);
}

static struct http_response ask(struct fixture *f, const char *method, const char *path,
				struct hm_str body)
{
	struct http_response got = { 0 };
	struct http_request r = { .method = method,
				  .url = hm_fmt(&f->cx, "http://127.0.0.1:%u%s", f->l.port, path),
				  .body = { .bytes = body },
				  .has_body = body.n > 0,
				  .max_body = 8 << 20 };
	/* what is retried ends soon; what is large may take its time on a busy machine */
	f->cx.deadline = hm_mono() + (body.n > HM_MIB ? 30 : 2) * HM_SECOND;
	hm_err err = http_send(&f->cx, f->c, &r, &got);
	f->cx.deadline = 0;
	assert_ok(err);
	return got;
}

static const struct ask_case {
	const char *label, *method, *path, *send;
	int status;
	const char *body;
} ask_cases[] = {
	{ "a body comes back", "POST", "/echo", "hello", 200, "hello" },
	{ "an empty body", "POST", "/echo", "", 200, "" },
	{ "the fast way", "POST", "/fast", "hello", 200, "hello" },
	{ "the fast way gives up", "POST", "/fast", "slow", 200, "slow" },
	{ "a part of a file", "GET", "/file", "", 206, "23456" },
	{ "only the length of a file", "HEAD", "/file", "", 206, "" },
	{ "a fault", "GET", "/refuse", "", 413, "too much\n" },
	{ "a fault in the words of its route", "GET", "/refuse/mine", "", 418, "mine: too much" },
	{ "a path that begins as a route's does", "GET", "/refused", "", 404, "no such page\n" },
	{ "a path below a route's own", "GET", "/refuse/yours", "", 404, "no such page\n" },
	{ "no answer", "GET", "/silent", "", 500, "the request was not answered\n" },
	{ "a path of nobody", "GET", "/nobody", "", 404, "no such page\n" },
	{ "another method", "DELETE", "/echo", "", 405, "method not allowed\n" },
	{ "a body for nobody", "POST", "/nobody", "hello", 404, "no such page\n" },
	{ "a deadline", "GET", "/late", "", 503, "the deadline has passed\n" },
};

static void answers(void **state)
{
	const struct ask_case *t = *state;
	struct fixture f;
	start(&f, 2, 8);
	for (int i = 0; i < 2; i++) { /* the connection is kept */
		struct http_response got = ask(&f, t->method, t->path, hm_cstr(t->send));
		assert_int_equal(got.status, t->status);
		assert_strz(got.body, t->body);
		assert_true(http_header_get(&got.headers, "x-request-id").n > 0);
		assert_int_equal(http_header_get(&got.headers, "b").n, 0);
	}
	stop(&f);
}

static void large_bodies_pass_in_pieces(void **state)
{
	(void)state;
	struct fixture f;
	start(&f, 2, 8);
	size_t n = 3 << 20;
	char *big = hm_new(&f.cx, char, n);
	for (size_t i = 0; i < n; i++)
		big[i] = (char)(i * 7 + i / 251);
	struct http_response got = ask(&f, "POST", "/echo?q=a%20b", hm_bytes(big, n));
	assert_str(got.body, hm_bytes(big, n));
	assert_strz(http_header_get(&got.headers, "x-query"), "a b");
	got = ask(&f, "POST", "/fast", hm_bytes(big, n)); /* too large for it */
	assert_str(got.body, hm_bytes(big, n));
	got = ask(&f, "POST", "/echo", hm_bytes(big, 2 << 20));
	assert_int_equal(got.body.n, 2 << 20);
	stop(&f);
}

/* What comes back for raw bytes, until the server closes or nothing comes for a while. */
static struct hm_str raw(struct fixture *f, const char *bytes, int patience_ms)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)f->l.port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	HM_AUTO_FD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char *room = hm_new(&f->cx, char, 65536);
	size_t n = 0;
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
	struct pollfd p = { .fd = fd, .events = POLLIN };
	while (poll(&p, 1, patience_ms) == 1) {
		ssize_t got = read(fd, room + n, 65536 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	return hm_bytes(room, n);
}

static void await_metric(struct fixture *f, struct hm_buf *b, const char *words)
{
	for (int i = 0; i < 2000 && (!b->p || !strstr(b->p, words)); i++) {
		hm_buf_clear(b);
		http_server_metrics(&f->s, 1, b);
		usleep(1000);
	}
}

/* A child that was forked while there was a connection has its socket, too: that is still open when
 * the connection has ended, and what comes then is for nobody. */
static void sockets_that_a_child_has_are_not_heard(void **state)
{
	(void)state;
	struct fixture f;
	char room[4096];
	start(&f, 2, 0);
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)f.l.port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	HM_AUTO_FD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	static const char good[] = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na";
	assert_int_equal(send(fd, good, sizeof(good) - 1, MSG_NOSIGNAL), sizeof(good) - 1);
	assert_true(read(fd, room, sizeof(room)) > 0);
	pid_t child = fork();
	if (!child)
		for (;;)
			pause();
	assert_true(child > 0);
	static const char bad[] = "nonsense\r\n\r\n";
	assert_int_equal(send(fd, bad, sizeof(bad) - 1, MSG_NOSIGNAL), sizeof(bad) - 1);
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	await_metric(&f, &b, "connections{server=\"http\"} 0");
	for (int i = 0; i < 20; i++) {
		(void)!send(fd, bad, sizeof(bad) - 1, MSG_NOSIGNAL);
		assert_int_equal(ask(&f, "POST", "/echo", HM_STR("b")).status, 200);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	stop(&f);
}

static const struct raw_case {
	const char *label, *bytes, *first, *also;
} raw_cases[] = {
	{ "two requests at once get two answers",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\naPOST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nb",
	  "HTTP/1.1 200", "\r\n\r\naHTTP/1.1 200" },
	{ "chunks",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
	  "HTTP/1.1 200", "\r\n\r\nabc" },
	{ "chunks on the fast way",
	  "POST /fast HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
	  "HTTP/1.1 200", "X-Fast" },
	{ "bad chunks on the fast way",
	  "POST /fast HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	  "HTTP/1.1 400", "close" },
	{ "who expects is told to continue",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na",
	  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200", "a" },
	{ "the old version", "POST /echo HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\n\r\na",
	  "HTTP/1.1 200", "Connection: close" },
	{ "a request id is taken over",
	  "GET /file HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Request-Id: abc-1\r\n\r\n",
	  "HTTP/1.1 206", "X-Request-Id: abc-1\r\n" },
	{ "TLS on a plain port", "\x16\x03\x01", "HTTP/1.1 400", "close" },
	{ "smuggling",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	  "HTTP/1.1 400", "close" },
	{ "not HTTP", "hello\r\n\r\n", "HTTP/1.1 400", "close" },
	{ "another name",
	  "POST /fast HTTP/1.1\r\nHost: b\r\nConnection: close\r\nContent-Length: 1\r\n\r\na",
	  "HTTP/1.1 421", "this server does not go by the name \"b\"" },
	{ "another name before the body came",
	  "POST /echo HTTP/1.1\r\nHost: b\r\nContent-Length: 1000\r\n\r\nabc", "HTTP/1.1 421",
	  "allow" },
	{ "another name, in the route's own words",
	  "GET /refuse/mine HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n", "HTTP/1.1 418",
	  "mine: this server does not" },
	{ "no name", "POST /echo HTTP/1.0\r\nContent-Length: 1\r\n\r\na", "HTTP/1.1 421",
	  "which host" },
	{ "an empty name", "GET /file HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
	  "HTTP/1.1 421", "name" },
	{ "a name that is allowed, with a port",
	  "GET /file HTTP/1.1\r\nHost: A.:80\r\nConnection: close\r\n\r\n", "HTTP/1.1 206",
	  "23456" },
	{ "an answer before the body came",
	  "POST /nobody HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc", "HTTP/1.1 404",
	  "close" },
};

static void raw_bytes(void **state)
{
	const struct raw_case *t = *state;
	struct fixture f;
	start(&f, 2, 8);
	struct hm_str got = raw(&f, t->bytes, 1000);
	assert_true(hm_starts(got, hm_cstr(t->first)));
	assert_true(hm_find(got, hm_cstr(t->also)) != SIZE_MAX);
	stop(&f);
}

static void another_protocol_is_not_answered_in_this_one(void **state)
{
	(void)state;
	struct fixture f;
	start(&f, 2, 8);
	assert_int_equal(raw(&f, "INVALID CONNECTION PREFACE\r\n\r\n", 5000).n, 0);
	assert_true(hm_starts(raw(&f, "GET / HTTP/3.0\r\n\r\n", 5000), HM_STR("HTTP/1.1 505")));
	stop(&f);
}

static void heads_have_a_limit(void **state)
{
	(void)state;
	struct fixture f;
	start(&f, 2, 8);
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	hm_buf_addz(&b, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
	while (b.n < HM_MAX_HTTP_HEADERS + 100)
		hm_buf_char(&b, 'x');
	struct hm_str got = raw(&f, b.p, 1000);
	assert_true(hm_starts(got, HM_STR("HTTP/1.1 431")));
	stop(&f);
}

static void *ask_wait(void *arg)
{
	struct fixture *f = arg, own = { .cx = HM_CX(1 << 20), .l = f->l, .c = f->c };
	ask(&own, "GET", "/wait", HM_STR(""));
	hm_cx_done(&own.cx);
	return NULL;
}

static void a_full_queue_is_503(void **state)
{
	(void)state;
	struct fixture f;
	pthread_t waiting[2];
	start(&f, 1, 1);
	pthread_create(&waiting[0], NULL, ask_wait, &f);
	while (!atomic_load(&running))
		usleep(1000);
	pthread_create(&waiting[1], NULL, ask_wait, &f);
	HM_AUTO_BUF b = HM_BUF(1 << 20);
	await_metric(&f, &b, "queue_depth{server=\"http\"} 1");
	struct hm_str got =
		raw(&f, "GET /wait HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 1000);
	assert_true(hm_starts(got, HM_STR("HTTP/1.1 503")));
	assert_true(hm_find(got, HM_STR("Retry-After: 1")) != SIZE_MAX);
	atomic_store(&let_go, 1);
	pthread_join(waiting[0], NULL);
	pthread_join(waiting[1], NULL);
	/* an answer is counted once it is sent, which its client may see before */
	await_metric(&f, &b, "route=\"/wait\",status=\"200\"} 2");
	assert_non_null(strstr(b.p, "hullmark_http_rejected_total{server=\"http\"} 1"));
	assert_non_null(strstr(
		b.p,
		"hullmark_http_requests_total{server=\"http\",route=\"/wait\",status=\"200\"} 2"));
	stop(&f);
}

static void a_stop_waits_for_who_is_running(void **state)
{
	(void)state;
	struct fixture f;
	pthread_t waiting;
	start(&f, 2, 8);
	pthread_create(&waiting, NULL, ask_wait, &f);
	while (!atomic_load(&running))
		usleep(1000);
	int64_t before = hm_mono();
	atomic_store(&let_go, 1);
	http_server_stop(f.s);
	assert_true(hm_mono() - before < 4 * HM_SECOND);
	pthread_join(waiting, NULL);
	http_client_close(f.c);
	hm_cx_done(&f.cx);
}

static void a_client_that_goes_away_cancels(void **state)
{
	(void)state;
	struct fixture f;
	start(&f, 1, 8);
	/* it leaves with a reset, while a body of which it promised more is waited for */
	struct hm_str got =
		raw(&f, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc", 50);
	assert_int_equal(got.n, 0);
	/* the only worker is free again */
	struct http_response r = ask(&f, "POST", "/echo", HM_STR("x"));
	assert_int_equal(r.status, 200);
	stop(&f);
}

static const struct address_case {
	const char *label, *address, *words;
} address_cases[] = {
	{ "every address", "0.0.0.0:0", "without a certificate" },
	{ "every address, unsaid", ":0", "without a certificate" },
	{ "every IPv6 address", "[::]:0", "without a certificate" },
	{ "no port", "127.0.0.1", "not an address and a port" },
	{ "a port too large", "127.0.0.1:65536", "not an address and a port" },
	{ "words", "127.0.0.1:http", "not an address and a port" },
};

static void refuses_to_listen(void **state)
{
	const struct address_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 << 20);
	struct http_listener l = { .address = hm_cstr(t->address), .routes = routes };
	struct http_server_config config = { .listeners = &l, .listeners_n = 1 };
	struct http_server *s;
	assert_fault(http_server_start(&cx, &config, &s), HM_USAGE, t->words);
}

int main(void)
{
	UNIT_TABLE(answers, ask_cases);
	UNIT(large_bodies_pass_in_pieces);
	UNIT_TABLE(raw_bytes, raw_cases);
	UNIT(sockets_that_a_child_has_are_not_heard);
	UNIT(another_protocol_is_not_answered_in_this_one);
	UNIT(heads_have_a_limit);
	UNIT(a_full_queue_is_503);
	UNIT(a_stop_waits_for_who_is_running);
	UNIT(a_client_that_goes_away_cancels);
	UNIT_TABLE(refuses_to_listen, address_cases);
	return unit_run("http/server/server");
}
