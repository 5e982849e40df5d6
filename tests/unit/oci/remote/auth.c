/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "codec/base64.h"
#include "oci/remote/remote.h"
#include "unit.h"

/* What is secret here, masked (unit_mask), so that this program does not hold it itself. */
enum { LONG = 24 };
struct secrets {
	char password[LONG], token[LONG];
	char pair[LONG]; /* how the name and the password begin in base64 */
};

/* Any password that nobody else has: its letters follow from their places. */
static void invent(char *masked, int seed)
{
	for (int i = 0; i < LONG; i++)
		masked[i] = (char)('a' + (i * i + seed * (i + 3)) % 26);
	unit_mask(masked, LONG);
}

static struct hm_secret unmasked(const char *masked)
{
	struct hm_secret s = hm_secret_of(hm_bytes(masked, LONG));
	unit_mask(s.bytes.p, LONG);
	return s;
}

/* --- the registry, in a process of its own --- */

static void answer(int fd, const char *status, const char *header, const char *body)
{
	char text[1024];
	int n = snprintf(text, sizeof(text),
			 "HTTP/1.1 %s\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n%s",
			 status, header, strlen(body), body);
	if (write(fd, text, (size_t)n) != n)
		_exit(1);
}

static void serve_one(int fd, unsigned port, const struct secrets *s)
{
	char request[4096] = "", header[256], want[256], body[256];
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	size_t n = 0;
	while (!strstr(request, "\r\n\r\n") && n < sizeof(request) - 1) {
		ssize_t got = read(fd, request + n, sizeof(request) - 1 - n);
		if (got <= 0)
			return;
		n += (size_t)got;
	}
	struct hm_secret password = unmasked(s->password), token = unmasked(s->token);
	struct hm_str pair = hm_fmt(&cx, "ann:%.*s", HM_FMT(hm_secret_str(&password)));
	snprintf(header, sizeof(header),
		 "WWW-Authenticate: Bearer realm=\"http://127.0.0.1:%u/token\",service=\"s\"\r\n",
		 port);
	snprintf(body, sizeof(body), "{\"token\":\"%s\",\"expires_in\":300}",
		 hm_secret_str(&token).p);
	bool wants_token = strncmp(request, "GET /token", 10) == 0;
	if (wants_token)
		snprintf(want, sizeof(want), "Authorization: Basic %s\r\n",
			 base64_format(&cx, BASE64_STD, pair).p);
	else
		snprintf(want, sizeof(want), "Authorization: Bearer %s\r\n",
			 hm_secret_str(&token).p);
	if (!strstr(request, want))
		answer(fd, "401 Unauthorized", wants_token ? "" : header, "");
	else
		answer(fd, "200 OK", "", wants_token ? body : "{\"name\":\"x\",\"tags\":[\"v1\"]}");
}

static pid_t start_registry(const struct secrets *s, unsigned *out_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(at);
	HM_AUTO_FD listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, n) | listen(listener, 8), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &n), 0);
	*out_port = ntohs(at.sin_port);
	pid_t pid = fork();
	if (pid)
		return pid;
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			_exit(1);
		serve_one(fd, *out_port, s);
		close(fd);
	}
}

/* --- and we --- */

static void write_config(struct hm_cx *cx, const char *dir, unsigned port, struct secrets *s)
{
	HM_AUTO_CX own = hm_secret_cx(cx, HM_MIB);
	HM_AUTO_SECRET password = unmasked(s->password);
	struct hm_str pair = hm_fmt(&own, "ann:%.*s", HM_FMT(hm_secret_str(&password)));
	struct hm_str text = base64_format(&own, BASE64_STD, pair);
	assert_true(text.n >= LONG);
	memcpy(s->pair, text.p, LONG);
	unit_mask(s->pair, LONG);
	assert_ok(hm_write_file(&own, hm_path(&own, dir, "config.json"),
				hm_fmt(&own, "{\"auths\":{\"127.0.0.1:%u\":{\"auth\":\"%.*s\"}}}",
				       port, HM_FMT(text)),
				0600));
}

static void assert_hidden(const struct secrets *s)
{
	assert_int_equal(unit_exposed(hm_bytes(s->password, LONG)), 0);
	assert_int_equal(unit_exposed(hm_bytes(s->pair, LONG)), 0);
	assert_int_equal(unit_exposed(hm_bytes(s->token, LONG)), 0);
}

/* A password is found, a token is got for it and used: nothing of them stays in ordinary memory. */
static void nothing_of_a_credential_lies_about(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct secrets s;
	unsigned port;
	struct http_config config = { 0 };
	struct oci_access access = { .plain_http = true, .docker_config = unit_temp_dir() };
	invent(s.password, 5);
	invent(s.token, 11);
	pid_t registry = start_registry(&s, &port);
	write_config(&cx, access.docker_config, port, &s);
	struct oci_target t;
	struct oci_place *place;
	struct hm_strs tags;
	assert_ok(http_client_open(&cx, &config, &access.http));
	assert_ok(oci_target_parse(&cx, hm_fmt(&cx, "127.0.0.1:%u/x", port), &t));
	assert_ok(oci_open(&cx, &access, &t, OCI_READ, &place));
	hm_err err = oci_tags(&cx, place, &tags);
	kill(registry, SIGKILL);
	waitpid(registry, NULL, 0);
	assert_ok(err);
	assert_int_equal(tags.n, 1);
	assert_hidden(&s);
	oci_close(place);
	http_client_close(access.http);
	assert_hidden(&s);
}

int main(void)
{
	UNIT(nothing_of_a_credential_lies_about);
	return unit_run("oci/remote/auth");
}
