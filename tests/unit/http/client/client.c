/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client against a peer that says exactly what a case tells it to: one answer a connection, in
 * order. What the client sent is kept.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http.h"

#define OK(body) "HTTP/1.1 200 OK\r\nContent-Length: " body
#define CLOSE    "Connection: close\r\n"

enum { ANSWERS = 8 };

struct peer {
	int fd;
	unsigned port;
	const char *answers[ANSWERS]; /* NULL-ended; "%d" is the port; "" closes at once */
	char seen[ANSWERS][4096];
	atomic_int n;
	atomic_bool stop;
	pthread_t thread;
};

/* Reads until the end of the headers and, where a length is given, of the body. */
static void read_request(int fd, char *to, size_t room)
{
	size_t n = 0;
	for (;;) {
		ssize_t got = read(fd, to + n, room - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
		to[n] = '\0';
		const char *end = strstr(to, "\r\n\r\n"), *length = strstr(to, "Content-Length: ");
		if (strstr(to, "chunked") ? strstr(to, "0\r\n\r\n") != NULL : end != NULL) {
			uint64_t want = 0;
			struct hm_str rest = hm_cstr(length ? length + 16 : "0\r\n");
			if (hm_u64(hm_line(&rest), 4096, &want) && end &&
			    n - (size_t)(end + 4 - to) < want)
				continue;
			break;
		}
	}
}

static void *serve(void *arg)
{
	struct peer *p = arg;
	for (int i = 0; i < ANSWERS && p->answers[i] && !atomic_load(&p->stop); i++) {
		struct pollfd ready = { .fd = p->fd, .events = POLLIN };
		while (poll(&ready, 1, 20) == 0)
			if (atomic_load(&p->stop))
				return NULL;
		int fd = accept(p->fd, NULL, NULL);
		if (*p->answers[i]) {
			char answer[4096];
			read_request(fd, p->seen[i], sizeof(p->seen[i]));
			int n = snprintf(answer, sizeof(answer), p->answers[i], p->port);
			assert_int_equal(write(fd, answer, (size_t)n), n);
		}
		atomic_fetch_add(&p->n, 1);
		close(fd);
	}
	return NULL;
}

static void peer_start(struct peer *p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(p->fd, 8), 0);
	assert_int_equal(getsockname(p->fd, (struct sockaddr *)&a, &n), 0);
	p->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
}

static void peer_stop(struct peer *p)
{
	atomic_store(&p->stop, true);
	pthread_join(p->thread, NULL);
	close(p->fd);
}

struct got {
	char text[256];
	size_t n;
	int rewinds;
};

static hm_err collect(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct got *g = arg;
	(void)cx;
	assert_true(g->n + bytes.n < sizeof(g->text));
	memcpy(g->text + g->n, bytes.p, bytes.n);
	g->n += bytes.n;
	return NULL;
}

static hm_err collect_again(struct hm_cx *cx, void *arg)
{
	struct got *g = arg;
	(void)cx;
	g->n = 0;
	g->rewinds++;
	return NULL;
}

static struct http_client *client(struct hm_cx *cx)
{
	struct http_client *c;
	struct http_config config = { 0 };
	assert_ok(http_client_open(cx, &config, &c));
	return c;
}

