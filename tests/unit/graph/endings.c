/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs on certificates that end, or are revoked. */
#include "fixture.h"
#include "graph/graph.h"

enum { DAY = 24 * 3600 };

static void end(struct hm_cx *cx, struct graph *g, const char *identity, int64_t when,
		const char *signature)
{
	fixture_say(cx, g, &fixture_file,
		    hm_fmt(cx,
			   "signedBy;artifact:sha256:%02x;identity:%s;%s\n"
			   "hasMetadata;identity:%s;;{\"key\":\"notAfter\",\"value\":\"%.*s\"}\n",
			   (unsigned)hm_hash(hm_cstr(identity)) & 0xff, identity, signature,
			   identity, HM_FMT(hm_rfc3339(cx, when)))
			    .p);
}

static struct hm_str list(struct hm_cx *cx, struct graph *g, int64_t within, size_t rows)
{
	struct graph_limits limits = { .rows = rows };
	struct graph_hangings all;
	struct hm_str out = HM_STR("");
	assert_ok(graph_expiring(cx, g, within, &limits, &all));
	for (size_t i = 0; i < all.n; i++)
		out = hm_fmt(cx, "%.*s%.*s%s%s:%zu ", HM_FMT(out), HM_FMT(all.p[i].identity.key),
			     all.p[i].is_revoked ? "!" : "", all.p[i].is_over ? "-" : "",
			     all.p[i].made.n);
	return all.cut ? hm_fmt(cx, "%.*scut", HM_FMT(out)) : out;
}

static void finds_what_ends(void **state)
{
	(void)state;
	HM_AUTO_CX memory = HM_CX(64 * HM_MIB);
	struct hm_cx *cx = &memory;
	struct graph *g = fixture_open(cx);
	int64_t now = hm_now();
	assert_strz(list(cx, g, INT64_C(1) << 40, 0), "");
	end(cx, g, "cert:later", now + 90 * DAY, "{}");
	end(cx, g, "cert:soon", now + 2 * DAY, "{}");
	end(cx, g, "cert:over", now - 2 * DAY, "{\"verified\":false}");
	end(cx, g, "cert:bad", now + 900 * DAY, "{\"revoked\":true}");
	end(cx, g, "oidc:https://issuer|me", now - 3 * DAY, "{}");
	fixture_say(
		cx, g, &fixture_file,
		"signedBy;artifact:sha256:00;identity:key:sha256:00;{}\n"
		"signedBy;artifact:sha256:01;identity:cert:soon;{}\n"
		"signedBy;artifact:sha256:00;identity:cert:odd;not JSON\n"
		"hasMetadata;identity:cert:odd;;{\"key\":\"notAfter\",\"value\":\"one day\"}\n");
	/* renewed: the later one counts */
	end(cx, g, "cert:renewed", now + DAY, "{}");
	end(cx, g, "cert:renewed", now + 200 * DAY, "{}");
	assert_strz(list(cx, g, 30 * DAY, 0), "cert:bad!:1 cert:over-:1 cert:soon:2 ");
	assert_strz(list(cx, g, 0, 0), "cert:bad!:1 cert:over-:1 ");
	assert_strz(list(cx, g, 365 * DAY, 0),
		    "cert:bad!:1 cert:over-:1 cert:soon:2 cert:later:1 cert:renewed:2 ");
	assert_strz(list(cx, g, 365 * DAY, 2), "cert:bad!:1 cert:over-:1 cut");
	graph_close(g);
}

/* The signatures of before its certificate was revoked are more than are listed. */
static void sees_that_a_busy_signer_was_revoked(void **state)
{
	(void)state;
	HM_AUTO_CX memory = HM_CX(64 * HM_MIB);
	struct hm_cx *cx = &memory;
	struct graph *g = fixture_open(cx);
	fixture_say(cx, g, &fixture_file,
		    "signedBy;artifact:sha256:01;identity:cert:busy;{}\n"
		    "signedBy;artifact:sha256:02;identity:cert:busy;{}\n"
		    "signedBy;artifact:sha256:03;identity:cert:busy;{}\n");
	assert_strz(list(cx, g, DAY, 1), "");
	fixture_say(cx, g, &fixture_file,
		    "signedBy;artifact:sha256:04;identity:cert:busy;{\"revoked\":true}\n");
	assert_strz(list(cx, g, DAY, 1), "cert:busy!:1 cut");
	graph_close(g);
}

