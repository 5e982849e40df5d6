/* SPDX-License-Identifier: Apache-2.0 */
/* Jars into the layer, where the old ones were. */
#include "repair/java/java.h"

static hm_err install(struct hm_cx *cx, struct repair_language_run *l, struct repair_layer *layer,
		      const struct java_choice *c)
{
	const struct java_planned *p = l->own;
	const struct repair_node *old = p->installed.p[c->jar].node;
	struct tar_entry e = { .type = TAR_FILE,
			       .path = c->path,
			       .mode = old->mode & 0777,
			       .uid = old->uid,
			       .gid = old->gid,
			       .mtime = c->time };
	HM_AUTO_FD fd = -1;
	HM_TRY(repair_java_fetch_choice(cx, l, c, &fd, &e.size));
	HM_TRY(repair_layer_put(cx, layer, &e));
	return repair_layer_add_fd(cx, layer, fd);
}

hm_err repair_java_apply(struct hm_cx *cx, struct repair_language_run *l,
			 struct repair_layer *layer)
{
	const struct java_planned *p = l->own;
	for (size_t i = 0; i < p->choices.n; i++)
		if (!p->installed.p[p->choices.p[i].jar].outer.n)
			HM_TRY_IN(cx, install(cx, l, layer, &p->choices.p[i]), "\"%.*s\"",
				  HM_FMT(hm_basename(p->choices.p[i].url)));
	HM_TRY(repair_java_apply_nested(cx, l, layer));
	for (size_t i = 0; i < p->choices.n; i++) {
		const struct java_choice *c = &p->choices.p[i];
		const struct java_jar *was = &p->installed.p[c->jar];
		if (!was->outer.n && !hm_eq(was->path, c->path))
			HM_TRY(repair_layer_hide(cx, layer, was->path));
	}
	return NULL;
}
