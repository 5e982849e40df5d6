/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/root.h"

#include "base/key.h"
#include "base/pool.h"
#include "base/worker.h"
#include "repair/repair.h"

enum { LINKS_MAX = 40 /* Linux, path_resolution(7) */ };

/* ------------------------------------------------------------------ the tree */

static struct repair_node *node_at(const struct repair_root *r, struct hm_str path)
{
	return path.n ? hm_map_get(&r->nodes, path) : r->top;
}

const struct repair_node *repair_root_at(const struct repair_root *r, struct hm_str path)
{
	struct repair_node *n = node_at(r, path);
	return n && !n->is_gone ? n : NULL;
}

static void remove_below(struct repair_root *r, struct repair_node *top)
{
	struct repair_node *at = top->first;
	while (at) {
		if (!at->is_gone)
			r->n--;
		at->is_gone = true;
		if (at->first) {
			at = at->first;
			continue;
		}
		while (at && at != top && !at->next)
			at = at->parent;
		at = at && at != top ? at->next : NULL;
	}
}

static void remove_node(struct repair_root *r, struct repair_node *n)
{
	if (n->is_gone)
		return;
	remove_below(r, n);
	n->is_gone = true;
	r->n--;
}

static struct repair_node *add_node(struct hm_cx *cx, struct repair_root *r,
				    struct repair_node *parent, struct hm_str path)
{
	struct repair_node *n = hm_new(cx, struct repair_node, 1);
	n->path = path;
	n->parent = parent;
	n->is_gone = true;
	if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	hm_map_put(cx, &r->nodes, n->path, n);
	return n;
}

/* The node of a path, made where it was never there, with its folders. */
static struct repair_node *make_node(struct hm_cx *cx, struct repair_root *r, struct hm_str path)
{
	struct repair_node *at = hm_map_get(&r->nodes, path);
	if (at)
		return at;
	at = hm_map_get(&r->nodes, hm_dirname(path));
	if (at) /* nearly always */
		return add_node(cx, r, at, path);
	at = r->top;
	for (size_t n = 1; n <= path.n; n++) {
		struct hm_str part = hm_sub(path, 0, n);
		if (n < path.n && path.p[n] != '/')
			continue;
		struct repair_node *next = node_at(r, part);
		at = next ? next : add_node(cx, r, at, part);
	}
	return at;
}

/* Folders that an archive leaves out are there all the same (containerd makes them 0755). */
static hm_err make_folders(struct hm_cx *cx, struct repair_root *r, struct repair_node *of)
{
	for (struct repair_node *n = of->parent; n && n != r->top; n = n->parent) {
		if (!n->is_gone && n->type != TAR_DIR)
			return hm_fail(
				cx, HM_INPUT,
				"an entry below \"%.*s\", which is not a folder in the layers below",
				HM_FMT(n->path));
		if (!n->is_gone)
			continue;
		n->is_gone = false;
		n->type = TAR_DIR;
		n->mode = 0755;
		n->uid = n->gid = 0;
		n->mtime = 0;
		r->n++;
	}
	return NULL;
}

struct repair_root repair_root_new(struct hm_cx *cx)
{
	struct repair_root r = { .top = hm_new(cx, struct repair_node, 1) };
	r.top->type = TAR_DIR;
	r.top->mode = 0755;
	return r;
}

/* ------------------------------------------------------------------ layers onto it */

struct entry {
	enum tar_type type;
	struct hm_str path, link, content, digest, capability, java;
	uint32_t mode, uid, gid;
	int64_t mtime;
	uint64_t size;
	size_t layer;
	bool is_kept;
};

static struct hm_str take_part(struct hm_cur *c, bool is_there)
{
	return is_there ? hm_take_str(c, hm_uvarint(c)) : HM_STR("");
}

