/* SPDX-License-Identifier: Apache-2.0 */
/* Which files of the packages come, and where (rpm 4.18: lib/transaction.c). */
#include <sys/stat.h>

#include "repair/rpm/rpm.h"

/* ------------------------------------------------------------------ left out */

static bool is_wanted_language(const struct rpm_repositories *r, struct hm_str langs)
{
	if (!langs.n || !r->langs.n)
		return true;
	while (langs.n) {
		struct hm_str lang = hm_cut(&langs, '|');
		for (size_t i = 0; i < r->langs.n; i++)
			if (lang.n && hm_starts(r->langs.p[i], lang))
				return true;
	}
	return false;
}

static uint32_t state_of(const struct rpm_at *at, const struct rpm_file *f, uint32_t color)
{
	const struct rpm_repositories *r = at->repositories;
	if (color && f->color && !(color & f->color))
		return RPM_WRONG_COLOR;
	if (f->flags & RPM_LICENSE)
		return RPM_NORMAL;
	if (!is_wanted_language(r, f->langs) || (r->no_docs && (f->flags & RPM_DOC)))
		return RPM_NOT_INSTALLED;
	return RPM_NORMAL;
}

/* An image without a package manager, whose makers left files out: they do not come again. */
static bool is_left_out(struct hm_cx *cx, const struct rpm_at *at, const struct rpm_change *c,
			const struct rpm_file *f)
{
	const struct rpm_package *old = at->db->kind == RPM_MANIFEST && c->old != SIZE_MAX
						? &at->db->packages.p[c->old].p
						: NULL;
	bool known = false;
	for (size_t i = 0; old && i < old->files.n && !known; i++)
		known = hm_eq(old->files.p[i].path, f->path);
	struct hm_str place = HM_STR("");
	if (!old || repair_root_place(cx, &at->run->root, f->path, &place) ||
	    repair_root_at(&at->run->root, place))
		return false;
	return known || (f->flags & RPM_DOC);
}

/* Folders of a package: how many of its files are left in each. */
struct folder {
	size_t left;
	bool emptied;
};

static struct folder *folder_of(struct hm_cx *cx, struct hm_map *all, struct hm_str path)
{
	void **slot = hm_map_slot(cx, all, hm_dirname(path));
	if (!*slot)
		*slot = hm_new(cx, struct folder, 1);
	return *slot;
}

/* A folder is left out where all that the package has in it is: the deepest first. */
static void set_states(struct hm_cx *cx, const struct rpm_at *at, struct rpm_change *c)
{
	struct rpm_package *p = &c->f.p;
	struct hm_map all = { 0 };
	for (size_t i = 0; i < p->files.n; i++) {
		struct rpm_file *f = &p->files.p[i];
		struct folder *d = folder_of(cx, &all, f->path);
		f->state =
			is_left_out(cx, at, c, f) ? RPM_NOT_INSTALLED : state_of(at, f, p->color);
		d->left += f->state == RPM_NORMAL;
		d->emptied = d->emptied || f->state != RPM_NORMAL;
	}
	for (size_t i = p->files.n; i-- > 0;) {
		struct rpm_file *f = &p->files.p[i];
		const struct folder *own = hm_map_get(&all, f->path);
		if (!S_ISDIR(f->mode) || f->state != RPM_NORMAL || !own || own->left ||
		    !own->emptied)
			continue;
		struct folder *d = folder_of(cx, &all, f->path);
		f->state = RPM_NOT_INSTALLED;
		d->left--;
		d->emptied = true;
	}
}

/* ------------------------------------------------------------------ whose they are */

static bool is_same(const struct rpm_file *a, const struct rpm_file *b)
{
	if (S_ISDIR(a->mode) && S_ISDIR(b->mode))
		return true;
	return (a->mode & S_IFMT) == (b->mode & S_IFMT) && hm_eq(a->digest, b->digest) &&
	       hm_eq(a->link, b->link);
}

static hm_err check_owner(struct hm_cx *cx, const struct rpm_at *at, const struct rpm_file *f,
			  struct hm_str place)
{
	const struct rpm_owner *o = repair_rpm_owner(at->db, place);
	const struct rpm_installed *i = o ? &at->db->packages.p[o->package] : NULL;
	if (!i || i->gone || is_same(&i->p.files.p[o->file], f) ||
	    (i->p.files.p[o->file].flags & RPM_GHOST))
		return NULL;
	return hm_fail(cx, HM_DENIED, "\"/%.*s\" belongs to the package \"%.*s\"", HM_FMT(place),
		       HM_FMT(i->p.name));
}

