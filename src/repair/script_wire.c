/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/script_wire.h"

#include "repair/room.h"

/* ------------------------------------------------------------------ files */

void repair_wire_put_node(struct hm_buf *b, unsigned when, const struct repair_node *n, bool told)
{
	hm_buf_char(b, (char)when);
	hm_buf_char(b, (char)n->type);
	hm_buf_uvarint(b, n->mode);
	hm_buf_uvarint(b, n->uid);
	hm_buf_uvarint(b, n->gid);
	hm_buf_uvarint(b, n->size);
	hm_buf_counted(b, n->path);
	hm_buf_counted(b, n->link);
	hm_buf_char(b, told);
	hm_buf_counted(b, told ? n->content : HM_STR(""));
}

static void add_node(struct hm_cx *cx, struct repair_root *r, const struct repair_node *n)
{
	struct repair_node *own = hm_new(cx, struct repair_node, 1);
	*own = *n;
	hm_map_put(cx, &r->nodes, own->path, own);
}

bool repair_wire_take_node(struct hm_cx *cx, struct hm_cur *c, struct repair_root *before,
			   struct repair_root *after)
{
	struct repair_node n = { 0 };
	uint64_t when = hm_le(c, 1), type = hm_le(c, 1);
	n.type = (enum tar_type)type;
	n.mode = (uint32_t)hm_uvarint(c) & 07777;
	n.uid = (uint32_t)hm_uvarint(c);
	n.gid = (uint32_t)hm_uvarint(c);
	n.size = hm_uvarint(c);
	n.path = hm_take_str(c, hm_uvarint(c));
	n.link = hm_take_str(c, hm_uvarint(c));
	n.is_kept = hm_le(c, 1) == 1;
	n.content = hm_take_str(c, hm_uvarint(c));
	if (when & SHELL_BEFORE)
		add_node(cx, before, &n);
	if (when & SHELL_AFTER)
		add_node(cx, after, &n);
	return type <= TAR_OTHER;
}

bool repair_wire_node_of(const struct repair_put *p, struct repair_node *out)
{
	*out = (struct repair_node){ .path = p->e.path,
				     .link = p->e.type == TAR_SYMLINK ? p->e.link : HM_STR(""),
				     .type = p->e.type == TAR_HARDLINK ? TAR_FILE : p->e.type,
				     .mode = p->e.mode,
				     .uid = p->e.uid,
				     .gid = p->e.gid,
				     .size = p->e.size,
				     .is_kept = p->is_kept,
				     .content = p->content };
	return !hm_starts(hm_basename(out->path), HM_STR(".wh."));
}

/* ------------------------------------------------------------------ what a script does */

void repair_wire_put_answer(struct hm_buf *b, const struct shell *sh)
{
	hm_buf_char(b, sh->is_unknown);
	hm_buf_counted(b, sh->unknown);
	hm_buf_uvarint(b, sh->done.n);
	for (size_t i = 0; i < sh->done.n; i++)
		hm_buf_counted(b, sh->done.p[i]);
	hm_buf_uvarint(b, sh->effects.n);
	for (size_t i = 0; i < sh->effects.n; i++) {
		const struct shell_effect *e = &sh->effects.p[i];
		hm_buf_char(b, (char)e->type);
		hm_buf_uvarint(b, e->mode);
		hm_buf_uvarint(b, e->uid);
		hm_buf_uvarint(b, e->gid);
		hm_buf_counted(b, e->path);
		hm_buf_counted(b, e->text);
	}
}

hm_err repair_wire_take_effect(struct hm_cx *cx, struct hm_cur *c, struct shell_effect *out)
{
	uint64_t type = hm_le(c, 1);
	*out = (struct shell_effect){ .type = (enum shell_effect_type)type };
	out->mode = (uint32_t)hm_uvarint(c) & 07777;
	out->uid = (uint32_t)hm_uvarint(c);
	out->gid = (uint32_t)hm_uvarint(c);
	out->path = hm_take_str(c, hm_uvarint(c));
	out->text = hm_take_str(c, hm_uvarint(c));
	if (c->bad || type >= SHELL_EFFECTS)
		return hm_fail(cx, HM_INPUT, "their reader answered in no known form");
	HM_TRY(tar_clean_path(cx, out->path, &out->path));
	return out->path.n ? NULL : hm_fail(cx, HM_INPUT, "their reader answered in no known form");
}