static bool read_entry(struct hm_cur *c, struct entry *e)
{
	uint64_t type = hm_le(c, 1);
	e->type = (enum tar_type)type;
	e->path = hm_take_str(c, hm_uvarint(c));
	e->link = hm_take_str(c, hm_uvarint(c));
	e->mode = (uint32_t)hm_uvarint(c) & 07777;
	e->uid = (uint32_t)hm_uvarint(c);
	e->gid = (uint32_t)hm_uvarint(c);
	e->mtime = (int64_t)hm_le(c, 8);
	e->size = hm_uvarint(c);
	uint64_t parts = hm_le(c, 1);
	e->is_kept = parts & REPAIR_PART_CONTENT;
	e->capability = take_part(c, parts & REPAIR_PART_CAPABILITY);
	e->digest = take_part(c, parts & REPAIR_PART_DIGEST);
	e->java = take_part(c, parts & REPAIR_PART_JAVA);
	e->content = take_part(c, e->is_kept);
	return !c->bad && type <= TAR_OTHER && parts < REPAIR_PARTS;
}

static const char opaque[] = ".wh..wh..opq", whiteout[] = ".wh.";

/* The image-spec's marks (layer.md, "Whiteouts"). */
static hm_err apply_mark(struct hm_cx *cx, struct repair_root *r, const struct entry *e)
{
	struct hm_str dir = hm_dirname(e->path), name = hm_basename(e->path);
	struct repair_node *n = NULL;
	if (hm_eqz(name, opaque)) {
		n = node_at(r, dir);
		if (n && dir.n)
			remove_below(r, n);
		return NULL;
	}
	name = hm_from(name, sizeof(whiteout) - 1);
	n = node_at(r, dir.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(dir), HM_FMT(name)) : name);
	if (n && n != r->top)
		remove_node(r, n);
	return NULL;
}

/* A hard link is what it leads to. */
static void set_node(struct repair_node *n, const struct entry *e, const struct repair_node *of)
{
	if (of) {
		struct repair_node own = *n;
		*n = *of;
		n->path = own.path;
		n->parent = own.parent;
		n->first = own.first;
		n->last = own.last;
		n->next = own.next;
		return;
	}
	n->layer = e->layer;
	n->is_linked = false;
	n->type = e->type;
	n->mode = e->mode;
	n->uid = e->uid;
	n->gid = e->gid;
	n->mtime = e->mtime;
	n->size = e->size;
	n->link = e->type == TAR_SYMLINK ? e->link : HM_STR("");
	n->is_kept = e->is_kept;
	n->content = e->content;
	n->digest = e->digest;
	n->capability = e->capability;
	n->java = e->java;
}

static hm_err apply_entry(struct hm_cx *cx, struct repair_root *r, const struct entry *e)
{
	struct repair_node *n;
	struct repair_node *of = NULL;
	if (!e->path.n) { /* the root's own folder */
		r->top->mode = e->mode;
		r->top->uid = e->uid;
		r->top->gid = e->gid;
		r->top->mtime = e->mtime;
		return NULL;
	}
	if (e->type == TAR_HARDLINK)
		of = node_at(r, e->link);
	if (e->type == TAR_HARDLINK && (!of || of->is_gone))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is a hard link to nothing", HM_FMT(e->path));
	n = make_node(cx, r, e->path);
	HM_TRY(make_folders(cx, r, n));
	if (e->type != TAR_DIR)
		remove_below(r, n);
	if (n->is_gone)
		r->n++;
	n->is_gone = false;
	if (of)
		of->is_linked = true;
	set_node(n, e, of);
	return NULL;
}

/* A layer's marks hide what lies below it, never what it has itself: they come first. */
hm_err repair_root_apply(struct hm_cx *cx, struct repair_root *r, struct hm_str answer)
{
	for (int marks = 1; marks >= 0; marks--) {
		for (struct hm_cur c = hm_cur(answer); c.n;) {
			struct entry e = { .layer = r->layers };
			if (!read_entry(&c, &e))
				return hm_fail(cx, HM_INPUT,
					       "its reader answered in no known form");
			bool is_mark = hm_starts(hm_basename(e.path), hm_cstr(whiteout));
			if (is_mark && marks)
				HM_TRY(apply_mark(cx, r, &e));
			if (!is_mark && !marks)
				HM_TRY(apply_entry(cx, r, &e));
		}
	}
	r->layers++;
	return NULL;
}

