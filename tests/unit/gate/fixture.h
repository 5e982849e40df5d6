/* SPDX-License-Identifier: Apache-2.0 */
/* A gate without a registry: a trust policy that believes two scopes unseen, an exempt namespace.
 */
#ifndef TESTS_GATE_FIXTURE_H
#define TESTS_GATE_FIXTURE_H

#include "unit.h"

#include "gate/pipeline.h"

#define DIGEST_1 "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define DIGEST_2 "sha256:2222222222222222222222222222222222222222222222222222222222222222"
#define KNOWN    "reg.example.com/shop/web@" DIGEST_1 /* its verdict is in the cache: admitted */
#define REFUSED  "reg.example.com/shop/web@" DIGEST_2 /* likewise: denied */

static inline void gate_known(struct gate *g, struct hm_cx *cx, const char *space,
			      const char *image, bool admitted)
{
	struct hm_str key = gate_verdict_key(cx, g->current, hm_cstr(space), hm_cstr(image));
	struct gate_verdict v = { .admitted = admitted,
				  .image = hm_cstr(image),
				  .made = hm_now(),
				  .valid_until = INT64_MAX };
	struct gate_entry e = { .until = INT64_MAX, .admitted = admitted, .digest = v.image };
	e.why = v.why = admitted ? HM_STR("") : HM_STR("image \"x\" is denied by rule \"signed\"");
	assert_ok(gate_verdict_pack(cx, &v, &e.text));
	gate_cache_put(g->cache, key, &e);
}

/* One parameter of a rule. */
static inline void gate_tell(struct hm_cx *cx, struct gate_config *c, const char *key,
			     const char *word)
{
	struct hm_strs words = { 0 };
	*hm_push(cx, &words) = hm_cstr(word);
	assert_ok(gate_set(cx, c, key, &words));
}

static struct oci_access fixture_access; /* offline: whoever asks a registry fails */

static inline struct gate *gate_fixture(struct hm_cx *cx)
{
	static const struct http_config offline = { .offline = true, .user_agent = "test" };
	char *dir = hm_path(cx, unit_temp_dir(), "config");
	assert_ok(hm_mkdirs(cx, dir, 0700));
	assert_ok(hm_write_file(
		cx, hm_path(cx, dir, "trustpolicy.json"),
		HM_STR("{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"t\",\"registryScopes\":"
		       "[\"reg.example.com/shop/web\",\"Reg.Example.com:443/other\"],\"signatureVerification\":{\"level\":\"skip\"}}]}"),
		0600));
	assert_ok(http_client_open(cx, &offline, &fixture_access.http));
	struct gate_config c = { .config_dir = dir, .access = &fixture_access };
	struct hm_strs exempt = { 0 };
	*hm_push(cx, &exempt) = HM_STR("kube-*");
	*hm_push(cx, &exempt) = HM_STR("hullmark");
	assert_ok(gate_set(cx, &c, "exemptNamespaces", &exempt));
	struct gate *g;
	assert_ok(gate_open(cx, &c, &g));
	static const char *const spaces[] = { "", "shop", "kube-system" };
	for (size_t i = 0; i < HM_LEN(spaces); i++) {
		gate_known(g, cx, spaces[i], KNOWN, true);
		gate_known(g, cx, spaces[i], REFUSED, false);
	}
	return g;
}

static inline void gate_fixture_done(struct gate *g)
{
	gate_close(g);
	http_client_close(fixture_access.http);
}

/* 'x' to "x": JSON that can be read in C. */
static inline struct hm_str quoted(struct hm_cx *cx, const char *text)
{
	struct hm_str s = hm_dup(cx, hm_cstr(text));
	for (char *p = (char *)s.p; *p; p++)
		if (*p == '\'')
			*p = '"';
	return s;
}

#endif
