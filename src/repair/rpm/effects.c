/* SPDX-License-Identifier: Apache-2.0 */
/* What scripts leave in the image, into the layer. */
#include "repair/rpm/script.h"

static bool is_special(const struct shell_effect *e)
{
	return (e->mode & 06000) && (e->type == SHELL_MODE || e->type == SHELL_WRITE);
}

/* What is at the path when all packages are there. */
struct now {
	bool exists, in_layer, is_kept;
	struct tar_entry e;
	struct hm_str content;
};

static struct now look(const struct rpm_at *at, struct hm_str path)
{
	const struct repair_put *p = hm_map_get(&at->l->emitted, path);
	const struct repair_node *n = repair_root_at(&at->run->root, path);
	if (p)
		return (struct now){ true, true, p->is_kept, p->e, p->content };
	struct now now = { .exists = n != NULL };
	if (n) {
		now.e = (struct tar_entry){ .path = n->path,
					    .type = n->type,
					    .mode = n->mode,
					    .uid = n->uid,
					    .gid = n->gid,
					    .link = n->link };
		now.is_kept = n->is_kept;
		now.content = n->content;
	}
	return now;
}

static bool is_done(const struct now *now, const struct shell_effect *e)
{
	switch (e->type) {
	case SHELL_MKDIR:
		return now->exists && now->e.type == TAR_DIR;
	case SHELL_MODE:
		return now->exists && now->e.mode == e->mode;
	case SHELL_OWNER:
		return now->exists && now->e.uid == e->uid && now->e.gid == e->gid;
	case SHELL_LINK:
		return now->exists && now->e.type == TAR_SYMLINK && hm_eq(now->e.link, e->text);
	case SHELL_REMOVE:
		return !now->exists;
	case SHELL_WRITE:
		return now->exists && now->e.type == TAR_FILE && now->is_kept &&
		       hm_eq(now->content, e->text);
	case SHELL_CAPABILITY:
	case SHELL_EFFECTS:
		break;
	}
	return false;
}

static hm_err put(struct hm_cx *cx, const struct rpm_at *at, const struct shell_effect *e,
		  const struct now *now)
{
	struct tar_entry own = { .path = e->path,
				 .mode = e->mode,
				 .uid = e->uid,
				 .gid = e->gid,
				 .mtime = at->l->newest,
				 .type = e->type == SHELL_MKDIR ? TAR_DIR : TAR_SYMLINK,
				 .link = e->type == SHELL_LINK ? e->text : HM_STR("") };
	if (e->type == SHELL_REMOVE)
		return repair_layer_hide(cx, at->l, e->path);
	if (e->type != SHELL_WRITE)
		return repair_layer_put(cx, at->l, &own);
	if (now->exists) {
		own.mode = now->e.mode;
		own.uid = now->e.uid;
		own.gid = now->e.gid;
	}
	return repair_layer_file(cx, at->l, &own, e->text);
}

/* New bytes, or a new owner, of a program that has rights of its own. */
static bool would_inherit(const struct now *now, const struct shell_effect *e)
{
	return now->exists && repair_rights_has(&now->e) && e->type != SHELL_MODE &&
	       e->type != SHELL_REMOVE;
}

/* The bytes of a file that came with a package stay as they came; of others only what is known is
 * written again. */
static bool can_do(const struct now *now, const struct shell_effect *e)
{
	bool change = e->type == SHELL_MODE || e->type == SHELL_OWNER;
	bool folder = now->exists && now->e.type == TAR_DIR;
	if (would_inherit(now, e) || (now->in_layer && !change) || is_special(e) ||
	    e->type == SHELL_CAPABILITY)
		return false;
	if (now->in_layer)
		return true;
	if (!change)
		return !folder;
	return folder || (now->exists && now->e.type == TAR_FILE && now->is_kept);
}

/* *out_why: empty, or why it cannot be done here. */
hm_err repair_rpm_effect(struct hm_cx *cx, const struct rpm_at *at, const struct shell_effect *e,
			 struct hm_str *out_why)
{
	struct now now = look(at, e->path);
	struct tar_entry own = now.e;
	*out_why = HM_STR("");
	if (is_done(&now, e))
		return NULL;
	if (!can_do(&now, e)) {
		*out_why = hm_fmt(cx, "\"/%.*s\" is changed, which cannot be done here",
				  HM_FMT(e->path));
		return NULL;
	}
	if (e->type != SHELL_MODE && e->type != SHELL_OWNER)
		return put(cx, at, e, &now);
	own.path = e->path;
	own.mtime = at->l->newest;
	if (e->type == SHELL_MODE) {
		own.mode = e->mode;
	} else {
		own.uid = e->uid;
		own.gid = e->gid;
	}
	if (now.in_layer) {
		bool done;
		HM_TRY(repair_layer_change(cx, at->l, &own, &done));
		if (!done)
			*out_why = hm_fmt(cx, "\"/%.*s\" is changed, which cannot be done here",
					  HM_FMT(e->path));
		return NULL;
	}
	return own.type == TAR_DIR ? repair_layer_folder(cx, at->l, &own)
				   : repair_layer_file(cx, at->l, &own, now.content);
}
