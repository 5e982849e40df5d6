/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Java archives, and the archives within. What one is, java_identity.c says; what was merged into
 * it, the other poms that it holds.
 */
#include "inventory/catalogers/common.h"

#include "crypto/crypto.h"
#include "inventory/catalogers/java_identity.h"

enum { LEVELS = 8 + 1, SMALL = 1 << 20 };
_Static_assert(LEVELS <= 64, "the levels stand on the stack");

/* An archive that is open: its entries, and where in them the search for others has come to. */
struct level {
	struct zip zip;
	struct hm_str path, bytes;
	struct hm_str name; /* by which it was found, which may tell what it is */
	size_t next;
	struct hm_mark mark; /* before its bytes were inflated */
};

/* --- what an archive says of itself --- */

/* `self`: of the archive as a whole; NULL: of a part of it. */
static hm_err add_archive(struct hm_cx *cx, struct java_pom pom, const struct level *at,
			  const struct java_identity *self, struct hm_str licence,
			  struct inventory_builder *b)
{
	struct inventory_location where = { .path = at->path };
	struct inventory_component c = {
		.type = HM_STR("maven"),
		.namespace = pom.group.n ? pom.group : pom.artifact,
		.name = pom.artifact,
		.version = pom.version,
		.locations = &where,
		.locations_n = 1,
	};
	if (!pom.artifact.n || !pom.version.n)
		return NULL;
	if (self) {
		c.group_guessed = self->group_guessed;
		*hm_push(cx, &c.hashes) = crypto_digest_text(cx, CRYPTO_SHA1, at->bytes);
		inventory_list_add(cx, &c.licenses, licence);
	}
	return inventory_add(cx, b, &c);
}

/* A small entry; one that cannot be read costs only itself, and *out is empty. */
static hm_err read_small(struct hm_cx *cx, const struct level *at, const struct zip_entry *e,
			 struct inventory_builder *b, struct hm_str *out)
{
	hm_err err = zip_read(cx, &at->zip, e, SMALL, out);
	if (!err || (err->code != HM_INPUT && err->code != HM_LIMIT))
		return err;
	*out = HM_STR("");
	return inventory_add_unknown(cx, b,
				     hm_fmt(cx, "%.*s!/%.*s", HM_FMT(at->path), HM_FMT(e->name)),
				     hm_cstr(err->why));
}

/* Java takes the last one, in any case of letters. */
static hm_err read_manifest(struct hm_cx *cx, const struct level *at, struct inventory_builder *b,
			    struct stanza *out)
{
	struct hm_str text;
	for (size_t i = at->zip.n; i-- > 0;) {
		const struct zip_entry *e = &at->zip.entries[i];
		if (hm_cmp_nocase(e->name, HM_STR("META-INF/MANIFEST.MF")) != 0)
			continue;
		HM_TRY(read_small(cx, at, e, b, &text));
		stanza_next(cx, &text, out);
		return NULL;
	}
	return NULL;
}

static hm_err identify_archive(struct hm_cx *cx, const struct level *at,
			       struct inventory_builder *b)
{
	static const char *const licences[] = { "Bundle-License" };
	struct stanza manifest = { 0 };
	struct java_poms poms = { 0 };
	struct java_identity self;
	HM_TRY(read_manifest(cx, at, b, &manifest));
	HM_TRY(inventory_java_poms(cx, &at->zip, &poms));
	for (size_t i = 0; i < poms.unread.n; i++)
		HM_TRY(inventory_add_unknown(cx, b,
					     hm_fmt(cx, "%.*s!/%.*s", HM_FMT(at->path),
						    HM_FMT(poms.unread.p[i].path)),
					     poms.unread.p[i].reason));
	inventory_java_identify(cx, at->name, &at->zip, &manifest, &poms, &self);
	struct hm_str licence = inventory_java_attribute(cx, &manifest, licences, HM_LEN(licences));
	HM_TRY(add_archive(cx, self.pom, at, &self, licence, b));
	for (size_t i = 0; i < poms.n; i++)
		if (i != self.own)
			HM_TRY(add_archive(cx, poms.p[i], at, NULL, licence, b));
	return NULL;
}

/* --- archives in archives: a stack of levels, each one's memory given back when it is done --- */

static hm_err open_level(struct hm_cx *cx, struct hm_str path, struct hm_str name,
			 struct hm_str bytes, struct inventory_builder *b, struct level *out)
{
	out->path = path;
	out->name = name;
	out->bytes = bytes;
	out->next = 0;
	HM_TRY(zip_open(cx, bytes, &out->zip));
	out->zip.unchecked = true;
	return identify_archive(cx, out, b);
}

/* An archive that cannot be read costs that archive only. */
static hm_err go_down(struct hm_cx *cx, const struct level *from, const struct zip_entry *e,
		      struct inventory_builder *b, struct level *to, bool *out_ok)
{
	struct hm_str bytes, path = hm_fmt(cx, "%.*s!/%.*s", HM_FMT(from->path), HM_FMT(e->name));
	hm_err err = zip_read(cx, &from->zip, e, 0, &bytes);
	if (!err)
		err = open_level(cx, path, path, bytes, b, to);
	*out_ok = !err;
	if (!err)
		return NULL;
	if (err->code != HM_INPUT && err->code != HM_LIMIT)
		return err;
	return inventory_add_unknown(cx, b, path, hm_cstr(err->why));
}

/* Nothing in deflate is two bytes. An entry of more that is said to inflate to none is no empty
 * one. */
static bool is_empty(const struct zip_entry *e)
{
	return e->size == 0 && e->packed_size <= 2;
}

INVENTORY_PARSE(java)
{
	struct level levels[LEVELS];
	size_t n = 1;
	if (!file->bytes.n)
		return NULL;
	HM_TRY(open_level(cx, inventory_place(b), file->path, file->bytes, b, &levels[0]));
	while (n) {
		struct level *top = &levels[n - 1];
		HM_TRY(hm_alive(cx));
		if (top->next == top->zip.n) {
			n--;
			if (n)
				hm_release(cx, top->mark);
			continue;
		}
		const struct zip_entry *e = &top->zip.entries[top->next++];
		if (!inventory_java_is_archive(e->name) || is_empty(e))
			continue;
		if (n == LEVELS || n > HM_MAX_ARCHIVE_DEPTH) {
			HM_TRY(inventory_add_unknown(cx, b,
						     hm_fmt(cx, "%.*s!/%.*s", HM_FMT(top->path),
							    HM_FMT(e->name)),
						     HM_STR("archives are nested too deep")));
			continue;
		}
		bool ok = false;
		levels[n].mark = hm_mark(cx);
		HM_TRY(go_down(cx, top, e, b, &levels[n], &ok));
		if (ok)
			n++;
		else
			hm_release(cx, levels[n].mark);
	}
	return NULL;
}
