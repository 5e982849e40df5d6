/* SPDX-License-Identifier: Apache-2.0 */
/* Where rpm's database lies in an image, and what is in it. */
#include "base/worker.h"
#include "repair/rpm/rpm.h"

/* Newer kinds first: what is left of an older one beside them is what rpm has converted. */
static const struct place {
	const char *path;
	enum rpm_database_kind kind;
} places[] = {
	{ "usr/lib/sysimage/rpm/rpmdb.sqlite", RPM_SQLITE },
	{ "var/lib/rpm/rpmdb.sqlite", RPM_SQLITE },
	{ "usr/lib/sysimage/rpm/Packages.db", RPM_NDB },
	{ "var/lib/rpm/Packages.db", RPM_NDB },
	{ "usr/lib/sysimage/rpm/Packages", RPM_BDB },
	{ "var/lib/rpm/Packages", RPM_BDB },
	{ "var/lib/rpmmanifest/container-manifest-2", RPM_MANIFEST },
};

static hm_err find_place(struct hm_cx *cx, const struct repair_root *root, const struct place **out,
			 struct hm_str *out_path)
{
	*out = NULL;
	for (size_t i = 0; i < HM_LEN(places) && !*out; i++) {
		HM_TRY(repair_root_target(cx, root, hm_cstr(places[i].path), out_path));
		const struct repair_node *n = repair_root_at(root, *out_path);
		if (n && n->type == TAR_FILE && n->size)
			*out = &places[i];
	}
	return NULL;
}

bool repair_rpm_is_there(const struct repair_root *root)
{
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	const struct place *p;
	struct hm_str path;
	hm_err err = find_place(&cx, root, &p, &path);
	return !err && p;
}

static hm_err add_owner(struct hm_cx *cx, const struct repair_root *root, struct rpm_database *db,
			struct rpm_owner at)
{
	const struct rpm_file *f = &db->packages.p[at.package].p.files.p[at.file];
	struct hm_str place;
	if ((f->mode & 0170000) == 0040000 || f->state == RPM_NOT_INSTALLED)
		return NULL;
	struct rpm_owner *own = hm_new(cx, struct rpm_owner, 1);
	*own = at;
	HM_TRY(repair_root_place(cx, root, f->path, &place));
	hm_map_put(cx, &db->owners, place, own);
	return NULL;
}

hm_err repair_rpm_own(struct hm_cx *cx, const struct repair_root *root, struct rpm_database *db,
		      size_t package)
{
	for (size_t k = 0; k < db->packages.p[package].p.files.n; k++)
		HM_TRY(add_owner(cx, root, db, (struct rpm_owner){ package, k }));
	return NULL;
}

const struct rpm_owner *repair_rpm_owner(const struct rpm_database *db, struct hm_str place)
{
	return hm_map_get(&db->owners, place);
}

static hm_err ask(struct hm_cx *cx, const struct rpm_database *db, struct hm_str *out)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	const struct hm_str parts[] = { db->bytes, db->wal };
	bool wants = true;
	HM_TRY(hm_worker_start(cx, REPAIR_RPM_DATABASE_JOB, HM_STR(""), 0, &w));
	for (size_t i = 0; i < HM_LEN(parts); i++) {
		HM_AUTO_BUF head = HM_BUF(16);
		hm_buf_le(&head, parts[i].n, 8);
		if (wants)
			HM_TRY(hm_worker_feed(cx, &w, hm_buf_str(&head), &wants));
		if (wants && parts[i].n)
			HM_TRY(hm_worker_feed(cx, &w, parts[i], &wants));
	}
	return hm_worker_answer(cx, &w, out);
}

hm_err repair_rpm_database_read(struct hm_cx *cx, const struct repair_root *root,
				struct rpm_database *out)
{
	struct rpm_database db = { 0 };
	const struct place *p;
	struct hm_str answer;
	bool there;
	HM_TRY(find_place(cx, root, &p, &db.path));
	if (!p)
		return hm_fail(cx, HM_INPUT, "there is no database of rpm");
	db.kind = p->kind;
	HM_TRY(repair_root_file(cx, root, hm_dupz(cx, db.path), &db.bytes, &there));
	if (db.kind == RPM_MANIFEST) {
		HM_TRY_IN(cx, repair_rpm_manifest(cx, db.bytes, &db), "\"%.*s\"", HM_FMT(db.path));
		*out = db;
		return NULL;
	}
	HM_TRY(repair_root_file(cx, root, hm_fmt(cx, "%.*s-wal", HM_FMT(db.path)).p, &db.wal,
				&there));
	HM_TRY_IN(cx, ask(cx, &db, &answer), "\"%.*s\"", HM_FMT(db.path));
	for (struct hm_cur c = hm_cur(answer); c.n;) {
		struct rpm_installed i = { 0 };
		if (!repair_rpm_record_read(cx, &c, &i.p))
			return hm_fail(cx, HM_INPUT,
				       "the database's reader answered in no known form");
		*hm_push(cx, &db.packages) = i;
	}
	for (size_t i = 0; i < db.packages.n; i++)
		HM_TRY(repair_rpm_own(cx, root, &db, i));
	*out = db;
	return NULL;
}