/* Two packages may have the same file; the first brings it. */
static hm_err claim(struct hm_cx *cx, struct rpm_at *at, size_t change, size_t file)
{
	struct rpm_change *c = &at->changes.p[change];
	const struct rpm_file *f = &c->f.p.files.p[file];
	struct rpm_slot *s = &c->slots[file];
	const struct rpm_claim *other = hm_map_get(&at->new, s->place);
	if (other) {
		const struct rpm_change *o = &at->changes.p[other->change];
		if (!is_same(&o->f.p.files.p[other->file], f) && !(f->flags & RPM_GHOST))
			return hm_fail(cx, HM_DENIED, "\"/%.*s\" is in the package \"%.*s\", too",
				       HM_FMT(s->place), HM_FMT(o->f.p.name));
		s->fate = RPM_SKIP;
		return NULL;
	}
	struct rpm_claim *own = hm_new(cx, struct rpm_claim, 1);
	*own = (struct rpm_claim){ change, file };
	hm_map_put(cx, &at->new, s->place, own);
	return NULL;
}

static hm_err prepare_file(struct hm_cx *cx, struct rpm_at *at, size_t change, size_t file)
{
	struct rpm_change *c = &at->changes.p[change];
	struct rpm_file *f = &c->f.p.files.p[file];
	struct rpm_slot *s = &c->slots[file];
	bool ghost = f->flags & RPM_GHOST;
	s->first = file;
	s->fate = RPM_SKIP;
	HM_TRY(S_ISDIR(f->mode) ? repair_root_target(cx, &at->run->root, f->path, &s->place)
				: repair_root_place(cx, &at->run->root, f->path, &s->place));
	if (f->state != RPM_NORMAL || ghost)
		return NULL;
	s->fate = RPM_CREATE;
	if (!S_ISREG(f->mode) && !S_ISDIR(f->mode) && !S_ISLNK(f->mode))
		return hm_fail(cx, HM_INPUT,
			       "\"%.*s\" is neither a plain file, a folder nor a link",
			       HM_FMT(f->path));
	HM_TRY(claim(cx, at, change, file));
	if (S_ISDIR(f->mode) || s->fate == RPM_SKIP)
		return NULL;
	HM_TRY(check_owner(cx, at, f, s->place));
	return repair_rpm_fate(cx, at, &c->f.p, f, s->place, &s->fate);
}

/* Hard links of each other: files of one inode. */
static hm_err join_links(struct hm_cx *cx, struct rpm_change *c)
{
	struct hm_map sets = { 0 };
	for (size_t i = 0; i < c->f.p.files.n; i++) {
		const struct rpm_file *f = &c->f.p.files.p[i];
		if (!S_ISREG(f->mode) || (f->flags & RPM_GHOST))
			continue;
		void **slot =
			hm_map_slot(cx, &sets, hm_fmt(cx, "%llu", (unsigned long long)f->inode));
		size_t *first = *slot;
		if (!first) {
			*slot = first = hm_new(cx, size_t, 1);
			*first = i;
		} else if (c->slots[*first].fate == RPM_SKIP && c->slots[i].fate != RPM_SKIP) {
			*first = i;
		}
		const struct rpm_file *with = &c->f.p.files.p[*first];
		if (*first != i && (!hm_eq(with->digest, f->digest) || with->size != f->size))
			return hm_fail(cx, HM_INPUT, "\"%.*s\" is a hard link to another file",
				       HM_FMT(f->path));
	}
	for (size_t i = 0; i < c->f.p.files.n; i++) {
		const struct rpm_file *f = &c->f.p.files.p[i];
		const size_t *first =
			hm_map_get(&sets, hm_fmt(cx, "%llu", (unsigned long long)f->inode));
		if (!S_ISREG(f->mode) || (f->flags & RPM_GHOST) || !first)
			continue;
		c->slots[i].first = *first;
		c->slots[*first].links++;
		c->slots[*first].last = i;
	}
	return NULL;
}

/* ------------------------------------------------------------------ entries */

static void set_owner(struct hm_cx *cx, const struct rpm_at *at, const struct rpm_file *f,
		      struct tar_entry *e)
{
	struct hm_strs *notes = &at->run->result->notes;
	uint32_t id;
	if (repair_root_user(&at->run->root, f->user, &id))
		e->uid = id;
	else if (!hm_eqz(f->user, "root"))
		*hm_push(cx, notes) =
			hm_fmt(cx, "/%.*s belongs to root: the image has no user %.*s",
			       HM_FMT(f->path), HM_FMT(f->user));
	if (repair_root_group(&at->run->root, f->group, &id))
		e->gid = id;
	else if (!hm_eqz(f->group, "root"))
		*hm_push(cx, notes) =
			hm_fmt(cx, "/%.*s belongs to root: the image has no group %.*s",
			       HM_FMT(f->path), HM_FMT(f->group));
}

/* A program that runs as somebody else, or may do what others may not, must have done so before. */
static hm_err check_privileges(struct hm_cx *cx, const struct rpm_at *at, const struct rpm_file *f,
			       struct hm_str place)
{
	const struct repair_node *n = repair_root_at(&at->run->root, place);
	const struct rpm_owner *o = repair_rpm_owner(at->db, place);
	uint32_t special = S_ISREG(f->mode) ? f->mode & 06000 : 0;
	if (special & ~(n ? n->mode : 0))
		return hm_fail(
			cx, HM_DENIED,
			"\"/%.*s\" would run with the rights of its %s, as it did not before",
			HM_FMT(place), special & 04000 ? "owner" : "group");
	if (f->caps.n &&
	    (!o || !hm_eq(at->db->packages.p[o->package].p.files.p[o->file].caps, f->caps)))
		return hm_fail(
			cx, HM_DENIED,
			"\"/%.*s\" would have the capabilities \"%.*s\", as it had not before",
			HM_FMT(place), HM_FMT(f->caps));
	return NULL;
}

