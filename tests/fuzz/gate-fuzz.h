/* SPDX-License-Identifier: Apache-2.0 */
/* A gate for fuzzing: offline, its trust policy in a folder that is made once. */
#ifndef TESTS_GATE_FUZZ_H
#define TESTS_GATE_FUZZ_H

#include <stdlib.h>

#include "gate/gate.h"

static inline struct gate *gate_fuzz(void)
{
	static struct hm_cx cx;
	static struct oci_access access;
	static struct gate *g;
	static const struct http_config offline = { .offline = true, .user_agent = "fuzz" };
	char *dir;
	if (g)
		return g;
	cx = HM_CX(SIZE_MAX);
	struct hm_str policy =
		HM_STR("{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"t\",\"registryScopes\":"
		       "[\"r.example.com/a\"],\"signatureVerification\":{\"level\":\"skip\"}}]}");
	if (hm_temp_dir(&cx, &dir) ||
	    hm_write_file(&cx, hm_path(&cx, dir, "trustpolicy.json"), policy, 0600) ||
	    http_client_open(&cx, &offline, &access.http))
		abort();
	struct gate_config c = { .config_dir = dir, .access = &access };
	struct hm_strs on = { 0 };
	*hm_push(&cx, &on) = HM_STR("true");
	if (gate_set(&cx, &c, "allowTags", &on))
		abort();
	hm_err err = gate_open(&cx, &c, &g);
	(void)!hm_remove_tree(&cx, dir);
	if (err)
		abort();
	return g;
}

/* Whatever is answered is JSON. */
static inline void gate_fuzz_is_json(struct hm_cx *cx, const struct hm_buf *b)
{
	struct json doc;
	if (json_parse(cx, hm_buf_str(b), JSON_NO_DUPLICATES, &doc))
		__builtin_trap();
}

#endif
