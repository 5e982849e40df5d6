/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a file where something is already: configuration that somebody changed is kept
 * (rpm 4.18: lib/rpmfi.c, rpmfilesDecideFate(), rpmfilesConfigConflict()).
 */
#include <sys/stat.h>

#include "repair/rpm/rpm.h"

/* OpenPGP's number of a digest (RFC 9580, 9.5); 0: none that is known here (MD5). */
static enum crypto_digest digest_of(uint32_t algorithm, bool *out_known)
{
	*out_known = true;
	switch (algorithm) {
	case 8:
		return CRYPTO_SHA256;
	case 9:
		return CRYPTO_SHA384;
	case 10:
		return CRYPTO_SHA512;
	case 2:
		return CRYPTO_SHA1;
	default:
		*out_known = false;
		return CRYPTO_SHA256;
	}
}

bool repair_rpm_digest(const struct rpm_package *p, struct crypto_hash *out)
{
	bool known;
	enum crypto_digest alg = digest_of(p->digest_algorithm, &known);
	if (known)
		crypto_hash_start(out, alg);
	return known;
}

static enum tar_type type_of(uint32_t mode)
{
	return S_ISREG(mode)   ? TAR_FILE
	       : S_ISLNK(mode) ? TAR_SYMLINK
	       : S_ISDIR(mode) ? TAR_DIR
			       : TAR_OTHER;
}

/* Is what lies there the file that the package has? Where it was not read its size and time tell.
 */
hm_err repair_rpm_is_edited(struct hm_cx *cx, const struct rpm_package *p, const struct rpm_file *f,
			    const struct repair_node *n, bool *out)
{
	CRYPTO_AUTO_HASH h = { 0 };
	*out = true;
	if (n->type != type_of(f->mode))
		return NULL;
	if (n->type == TAR_SYMLINK)
		*out = !hm_eq(n->link, f->link);
	if (n->type != TAR_FILE || n->size != f->size)
		return NULL;
	if (!n->is_kept || !repair_rpm_digest(p, &h)) {
		*out = n->mtime != f->mtime;
		return NULL;
	}
	crypto_hash_add(&h, n->content);
	struct hm_str text = crypto_hash_text(cx, &h);
	hm_cut(&text, ':');
	*out = !hm_eq(text, f->digest);
	return NULL;
}

static bool is_same(const struct rpm_file *a, const struct rpm_file *b)
{
	return type_of(a->mode) == type_of(b->mode) &&
	       hm_eq(S_ISLNK(a->mode) ? a->link : a->digest,
		     S_ISLNK(b->mode) ? b->link : b->digest);
}

struct deciding {
	const struct rpm_package *new_package, *old_package;
	const struct rpm_file *new, *old;
	const struct repair_node *node;
};

static hm_err decide_config(struct hm_cx *cx, const struct deciding *d, enum rpm_fate *out)
{
	bool edited;
	*out = RPM_CREATE;
	HM_TRY(repair_rpm_is_edited(cx, d->new_package, d->new, d->node, &edited));
	if (!edited)
		return NULL;
	HM_TRY(repair_rpm_is_edited(cx, d->old_package, d->old, d->node, &edited));
	if (!edited)
		return NULL;
	if (type_of(d->old->mode) != TAR_FILE && type_of(d->old->mode) != TAR_SYMLINK)
		return NULL;
	*out = !(d->new->flags &RPM_CONFIG)     ? RPM_SAVE
	       : is_same(d->old, d->new)        ? RPM_SKIP
	       : (d->new->flags &RPM_NOREPLACE) ? RPM_BESIDE
						: RPM_SAVE;
	return NULL;
}

hm_err repair_rpm_fate(struct hm_cx *cx, const struct rpm_at *at, const struct rpm_package *p,
		       const struct rpm_file *f, struct hm_str place, enum rpm_fate *out)
{
	const struct repair_node *n = repair_root_at(&at->run->root, place);
	const struct rpm_owner *o = repair_rpm_owner(at->db, place);
	struct deciding d = { .new_package = p, .new = f, .node = n };
	bool edited;
	*out = RPM_CREATE;
	if (o) {
		d.old_package = &at->db->packages.p[o->package].p;
		d.old = &d.old_package->files.p[o->file];
		if (!((d.old->flags | f->flags) & RPM_CONFIG))
			return NULL;
		if (n)
			return decide_config(cx, &d, out);
		if (f->flags & RPM_MISSINGOK)
			*out = RPM_SKIP;
		return NULL;
	}
	if (!n || !(f->flags & RPM_CONFIG) || n->type == TAR_DIR)
		return NULL;
	HM_TRY(repair_rpm_is_edited(cx, p, f, n, &edited));
	if (edited)
		*out = (f->flags & RPM_NOREPLACE) ? RPM_BESIDE : RPM_BACKUP;
	return NULL;
}

hm_err repair_rpm_keep_as(struct hm_cx *cx, const struct rpm_at *at, struct hm_str place,
			  const char *end)
{
	const struct repair_node *n = repair_root_at(&at->run->root, place);
	if (!n)
		return NULL;
	struct tar_entry e = { .path = hm_fmt(cx, "%.*s%s", HM_FMT(place), end),
			       .type = n->type,
			       .mode = n->mode,
			       .uid = n->uid,
			       .gid = n->gid,
			       .mtime = n->mtime,
			       .link = n->link };
	*hm_push(cx, &at->run->result->notes) =
		hm_fmt(cx, "/%.*s was changed in the image: it is saved as %s", HM_FMT(place), end);
	if (n->type == TAR_SYMLINK)
		return repair_layer_put(cx, at->l, &e);
	if (n->type != TAR_FILE || !n->is_kept)
		return hm_fail(
			cx, HM_LIMIT,
			"\"/%.*s\" was changed in the image, and is not one that is read here",
			HM_FMT(place));
	int64_t newest = at->l->newest;
	HM_TRY(repair_layer_file(cx, at->l, &e, n->content));
	at->l->newest = newest; /* what was there before says nothing about what came */
	return NULL;
}
