/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier patch of an image has replaced. A new patch takes its place, from the same base:
 * a scan of the patched image does not name those packages any more, and they must not become old
 * again. The earlier layer says which they were, in an annotation: a line each.
 */
#include "repair/room.h"

enum { FIELDS = 5 };

static bool is_field(struct hm_str s)
{
	return !hm_has_control(s);
}

struct hm_str repair_earlier_text(struct hm_cx *cx, const struct repair_changes *changes)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (size_t i = 0; i < changes->n; i++) {
		const struct repair_change *c = &changes->p[i];
		if (!c->from.n || !c->to.n || !is_field(c->name) || !is_field(c->arch) ||
		    !is_field(c->to) || !is_field(c->place))
			continue;
		hm_buf_fmt(&b, "%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", HM_FMT(c->type), HM_FMT(c->name),
			   HM_FMT(c->arch), HM_FMT(c->to), HM_FMT(c->place));
	}
	return b.over ? HM_STR("") : hm_dup(cx, hm_buf_str(&b));
}

static bool read_line(struct hm_cx *cx, struct hm_str line, struct repair_wanted *out)
{
	struct hm_str fields[FIELDS];
	for (size_t i = 0; i < FIELDS; i++)
		fields[i] = hm_cut(&line, '\t');
	if (!fields[1].n || !fields[3].n || line.n)
		return false;
	*out = (struct repair_wanted){ .id = HM_STR("an earlier patch"),
				       .type = fields[0],
				       .name = fields[1],
				       .arch = fields[2],
				       .fixed = fields[3],
				       .is_other = fields[0].n > 0 };
	if (out->is_other) {
		*hm_push(cx, &out->fixes) = fields[3];
		*hm_push(cx, &out->paths) = fields[4];
	}
	return true;
}

/* In the base it has another version, and so another folder of metadata. */
static void loosen(struct hm_cx *cx, struct repair_wanted *w)
{
	struct hm_strs folders = { 0 };
	if (!w->is_other)
		return;
	w->installed = HM_STR("");
	for (size_t i = 0; i < w->paths.n; i++) {
		struct hm_str folder = hm_dirname(w->paths.p[i]);
		bool is_info = hm_ends(folder, HM_STR(".dist-info"));
		*hm_push(cx, &folders) = is_info ? hm_dirname(folder) : w->paths.p[i];
	}
	w->paths = folders;
}

void repair_earlier_want(struct hm_cx *cx, struct hm_str text, struct repair_options *o)
{
	struct repair_wanteds all = { 0 };
	bool any = o->all;
	for (size_t i = 0; i < o->wanted_n; i++) {
		struct repair_wanted w = o->wanted[i];
		any = any || w.fixed.n;
		loosen(cx, &w);
		*hm_push(cx, &all) = w;
	}
	while (any && text.n && all.n < HM_MAX_MATCHES) {
		struct repair_wanted w;
		if (read_line(cx, hm_line(&text), &w))
			*hm_push(cx, &all) = w;
	}
	o->wanted = all.p;
	o->wanted_n = all.n;
}

void repair_earlier_end(struct hm_cx *cx, struct repair_result *r, size_t asked)
{
	for (size_t i = asked; i < r->findings_n; i++) {
		const struct repair_finding *f = &r->findings[i];
		if (f->outcome != REPAIR_FIXED)
			*hm_push(cx, &r->notes) = hm_fmt(
				cx,
				"an earlier patch had %.*s %.*s, which could not be had again: %.*s",
				HM_FMT(f->wanted.name), HM_FMT(f->wanted.fixed), HM_FMT(f->why));
	}
	if (r->findings_n > asked)
		r->findings_n = asked;
}