/* ------------------------------------------------------------------ reading */

struct layer {
	struct hm_worker worker;
	bool wants, java;
	struct hm_cx own; /* of the answer */
	struct hm_str answer;
};
struct reading {
	const struct repair_root_of *of;
	struct layer *layers;
};

static void reading_done(struct reading *r)
{
	for (size_t i = 0; i < r->of->layers; i++)
		hm_cx_done(&r->layers[i].own);
}

static void layer_worker_done(struct layer **l)
{
	hm_worker_done(&(*l)->worker);
}

static hm_err start(struct hm_cx *cx, struct layer *l)
{
	HM_TRY(hm_worker_start(cx, REPAIR_LAYER_JOB,
			       l->java ? HM_STR(REPAIR_LAYER_JAVA) : HM_STR(""), 0, &l->worker));
	l->wants = true;
	return NULL;
}

static hm_err feed(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct layer *l = arg;
	return l->wants ? hm_worker_feed(cx, &l->worker, bytes, &l->wants) : NULL;
}

static hm_err again(struct hm_cx *cx, void *arg)
{
	struct layer *l = arg;
	hm_worker_done(&l->worker);
	return start(cx, l);
}

/* The limits are in it, too: what is beyond one is said otherwise. */
static struct hm_str name_answer(struct hm_cx *cx, const struct repair_root_of *of, size_t i)
{
	HM_AUTO_BUF limits = HM_BUF(HM_MIB);
	for (size_t k = 0; k < hm_limit_rows_n; k++)
		hm_buf_uvarint(&limits, hm_limit_rows[k].value);
	return HM_KEY(cx, 'r', HM_STR(HULLMARK_VERSION), hm_key_number(cx, REPAIR_LAYER_VERSION),
		      hm_buf_str(&limits), of->m->layers[i].digest,
		      of->java ? HM_STR(REPAIR_LAYER_JAVA) : HM_STR(""));
}

static hm_err read_layer(struct hm_cx *cx, struct reading *r, size_t i)
{
	HM_CLEANUP(layer_worker_done) struct layer *l = &r->layers[i];
	const struct repair_root_of *of = r->of;
	struct hm_str name = name_answer(cx, of, i);
	HM_TRY(inventory_kept_get(&l->own, &of->kept, name, &l->answer));
	if (l->answer.n)
		return NULL;
	HM_TRY(start(cx, l));
	HM_TRY(oci_fetch_to(cx, of->place, &of->m->layers[i], (struct oci_sink){ feed, again, l }));
	HM_TRY(hm_worker_answer(&l->own, &l->worker, &l->answer));
	inventory_kept_put(cx, &of->kept, name, l->answer);
	return NULL;
}

static hm_err work(struct hm_cx *cx, void *arg, size_t i)
{
	struct reading *r = arg;
	HM_TRY_IN(cx, read_layer(cx, r, i), "layer %zu (\"%.*s\")", i + 1,
		  HM_FMT(r->of->m->layers[i].digest));
	return NULL;
}

hm_err repair_root_read(struct hm_cx *cx, const struct repair_root_of *of, struct repair_root *out)
{
	HM_CLEANUP(reading_done) struct reading r = { .of = of };
	struct repair_root root = repair_root_new(cx);
	size_t layers = of->layers, budget = 2 * HM_MAX_WORKER_RESULT + HM_GIB;
	r.layers = hm_new(cx, struct layer, layers);
	for (size_t i = 0; i < layers; i++)
		r.layers[i] = (struct layer){ .worker = { .in = -1, .out = -1 },
					      .java = of->java,
					      .own = hm_cx_child(cx, budget) };
	HM_TRY(hm_parallel(cx, layers, 0, budget, work, &r));
	for (size_t i = 0; i < layers; i++) {
		hm_cx_take(cx, &r.layers[i].own);
		HM_TRY_IN(cx, repair_root_apply(cx, &root, r.layers[i].answer),
			  "layer %zu (\"%.*s\")", i + 1, HM_FMT(of->m->layers[i].digest));
	}
	*out = root;
	return NULL;
}