hm_err repair_rpm_entry(struct hm_cx *cx, const struct rpm_at *at, const struct rpm_file *f,
			struct hm_str place, struct tar_entry *out)
{
	struct tar_entry e = { .path = place,
			       .type = S_ISDIR(f->mode)   ? TAR_DIR
				       : S_ISLNK(f->mode) ? TAR_SYMLINK
							  : TAR_FILE,
			       .mode = f->mode & 07777,
			       .mtime = f->mtime };
	set_owner(cx, at, f, &e);
	HM_TRY(check_privileges(cx, at, f, place));
	if (e.type == TAR_SYMLINK) {
		e.mode = 0777;
		e.link = f->link;
	}
	if (e.type == TAR_FILE) {
		e.size = f->size;
		if (f->caps.n && !repair_capability(cx, f->caps, &e.capability))
			return hm_fail(cx, HM_INPUT,
				       "the capabilities \"%.*s\" of \"/%.*s\" cannot "
				       "be read",
				       HM_FMT(f->caps), HM_FMT(place));
	}
	*out = e;
	return NULL;
}

/* ------------------------------------------------------------------ folders */

struct made {
	struct hm_str place;
	const struct rpm_file *file;
};

static int by_place(const void *a, const void *b)
{
	return hm_cmp(((const struct made *)a)->place, ((const struct made *)b)->place);
}

/* Also one that is there: rpm gives it the owner and the mode of the package. */
static hm_err put_folder(struct hm_cx *cx, const struct rpm_at *at, const struct made *m)
{
	const struct repair_node *n = repair_root_at(&at->run->root, m->place);
	struct tar_entry e;
	HM_TRY(repair_rpm_entry(cx, at, m->file, m->place, &e));
	if (!n)
		return repair_layer_put(cx, at->l, &e);
	if (n->type != TAR_DIR)
		return hm_fail(cx, HM_INPUT, "\"/%.*s\" is not a folder in the image",
			       HM_FMT(m->place));
	if (!m->place.n || (n->mode == e.mode && n->uid == e.uid && n->gid == e.gid))
		return NULL;
	e.mtime = n->mtime;
	return repair_layer_has(at->l, e.path) ? NULL : repair_layer_folder(cx, at->l, &e);
}

/* From the top down: what is in a folder comes behind it. */
static hm_err put_folders(struct hm_cx *cx, const struct rpm_at *at)
{
	HM_VEC(struct made) all = { 0 };
	for (size_t i = 0; i < at->new.n; i++) {
		const struct rpm_claim *c = at->new.entries[i].value;
		const struct rpm_file *f = &at->changes.p[c->change].f.p.files.p[c->file];
		if (S_ISDIR(f->mode))
			*hm_push(cx, &all) = (struct made){ at->new.entries[i].key, f };
	}
	if (all.n)
		qsort(all.p, all.n, sizeof(*all.p), by_place);
	for (size_t i = 0; i < all.n; i++)
		HM_TRY(put_folder(cx, at, &all.p[i]));
	return NULL;
}

/* Nothing lies below what a package brings as a link or a file. */
static hm_err check_parents(struct hm_cx *cx, const struct rpm_at *at)
{
	for (size_t i = 0; i < at->new.n; i++)
		for (struct hm_str d = hm_dirname(at->new.entries[i].key); d.n; d = hm_dirname(d)) {
			const struct rpm_claim *c = hm_map_get(&at->new, d);
			if (c && !S_ISDIR(at->changes.p[c->change].f.p.files.p[c->file].mode))
				return hm_fail(
					cx, HM_INPUT,
					"\"/%.*s\" would lie below \"/%.*s\", which is not a "
					"folder",
					HM_FMT(at->new.entries[i].key), HM_FMT(d));
		}
	return NULL;
}

hm_err repair_rpm_prepare(struct hm_cx *cx, struct rpm_at *at)
{
	for (size_t i = 0; i < at->changes.n; i++) {
		struct rpm_change *c = &at->changes.p[i];
		if (c->removed)
			continue;
		c->slots = hm_new(cx, struct rpm_slot, c->f.p.files.n);
		set_states(cx, at, c);
		for (size_t k = 0; k < c->f.p.files.n; k++)
			HM_TRY_IN(cx, prepare_file(cx, at, i, k), "package \"%.*s\"",
				  HM_FMT(c->f.p.name));
		HM_TRY_IN(cx, join_links(cx, c), "package \"%.*s\"", HM_FMT(c->f.p.name));
	}
	HM_TRY(check_parents(cx, at));
	return put_folders(cx, at);
}