static const struct answer_case {
	const char *label;
	const char *answers[ANSWERS];
	int status;       /* 0: a fault */
	const char *body; /* or the words of the fault */
	enum hm_code code;
	int connections;
} answer_cases[] = {
	{ "a plain answer", { OK("2\r\n\r\nhi") }, 200, "hi", 0, 1 },
	{ "chunks",
	  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" },
	  200,
	  "hi",
	  0,
	  1 },
	{ "an answer without a body", { "HTTP/1.1 204 No\r\n\r\n" }, 204, "", 0, 1 },
	{ "404 is an answer", { "HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx" }, 404, "x", 0, 1 },
	{ "503, then an answer",
	  { "HTTP/1.1 503 No\r\n" CLOSE "Content-Length: 0\r\n\r\n", OK("2\r\n\r\nhi") },
	  200,
	  "hi",
	  0,
	  2 },
	{ "429 asks for a second, then answers",
	  { "HTTP/1.1 429 No\r\n" CLOSE "Retry-After: 1\r\nContent-Length: 0\r\n\r\n",
	    OK("2\r\n\r\nhi") },
	  200,
	  "hi",
	  0,
	  2 },
	{ "a connection closed at once, then an answer",
	  { "", OK("2\r\n\r\nhi") },
	  200,
	  "hi",
	  0,
	  2 },
	{ "a short body, then a whole one",
	  { OK("9\r\n\r\nhi"), OK("2\r\n\r\nhi") },
	  200,
	  "hi",
	  0,
	  2 },
	{ "a redirect",
	  { "HTTP/1.1 307 Go\r\n" CLOSE "Location: /b\r\nContent-Length: 0\r\n\r\n",
	    OK("2\r\n\r\nhi") },
	  200,
	  "hi",
	  0,
	  2 },
	{ "a redirect to a file",
	  { "HTTP/1.1 302 Go\r\n" CLOSE
	    "Location: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n" },
	  0,
	  "neither http nor https",
	  HM_INPUT,
	  1 },
	{ "an answer too large",
	  { OK("40\r\n\r\n0123456789012345678901234567890123456789") },
	  0,
	  "larger than 32 bytes",
	  HM_LIMIT,
	  1 },
	{ "an answer too large in chunks",
	  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n28\r\n0123456789012345678901234567890123456789\r\n0\r\n\r\n" },
	  0,
	  "larger than 32 bytes",
	  HM_LIMIT,
	  1 },
	{ "not HTTP", { "SSH-2.0-x\r\n" }, 0, "HTTP/0.9", HM_SYSTEM, 1 },
};

static void answers(void **state)
{
	const struct answer_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct peer p = { 0 };
	memcpy(p.answers, t->answers, sizeof(p.answers));
	peer_start(&p);
	struct http_client *c = client(&cx);
	struct http_request r = { .method = "GET",
				  .url = hm_fmt(&cx, "http://127.0.0.1:%u/a", p.port),
				  .max_body = 32 };
	struct http_response got = { 0 };
	hm_err err = http_send(&cx, c, &r, &got);
	peer_stop(&p);
	http_client_close(c);
	assert_int_equal(atomic_load(&p.n), t->connections);
	if (t->status == 0) {
		assert_fault(err, t->code, t->body);
		return;
	}
	assert_ok(err);
	assert_int_equal(got.status, t->status);
	assert_strz(got.body, t->body);
}

static void throttled_to_the_end_is_busy(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct peer p = { 0 };
	for (size_t i = 0; i < ANSWERS - 1; i++)
		p.answers[i] = "HTTP/1.1 429 No\r\n" CLOSE "Content-Length: 0\r\n\r\n";
	peer_start(&p);
	struct http_client *c = client(&cx);
	struct http_request r = { .method = "GET",
				  .url = hm_fmt(&cx, "http://127.0.0.1:%u/a", p.port) };
	struct http_response got;
	cx.deadline = hm_mono() + HM_SECOND;
	assert_fault(http_send(&cx, c, &r, &got), HM_BUSY, "throttles");
	peer_stop(&p);
	http_client_close(c);
}

static void a_credential_stays_with_its_origin(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct peer a = { 0 }, b = { 0 };
	char away[200];
	b.answers[0] = OK("2\r\n\r\nhi");
	peer_start(&b);
	snprintf(away, sizeof(away),
		 "HTTP/1.1 307 Go\r\n" CLOSE
		 "Location: http://127.0.0.1:%u/c\r\nContent-Length: 0\r\n\r\n",
		 b.port);
	a.answers[0] = "HTTP/1.1 307 Go\r\n" CLOSE "Location: /b\r\nContent-Length: 0\r\n\r\n";
	a.answers[1] = away;
	peer_start(&a);
	struct http_client *c = client(&cx);
	struct http_header h[] = { { HM_STR("Authorization"), HM_STR("Bearer secret") },
				   { HM_STR("Accept"), HM_STR("x/y") } };
	struct http_request r = { .method = "GET",
				  .url = hm_fmt(&cx, "http://127.0.0.1:%u/a", a.port),
				  .headers = h,
				  .headers_n = 2,
				  .max_body = 32 };
	struct http_response got;
	assert_ok(http_send(&cx, c, &r, &got));
	peer_stop(&a);
	peer_stop(&b);
	http_client_close(c);
	assert_non_null(strstr(a.seen[0], "Bearer secret"));
	assert_non_null(strstr(a.seen[1], "Bearer secret"));
	assert_null(strstr(b.seen[0], "secret"));
	assert_non_null(strstr(b.seen[0], "x/y"));
	assert_str(got.url, hm_fmt(&cx, "http://127.0.0.1:%u/c", b.port));
}