/* ------------------------------------------------------------------ paths */

struct walk {
	const struct repair_root *root;
	struct hm_str done, rest;
	unsigned links;
};

static hm_err follow(struct hm_cx *cx, struct walk *w, const struct repair_node *link)
{
	if (++w->links > LINKS_MAX)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is one of too many symbolic links",
			       HM_FMT(link->path));
	if (hm_starts(link->link, HM_STR("/")))
		w->done = HM_STR("");
	else
		w->done = hm_dirname(link->path);
	w->rest = hm_fmt(cx, "%.*s/%.*s", HM_FMT(link->link), HM_FMT(w->rest));
	return w->rest.n <= HM_MAX_PATH ? NULL
					: hm_fail(cx, HM_LIMIT, "a path of %zu bytes", w->rest.n);
}

static bool is_last(struct hm_str rest)
{
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] != '/')
			return false;
	return true;
}

static hm_err walk(struct hm_cx *cx, const struct repair_root *r, struct hm_str path, bool last,
		   struct hm_str *out)
{
	struct walk w = { .root = r, .rest = path };
	while (w.rest.n) {
		struct hm_str part = hm_cut(&w.rest, '/');
		if (!part.n || hm_eqz(part, "."))
			continue;
		if (hm_eqz(part, "..")) {
			w.done = hm_dirname(w.done);
			continue;
		}
		struct hm_str at =
			w.done.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(w.done), HM_FMT(part)) : part;
		const struct repair_node *n = repair_root_at(r, at);
		if (n && n->type == TAR_SYMLINK && (last || !is_last(w.rest)))
			HM_TRY(follow(cx, &w, n));
		else
			w.done = at;
	}
	*out = w.done;
	return NULL;
}

hm_err repair_root_place(struct hm_cx *cx, const struct repair_root *r, struct hm_str path,
			 struct hm_str *out)
{
	return walk(cx, r, path, false, out);
}

hm_err repair_root_target(struct hm_cx *cx, const struct repair_root *r, struct hm_str path,
			  struct hm_str *out)
{
	return walk(cx, r, path, true, out);
}

hm_err repair_root_file(struct hm_cx *cx, const struct repair_root *r, const char *path,
			struct hm_str *out, bool *out_there)
{
	struct hm_str at;
	HM_TRY(repair_root_target(cx, r, hm_cstr(path), &at));
	const struct repair_node *n = repair_root_at(r, at);
	*out_there = n && n->type == TAR_FILE;
	*out = *out_there ? n->content : HM_STR("");
	if (*out_there && !n->is_kept)
		return hm_fail(cx, HM_LIMIT,
			       "\"%s\" of the image is too large, or lies elsewhere: %.*s", path,
			       HM_FMT(at));
	return NULL;
}

/* passwd(5), group(5): "name:password:number:...". */
static bool find_number(const struct repair_root *r, const char *file, struct hm_str name,
			uint32_t *out)
{
	const struct repair_node *n = repair_root_at(r, hm_cstr(file));
	uint64_t number;
	if (!n || !n->is_kept || !name.n)
		return false;
	for (struct hm_str text = n->content; text.n;) {
		struct hm_str line = hm_line(&text);
		if (!hm_eq(hm_cut(&line, ':'), name))
			continue;
		hm_cut(&line, ':');
		if (!hm_u64(hm_cut(&line, ':'), UINT32_MAX, &number))
			return false;
		*out = (uint32_t)number;
		return true;
	}
	return false;
}

bool repair_root_user(const struct repair_root *r, struct hm_str name, uint32_t *out)
{
	return find_number(r, "etc/passwd", name, out);
}

bool repair_root_group(const struct repair_root *r, struct hm_str name, uint32_t *out)
{
	return find_number(r, "etc/group", name, out);
}
