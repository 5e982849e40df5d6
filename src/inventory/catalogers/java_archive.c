/* SPDX-License-Identifier: Apache-2.0 */
/* One Java archive by itself, for who wants to replace it. */
#include "inventory/catalogers/java_identity.h"

enum { SMALL = 1 << 20 };

bool inventory_is_archive(struct hm_str path)
{
	return inventory_java_is_archive(path);
}

void inventory_archive_name(struct hm_str file, struct hm_str *out_artifact,
			    struct hm_str *out_version)
{
	inventory_java_split_name(file, out_artifact, out_version);
}

static hm_err read_manifest(struct hm_cx *cx, const struct zip *zip, struct stanza *out)
{
	struct hm_str text;
	for (size_t i = zip->n; i-- > 0;) {
		if (hm_cmp_nocase(zip->entries[i].name, HM_STR("META-INF/MANIFEST.MF")) != 0)
			continue;
		HM_TRY(zip_read(cx, zip, &zip->entries[i], SMALL, &text));
		stanza_next(cx, &text, out);
		return NULL;
	}
	return NULL;
}

static hm_err read_pom(struct hm_cx *cx, const struct zip *zip, struct inventory_archive *a)
{
	const struct zip_entry *e = zip_find(zip, hm_fmt(cx, "META-INF/maven/%.*s/%.*s/pom.xml",
							 HM_FMT(a->group), HM_FMT(a->artifact)));
	return e ? zip_read(cx, zip, e, SMALL, &a->pom) : NULL;
}

static void list_class_path(struct hm_cx *cx, const struct stanza *manifest,
			    struct inventory_archive *a)
{
	static const char *const names[] = { "Class-Path" };
	struct hm_str list = inventory_java_attribute(cx, manifest, names, HM_LEN(names));
	while (list.n) {
		struct hm_str one = hm_trim(hm_cut(&list, ' '));
		if (one.n)
			*hm_push(cx, &a->class_path) = one;
	}
}

hm_err inventory_archive_read(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
			      struct inventory_archive *out)
{
	struct inventory_archive a = { 0 };
	struct zip zip = { 0 };
	struct stanza manifest = { 0 };
	struct java_poms poms = { 0 };
	struct java_identity self;
	HM_TRY(zip_open(cx, bytes, &zip));
	HM_TRY(read_manifest(cx, &zip, &manifest));
	HM_TRY(inventory_java_poms(cx, &zip, &poms));
	inventory_java_identify(cx, path, &zip, &manifest, &poms, &self);
	a.group = self.pom.group;
	a.artifact = self.pom.artifact;
	a.version = self.pom.version;
	a.is_stated = self.own != SIZE_MAX;
	a.group_guessed = self.group_guessed;
	if (a.is_stated)
		HM_TRY(read_pom(cx, &zip, &a));
	for (size_t i = 0; i < poms.n; i++)
		if (i != self.own)
			*hm_push(cx, &a.parts) =
				hm_fmt(cx, "%.*s:%.*s:%.*s", HM_FMT(poms.p[i].group),
				       HM_FMT(poms.p[i].artifact), HM_FMT(poms.p[i].version));
	list_class_path(cx, &manifest, &a);
	for (size_t i = 0; i < zip.n; i++)
		if (inventory_java_is_archive(zip.entries[i].name) && zip.entries[i].size)
			*hm_push(cx, &a.inner) = zip.entries[i].name;
	*out = a;
	return NULL;
}
