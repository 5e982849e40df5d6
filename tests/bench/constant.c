/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server that does nothing but serve: what the HTTP server can do at most, for comparison.
 *
 *     constant ADDRESS:PORT [CERT KEY [FILE]]
 *
 * /fast answers 256 bytes on the socket thread, /pool the same from a worker, /echo gives a body
 * back, /drop reads it, /file sends FILE. Prints the port; ends when standard input does.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "http/http.h"

static char answer[256];

static hm_err pool(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	(void)arg;
	return http_exchange_answer(cx, x, 200, "application/json",
				    hm_bytes(answer, sizeof(answer)));
}

static bool fast(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	return !pool(cx, arg, x);
}

static hm_err echo(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct hm_str body;
	(void)arg;
	HM_TRY(http_exchange_body(cx, x, 16 * HM_MIB, &body));
	return http_exchange_answer(cx, x, 200, "application/octet-stream", body);
}

static hm_err drop(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	size_t n, all = 0;
	char *room = hm_new(cx, char, 256 * 1024);
	(void)arg;
	do {
		HM_TRY(http_exchange_read(cx, x, room, 256 * 1024, &n));
		all += n;
	} while (n);
	return http_exchange_answer(cx, x, 200, "text/plain", hm_fmt(cx, "%zu\n", all));
}

static hm_err file(struct hm_cx *cx, void *arg, struct http_exchange *x)
{
	struct stat st;
	const char *path = *(const char **)arg;
	HM_AUTO_FD fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0 || fstat(fd, &st) < 0)
		return hm_fail(cx, HM_ABSENT, "no file");
	struct http_file file = { hm_move_fd(fd), 0, (uint64_t)st.st_size };
	return http_exchange_answer_file(cx, x, 200, "application/octet-stream", file);
}

int main(int argc, char **argv)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	const char *path = argc > 4 ? argv[4] : NULL;
	struct http_route routes[] = {
		{ .method = "*", .prefix = "/fast", .run = pool, .fast = fast, .budget = HM_MIB },
		{ .method = "*", .prefix = "/pool", .run = pool, .budget = HM_MIB },
		{ .method = "*", .prefix = "/echo", .run = echo, .budget = 64 * HM_MIB },
		{ .method = "*", .prefix = "/drop", .run = drop, .budget = HM_MIB },
		{ .method = "GET", .prefix = "/file", .run = file, .arg = &path, .budget = HM_MIB },
		{ .prefix = NULL },
	};
	struct http_listener l = { .address = hm_cstr(argc > 1 ? argv[1] : "127.0.0.1:0"),
				   .routes = routes };
	if (argc > 3 && *argv[2]) {
		l.cert = argv[2];
		l.key = argv[3];
	}
	struct http_server_config config = { .listeners = &l, .listeners_n = 1 };
	struct http_server *s;
	memset(answer, 'x', sizeof(answer));
	hm_err err = http_server_start(&cx, &config, &s);
	if (err) {
		fprintf(stderr, "%s\n", err->why);
		return EXIT_FAILURE;
	}
	printf("%u\n", l.port);
	fflush(stdout);
	while (getchar() != EOF)
		continue;
	http_server_stop(s);
	return EXIT_SUCCESS;
}
