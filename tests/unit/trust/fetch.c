/* SPDX-License-Identifier: Apache-2.0 */
/* Who knows about revocation takes the connection, and never answers. */
#include "unit.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trust/config.h"

#define MS (HM_SECOND / 1000)

/* libcurl counts in whole milliseconds, and ends a little early. How late it is, the machine
 * decides: it is only not as late as another of these patiences. */
static const struct patience_case {
	const char *label;
	struct trust_patience patience;
	const char *body; /* of an OCSP request; "": a list is asked for */
	int64_t deadline, least, most;
} patience_cases[] = {
	{ "an OCSP answer",
	  { .ocsp = 300 * MS, .crl = 20 * HM_SECOND },
	  "x",
	  0,
	  290 * MS,
	  15 * HM_SECOND },
	{ "a list", { .ocsp = 20 * HM_SECOND, .crl = 300 * MS }, "", 0, 290 * MS, 15 * HM_SECOND },
	{ "what is usual", { 0 }, "x", 0, 1990 * MS, 15 * HM_SECOND },
	{ "less, where there is less",
	  { .ocsp = 20 * HM_SECOND },
	  "x",
	  300 * MS,
	  200 * MS,
	  15 * HM_SECOND },
};

static void patience(void **state)
{
	const struct patience_case *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(to);
	HM_AUTO_FD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&to, n), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&to, &n), 0);
	struct http_config config = { 0 };
	struct trust_verify_options o = { .patience = t->patience };
	assert_ok(http_client_open(&cx, &config, &o.http));
	struct crypto_fetch f = trust_fetch(&o);
	struct hm_str got;
	int64_t began = hm_mono();
	cx.deadline = t->deadline ? began + t->deadline : 0;
	struct crypto_question q = { hm_fmt(&cx, "http://127.0.0.1:%u/", ntohs(to.sin_port)),
				     HM_STR("application/ocsp-request"), hm_cstr(t->body), 1000 };
	hm_err err = f.run(&cx, f.arg, &q, &got);
	int64_t took = hm_mono() - began;
	bool late =
		err && strstr(err->why, "the deadline has passed"); /* or libcurl saw it first */
	/* where starting took all the time, it was not even looked up */
	bool early = err && strstr(err->why, "with timeout after");
	assert_fault(err, HM_BUSY,
		     late    ? "the deadline has passed"
		     : early ? "with timeout after"
			     : "operation timed out");
	assert_in_range(took, t->least, t->most);
	http_client_close(o.http);
}

static void nobody_is_asked_without_a_client(void **state)
{
	(void)state;
	struct trust_verify_options o = { 0 };
	assert_null(trust_fetch(&o).run);
}

int main(void)
{
	UNIT_TABLE(patience, patience_cases);
	UNIT(nobody_is_asked_without_a_client);
	return unit_run("trust/fetch");
}