static void a_sink_is_rewound_before_it_gets_bytes_again(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct peer p = { .answers = { OK("9\r\n\r\nhi"), OK("2\r\n\r\nhi") } };
	struct got g = { .n = 0 };
	peer_start(&p);
	struct http_client *c = client(&cx);
	struct http_request r = { .method = "GET",
				  .url = hm_fmt(&cx, "http://127.0.0.1:%u/a", p.port),
				  .sink = collect,
				  .sink_arg = &g,
				  .sink_rewind = collect_again };
	struct http_response got;
	assert_ok(http_send(&cx, c, &r, &got));
	peer_stop(&p);
	assert_str(hm_bytes(g.text, g.n), HM_STR("hi"));
	assert_int_equal(g.rewinds, 1);

	struct peer q = { .answers = { OK("9\r\n\r\nhi"), OK("2\r\n\r\nhi") } };
	peer_start(&q);
	r.url = hm_fmt(&cx, "http://127.0.0.1:%u/a", q.port);
	r.sink_rewind = NULL;
	assert_fault(http_send(&cx, c, &r, &got), HM_SYSTEM, "bytes missing");
	peer_stop(&q);
	assert_int_equal(atomic_load(&q.n), 1);
	http_client_close(c);
}

#define PART(range, more) "HTTP/1.1 206 Part\r\n" CLOSE "Content-Range: bytes " range "\r\n" more
#define TAG(tag)          "ETag: " tag "\r\n"

/* A body of ten bytes that breaks off: what the next request asks for, and what the sink has. */
static const struct resume_case {
	const char *label;
	const char *answers[ANSWERS];
	const char *wanted[ANSWERS]; /* of the n-th request: a field that it has; "!": that it has
					not */
	const char *got, *fault;
	int status, connections;
} resume_cases[] = {
	{ "the rest is asked for, with a strong tag",
	  { OK("10\r\n" TAG("\"e\"") "\r\n0123"),
	    PART("4-9/10", "Content-Length: 6\r\n\r\n456789") },
	  { "!Range:", "Range: bytes=4-\r\nIf-Range: \"e\"" },
	  "0123456789",
	  NULL,
	  206,
	  2 },
	{ "and again, from where it broke off then",
	  { OK("10\r\n\r\n01"), PART("2-9/10", "Content-Length: 8\r\n\r\n23"),
	    PART("4-9/10", "Content-Length: 6\r\n\r\n456"),
	    PART("7-9/10", "Content-Length: 3\r\n\r\n789") },
	  { "", "bytes=2-", "bytes=4-", "bytes=7-" },
	  "0123456789",
	  NULL,
	  206,
	  4 },
	{ "a weak tag says nothing of bytes",
	  { OK("10\r\n" TAG("W/\"e\"") "\r\n0123"),
	    PART("4-9/10", "Content-Length: 6\r\n\r\n456789") },
	  { "", "!If-Range" },
	  "0123456789",
	  NULL,
	  206,
	  2 },
	{ "what a server sends again is passed over",
	  { OK("10\r\n\r\n0123"), OK("10\r\n" TAG("\"f\"") "\r\n0123456789") },
	  { "", "bytes=4-" },
	  "0123456789",
	  NULL,
	  200,
	  2 },
	{ "and less of it than is known, too",
	  { OK("10\r\n\r\n0123"), OK("10\r\n\r\n01"), OK("10\r\n\r\n0123456789") },
	  { "", "bytes=4-", "bytes=4-" },
	  "0123456789",
	  NULL,
	  200,
	  3 },
	{ "chunks that break off",
	  { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n",
	    PART("4-9/10", "Transfer-Encoding: chunked\r\n\r\n6\r\n456789\r\n0\r\n\r\n") },
	  { "", "bytes=4-" },
	  "0123456789",
	  NULL,
	  206,
	  2 },
	{ "an address that a redirect gave is asked for anew",
	  { "HTTP/1.1 307 Go\r\n" CLOSE "Location: /b\r\nContent-Length: 0\r\n\r\n",
	    OK("10\r\n\r\n0123"),
	    "HTTP/1.1 307 Go\r\n" CLOSE "Location: /c\r\nContent-Length: 0\r\n\r\n",
	    PART("4-9/10", "Content-Length: 6\r\n\r\n456789") },
	  { "GET /a ", "GET /b ", "GET /a ", "GET /c " },
	  "0123456789",
	  NULL,
	  206,
	  4 },
	{ "another part than the one asked for",
	  { OK("10\r\n\r\n0123"), PART("5-9/10", "Content-Length: 5\r\n\r\n56789") },
	  { "", "bytes=4-" },
	  "0123",
	  "another range",
	  0,
	  2 },
	{ "a part before it",
	  { OK("10\r\n\r\n0123"), PART("3-9/10", "Content-Length: 7\r\n\r\n3456789") },
	  { "", "bytes=4-" },
	  "0123",
	  "another range",
	  0,
	  2 },
	{ "a part that does not say which",
	  { OK("10\r\n\r\n0123"), "HTTP/1.1 206 Part\r\n" CLOSE "Content-Length: 6\r\n\r\n456789" },
	  { "", "bytes=4-" },
	  "0123",
	  "another range",
	  0,
	  2 },
	{ "a part of other units",
	  { OK("10\r\n\r\n0123"),
	    "HTTP/1.1 206 Part\r\n" CLOSE
	    "Content-Range: lines 4-9/10\r\nContent-Length: 6\r\n\r\n456789" },
	  { "", "bytes=4-" },
	  "0123",
	  "another range",
	  0,
	  2 },
	{ "there is no more of it",
	  { OK("10\r\n\r\n0123"), "HTTP/1.1 416 No\r\n" CLOSE "Content-Length: 1\r\n\r\nx" },
	  { "", "bytes=4-" },
	  "0123",
	  NULL,
	  416,
	  2 },
};