/* ------------------------------------------------------------------ a list */

/* Serial numbers of "CN=root" whose key is "aa". */
static bool names(void *arg, const struct graph_issued *c, int64_t *out_since,
		  struct hm_str *out_reason)
{
	const char *serial = arg;
	*out_since = 1000;
	*out_reason = HM_STR("superseded");
	return hm_eqz(c->serial, serial) && hm_eqz(c->issuer, "CN=root") &&
	       (!c->key.n || hm_eqz(c->key, "aa"));
}

static struct hm_str list_named(struct hm_cx *cx, struct graph *g, char *serial, size_t rows)
{
	struct graph_limits limits = { .rows = rows };
	const struct graph_revoking by = { names, serial };
	struct graph_revoked all;
	struct hm_str out = HM_STR("");
	assert_ok(graph_revoked(cx, g, &by, &limits, &all));
	for (size_t i = 0; i < all.n; i++)
		out = hm_fmt(cx, "%.*s%.*s%s:%zu ", HM_FMT(out), HM_FMT(all.p[i].identity.key),
			     all.p[i].is_above ? "^" : "", all.p[i].made.n);
	return hm_fmt(cx, "%.*s?%zu%s", HM_FMT(out), all.unknown, all.cut ? " cut" : "");
}

static void finds_what_a_list_names(void **state)
{
	(void)state;
	HM_AUTO_CX memory = HM_CX(64 * HM_MIB);
	struct hm_cx *cx = &memory;
	struct graph *g = fixture_open(cx);
	char one[] = "01", two[] = "02", three[] = "03", nobody[] = "04";
	assert_strz(list_named(cx, g, one, 0), "?0");
	fixture_say(
		cx, g, &fixture_file,
		"signedBy;artifact:sha256:01;identity:cert:a;{}\n"
		"signedBy;artifact:sha256:02;identity:cert:a;{}\n"
		"hasMetadata;identity:cert:a;;{\"key\":\"issued\",\"value\":\"01\",\"issuer\":\"CN=root\",\"issuerKey\":\"aa\",\"justification\":\"signing certificate\"}\n"
		/* another key of the same name; a chain without the issuer */
		"signedBy;artifact:sha256:03;identity:cert:b;{}\n"
		"hasMetadata;identity:cert:b;;{\"key\":\"issued\",\"value\":\"01\",\"issuer\":\"CN=root\",\"issuerKey\":\"bb\"}\n"
		"signedBy;artifact:sha256:04;identity:cert:c;{}\n"
		"hasMetadata;identity:cert:c;;{\"key\":\"issued\",\"value\":\"01\",\"issuer\":\"CN=root\"}\n"
		/* by another name; by an authority that is named; by both */
		"signedBy;artifact:sha256:05;identity:cert:d;{}\n"
		"hasMetadata;identity:cert:d;;{\"key\":\"issued\",\"value\":\"01\",\"issuer\":\"CN=other\",\"issuerKey\":\"aa\"}\n"
		"hasMetadata;identity:cert:d;;{\"key\":\"issued\",\"value\":\"02\",\"issuer\":\"CN=root\",\"issuerKey\":\"aa\",\"justification\":\"certificate authority\"}\n"
		/* nobody knows; nothing is to be known */
		"signedBy;artifact:sha256:06;identity:cert:old;{}\n"
		"hasMetadata;identity:cert:old;;{\"key\":\"issued\",\"value\":3}\n"
		"signedBy;artifact:sha256:07;identity:cert:older;{}\n"
		"hasMetadata;identity:cert:older;;not JSON\n"
		"signedBy;artifact:sha256:08;identity:key:sha256:00;{}\n"
		"signedBy;artifact:sha256:09;identity:oidc:https://issuer|me;{}\n");
	assert_strz(list_named(cx, g, one, 0), "cert:a:2 cert:c:1 ?1");
	assert_strz(list_named(cx, g, two, 0), "cert:d^:1 ?1");
	assert_strz(list_named(cx, g, three, 0), "?1");
	assert_strz(list_named(cx, g, nobody, 0), "?1");
	assert_strz(list_named(cx, g, one, 1), "cert:a:1 ?1 cut");
	graph_close(g);
}

int main(void)
{
	UNIT(finds_what_ends);
	UNIT(finds_what_a_list_names);
	UNIT(sees_that_a_busy_signer_was_revoked);
	return unit_run("graph/endings");
}
