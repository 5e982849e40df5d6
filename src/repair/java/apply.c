/* SPDX-License-Identifier: Apache-2.0 */
/* Jars into the layer, where the old ones were. */
#include <unistd.h>

#include "repair/java/java.h"

enum { STEP = 256 * 1024 };

static hm_err copy(struct hm_cx *cx, int fd, struct repair_layer *layer)
{
	struct hm_mark mark = hm_mark(cx);
	char *room = hm_new(cx, char, STEP);
	for (ssize_t n = 1; n > 0;) {
		n = read(fd, room, STEP);
		if (n < 0)
			return hm_fail_os(cx, "could not read a temporary file");
		HM_TRY(repair_layer_add(cx, layer, hm_bytes(room, (size_t)n)));
		HM_TRY(hm_alive(cx));
	}
	hm_release(cx, mark);
	return NULL;
}

static hm_err install(struct hm_cx *cx, struct repair_language_run *l, struct repair_layer *layer,
		      const struct java_choice *c)
{
	const struct java_planned *p = l->own;
	const struct repair_node *old = p->installed.p[c->jar].node;
	struct repair_remote r = { c->url, hm_fmt(cx, "sha256:%.*s", HM_FMT(c->sha256)),
				   HM_MAX_REPAIR_JAR };
	struct tar_entry e = { .type = TAR_FILE,
			       .path = c->path,
			       .mode = old->mode & 0777,
			       .uid = old->uid,
			       .gid = old->gid,
			       .mtime = c->time };
	HM_AUTO_FD fd = -1;
	struct hm_str sum;
	HM_TRY(repair_fetch_remote(cx, l->run->o->http, &r, &fd, &sum));
	off_t size = lseek(fd, 0, SEEK_END);
	if (size < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	e.size = (uint64_t)size;
	HM_TRY(repair_layer_put(cx, layer, &e));
	return copy(cx, fd, layer);
}

hm_err repair_java_apply(struct hm_cx *cx, struct repair_language_run *l,
			 struct repair_layer *layer)
{
	const struct java_planned *p = l->own;
	for (size_t i = 0; i < p->choices.n; i++)
		HM_TRY_IN(cx, install(cx, l, layer, &p->choices.p[i]), "\"%.*s\"",
			  HM_FMT(hm_basename(p->choices.p[i].url)));
	for (size_t i = 0; i < p->choices.n; i++) {
		const struct java_choice *c = &p->choices.p[i];
		struct hm_str was = p->installed.p[c->jar].path;
		if (!hm_eq(was, c->path))
			HM_TRY(repair_layer_hide(cx, layer, was));
	}
	return NULL;
}