static void resume(void **state)
{
	const struct resume_case *t = *state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct peer p = { 0 };
	struct got g = { .n = 0 };
	struct http_resume how = { 0 };
	memcpy(p.answers, t->answers, sizeof(p.answers));
	peer_start(&p);
	struct http_client *c = client(&cx);
	struct http_request r = { .method = "GET",
				  .url = hm_fmt(&cx, "http://127.0.0.1:%u/a", p.port),
				  .max_body = 32,
				  .sink = collect,
				  .sink_arg = &g,
				  .resume = &how };
	struct http_response got = { 0 };
	hm_err err = http_send(&cx, c, &r, &got);
	peer_stop(&p);
	http_client_close(c);
	assert_str(hm_bytes(g.text, g.n), hm_cstr(t->got));
	assert_int_equal(how.got, g.n);
	assert_int_equal(atomic_load(&p.n), t->connections);
	for (int i = 0; i < t->connections; i++) {
		const char *want = t->wanted[i];
		if (*want == '!')
			assert_null(strstr(p.seen[i], want + 1));
		else
			assert_non_null(strstr(p.seen[i], want));
	}
	if (t->fault)
		assert_fault(err, HM_INPUT, t->fault);
	else
		assert_ok(err);
	assert_int_equal(t->fault ? 0 : got.status, t->status);
}

/* One that ends well and is short goes on in the next request. */
static void a_resume_outlives_its_request(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct peer p = { .answers = { "HTTP/1.1 200 OK\r\n" CLOSE TAG("\"e\"") "\r\n0123",
				       PART("4-9/10", "Content-Length: 6\r\n\r\n456789") } };
	struct got g = { .n = 0 };
	struct http_resume how = { 0 };
	peer_start(&p);
	struct http_client *c = client(&cx);
	struct http_request r = { .method = "GET",
				  .url = hm_fmt(&cx, "http://127.0.0.1:%u/a", p.port),
				  .sink = collect,
				  .sink_arg = &g,
				  .resume = &how };
	struct http_response got;
	assert_ok(http_send(&cx, c, &r, &got));
	assert_int_equal(how.got, 4);
	assert_ok(http_send(&cx, c, &r, &got));
	peer_stop(&p);
	http_client_close(c);
	assert_str(hm_bytes(g.text, g.n), HM_STR("0123456789"));
	assert_non_null(strstr(p.seen[1], "Range: bytes=4-\r\nIf-Range: \"e\""));
}

static hm_err give(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	bool *given = arg;
	(void)cx;
	*out_n = *given ? 0 : 5;
	assert_true(n >= 5);
	if (!*given)
		memcpy(room, "hello", 5);
	*given = true;
	return NULL;
}

static hm_err give_again(struct hm_cx *cx, void *arg)
{
	(void)cx;
	*(bool *)arg = false;
	return NULL;
}

static void bodies_are_sent_and_sent_again(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	bool given = false;
	struct peer p = { .answers = { "HTTP/1.1 500 No\r\n" CLOSE "Content-Length: 0\r\n\r\n",
				       "HTTP/1.1 201 Yes\r\nContent-Length: 0\r\n\r\n",
				       "HTTP/1.1 201 Yes\r\nContent-Length: 0\r\n\r\n",
				       "HTTP/1.1 202 Yes\r\nContent-Length: 0\r\n\r\n" } };
	peer_start(&p);
	struct http_client *c = client(&cx);
	struct http_request r = {
		.method = "PUT",
		.url = hm_fmt(&cx, "http://127.0.0.1:%u/a", p.port),
		.has_body = true,
		.body = { .size = 5, .read = give, .rewind = give_again, .arg = &given }
	};
	struct http_response got;
	assert_ok(http_send(&cx, c, &r, &got));
	assert_int_equal(got.status, 201);
	r.body = (struct http_body){ .bytes = HM_STR("bytes") };
	assert_ok(http_send(&cx, c, &r, &got));
	r = (struct http_request){ .method = "POST", .url = r.url };
	assert_ok(http_send(&cx, c, &r, &got));
	peer_stop(&p);
	http_client_close(c);
	assert_non_null(strstr(p.seen[0], "\r\n\r\nhello"));
	assert_non_null(strstr(p.seen[1], "\r\n\r\nhello"));
	assert_non_null(strstr(p.seen[2], "\r\n\r\nbytes"));
	assert_null(strstr(p.seen[2], "urlencoded"));
	assert_non_null(strstr(p.seen[3], "Content-Length: 0"));
}

static void refused_before_anything_is_sent(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(1 << 20);
	struct http_client *c = client(&cx), *off;
	struct http_config config = { .offline = true };
	struct http_header h = { HM_STR("A"), HM_STR("b\r\nC: d") };
	struct http_request r = { .method = "GET", .url = HM_STR("http://127.0.0.1:1/") };
	struct http_response got;
	assert_ok(http_client_open(&cx, &config, &off));
	assert_fault(http_send(&cx, off, &r, &got), HM_DENIED, "--offline forbids network use");
	assert_fault(http_send(&cx, c, &r, &got), HM_SYSTEM, "connect");
	r.headers = &h;
	r.headers_n = 1;
	assert_fault(http_send(&cx, c, &r, &got), HM_INPUT, "cannot be sent");
	atomic_bool cancel = true;
	cx.cancel = &cancel;
	r.headers_n = 0;
	assert_fault(http_send(&cx, c, &r, &got), HM_BUSY, "cancelled");
	config = (struct http_config){ .ca_file = "/nonexistent" };
	http_client_close(off);
	http_client_close(c);
	assert_fault(http_client_open(&cx, &config, &c), HM_SYSTEM, "/nonexistent");
}

int main(void)
{
	UNIT_TABLE(answers, answer_cases);
	UNIT(throttled_to_the_end_is_busy);
	UNIT(a_credential_stays_with_its_origin);
	UNIT(a_sink_is_rewound_before_it_gets_bytes_again);
	UNIT_TABLE(resume, resume_cases);
	UNIT(a_resume_outlives_its_request);
	UNIT(bodies_are_sent_and_sent_again);
	UNIT(refused_before_anything_is_sent);
	return unit_run("http/client/client");
}
