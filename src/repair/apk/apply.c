/* SPDX-License-Identifier: Apache-2.0 */
/* Packages into the layer, and what apk keeps of all of them. */
#include <fnmatch.h>
#include <unistd.h>

#include "base/worker.h"
#include "repair/apk/apk.h"

struct applying {
	struct apk_at at;
	struct hm_buf scripts;              /* entries of scripts.tar that are new */
	struct hm_buf triggers;             /* new lines of the list of triggers */
	struct apk_scripts trigger_scripts; /* by the names that they have in scripts.tar */
};

static void applying_done(struct applying *a)
{
	hm_buf_done(&a->scripts);
	hm_buf_done(&a->triggers);
}

/* ------------------------------------------------------------------ one package */

static hm_err get_package(struct hm_cx *cx, const struct repair_run *run, struct repair_change *c,
			  int *out_fd)
{
	struct repair_from from = { run->o->http, c->repository };
	CRYPTO_AUTO_HASH h = { 0 };
	bool there;
	HM_TRY(repair_fetch_unknown(cx, &from, c->path, c->size, out_fd, &there));
	if (!there)
		return hm_fail(cx, HM_ABSENT,
			       "the repository lacks \"%.*s\", which its index names",
			       HM_FMT(c->path));
	off_t size = lseek(*out_fd, 0, SEEK_END);
	if (size < 0)
		return hm_fail_os(cx, "could not read a temporary file");
	if ((uint64_t)size != c->size)
		return hm_fail(cx, HM_TRUST,
			       "\"%.*s\" is not the file that the signed index names: %llu "
			       "bytes, not %llu",
			       HM_FMT(c->path), (unsigned long long)size,
			       (unsigned long long)c->size);
	crypto_hash_start(&h, CRYPTO_SHA256);
	HM_TRY(repair_apk_hash(cx, *out_fd, 0, c->size, &h));
	c->sha256 = hm_from(crypto_hash_text(cx, &h), strlen("sha256:"));
	return NULL;
}

static bool is_script(struct hm_str name)
{
	static const char *const names[] = { ".pre-install",    ".post-install", ".pre-deinstall",
					     ".post-deinstall", ".pre-upgrade",  ".post-upgrade",
					     ".trigger" };
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_eqz(name, names[i]))
			return true;
	return false;
}

static hm_err keep_scripts(struct hm_cx *cx, struct applying *a, const struct apk_package *p,
			   const struct apk_unpacked *u)
{
	struct hm_str triggers = repair_apk_info(cx, u->info, "triggers");
	uint64_t when;
	if (!hm_u64(repair_apk_info(cx, u->info, "builddate"), INT64_MAX / 2, &when))
		when = 0;
	for (size_t i = 0; i < u->scripts.n; i++) {
		const struct apk_script *s = &u->scripts.p[i];
		struct tar_entry e = {
			.type = TAR_FILE, .mode = 0755, .size = s->bytes.n, .mtime = (int64_t)when
		};
		if (!is_script(s->name))
			continue;
		e.path = hm_fmt(cx, "%.*s-%.*s.%.*s%.*s", HM_FMT(p->name), HM_FMT(p->version),
				HM_FMT(p->csum), HM_FMT(s->name));
		HM_TRY(tar_write_header(cx, &e, &a->scripts));
		hm_buf_add(&a->scripts, s->bytes);
		hm_buf_add(&a->scripts, tar_padding(s->bytes.n));
		if (hm_eqz(s->name, ".trigger"))
			*hm_push(cx, &a->trigger_scripts) = (struct apk_script){ e.path, s->bytes };
	}
	if (triggers.n)
		hm_buf_fmt(&a->triggers, "%.*s %.*s\n", HM_FMT(p->csum), HM_FMT(triggers));
	return NULL;
}

static hm_err apply_change(struct hm_cx *cx, struct applying *a, struct repair_change *c,
			   struct hm_str index)
{
	HM_AUTO_FD fd = -1;
	struct apk_unpacked u = { .index = index };
	const struct apk_package *old = repair_apk_db_find(a->at.db, c->name);
	struct apk_package p = { .name = c->name,
				 .version = c->to,
				 .csum = repair_apk_field(index, 'C'),
				 .changed = true };
	if (old) {
		p.old_version = old->version;
		p.old_csum = old->csum;
		p.old = old->files;
	}
	HM_TRY(get_package(cx, a->at.run, c, &fd));
	HM_TRY(repair_apk_unpack(cx, &a->at, fd, &u));
	repair_apk_scripts(cx, &a->at, &u, old ? old->text : HM_STR(""), c);
	HM_TRY(repair_apk_db_text(cx, index, u.info, &u.files, &p.text));
	p.files = u.files;
	HM_TRY(keep_scripts(cx, a, &p, &u));
	repair_apk_db_put(cx, a->at.db, &p);
	return NULL;
}

/* ------------------------------------------------------------------ records of all */

static struct hm_str record_path(struct hm_cx *cx, const struct applying *a, const char *name)
{
	return hm_fmt(cx, "%.*s/%s", HM_FMT(a->at.db->folder), name);
}

static hm_err put_record(struct hm_cx *cx, struct applying *a, const char *name,
			 struct hm_str bytes)
{
	struct tar_entry e = { .mode = 0644, .mtime = a->at.l->newest };
	HM_TRY(repair_root_target(cx, &a->at.run->root, record_path(cx, a, name), &e.path));
	const struct repair_node *n = repair_root_at(&a->at.run->root, e.path);
	if (n) {
		e.mode = n->mode;
		e.uid = n->uid;
		e.gid = n->gid;
	}
	return repair_layer_file(cx, a->at.l, &e, bytes);
}

static hm_err read_kept(struct hm_cx *cx, struct applying *a, struct hm_str answer,
			struct hm_str *out)
{
	struct hm_cur c = hm_cur(answer);
	*out = hm_take_str(&c, hm_uvarint(&c));
	uint64_t n = hm_uvarint(&c);
	for (uint64_t i = 0; i < n && !c.bad; i++) {
		struct apk_script s = { .name = hm_take_str(&c, hm_uvarint(&c)) };
		s.bytes = hm_take_str(&c, hm_uvarint(&c));
		*hm_push(cx, &a->trigger_scripts) = s;
	}
	return c.bad || c.n || out->n % 512
		       ? hm_fail(cx, HM_INPUT, "scripts.tar: its reader answered in no known form")
		       : NULL;
}

static hm_err put_scripts(struct hm_cx *cx, struct applying *a)
{
	HM_AUTO_BUF args = HM_BUF(HM_KIB * 256);
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	struct hm_str old, kept = HM_STR(""), answer, text;
	bool there;
	for (size_t i = 0; i < a->at.db->packages.n; i++) {
		const struct apk_package *p = &a->at.db->packages.p[i];
		if (p->changed && p->old_csum.n)
			hm_buf_counted(&args, hm_fmt(cx, "%.*s-%.*s.%.*s.", HM_FMT(p->name),
						     HM_FMT(p->old_version), HM_FMT(p->old_csum)));
	}
	HM_TRY(hm_buf_end(cx, &args, "the names of packages", &text));
	HM_TRY(repair_root_file(cx, &a->at.run->root, record_path(cx, a, "scripts.tar").p, &old,
				&there));
	if (there) {
		HM_TRY_IN(cx, hm_worker_run(cx, REPAIR_APK_SCRIPTS_JOB, text, old, &answer),
			  "scripts.tar");
		HM_TRY(read_kept(cx, a, answer, &kept));
	} else if (!a->scripts.n) {
		return NULL;
	}
	hm_buf_add(&b, kept);
	hm_buf_add(&b, hm_buf_str(&a->scripts));
	hm_buf_add(&b, tar_trailer());
	HM_TRY(hm_buf_end(cx, &b, "scripts.tar", &text));
	return a->scripts.over ? hm_fail(cx, HM_LIMIT, "the scripts are too large")
			       : put_record(cx, a, "scripts.tar", text);
}

static const struct apk_package *by_checksum(const struct apk_db *db, struct hm_str csum)
{
	for (size_t i = 0; i < db->packages.n; i++)
		if (hm_eq(db->packages.p[i].csum, csum))
			return &db->packages.p[i];
	return NULL;
}

/* Lines of packages that are there; an old version's goes. */
static hm_err put_triggers(struct hm_cx *cx, struct applying *a, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	struct hm_str old;
	bool there;
	HM_TRY(repair_root_file(cx, &a->at.run->root, record_path(cx, a, "triggers").p, &old,
				&there));
	while (there && old.n) {
		struct hm_str line = hm_line(&old), rest = line;
		const struct apk_package *p = by_checksum(a->at.db, repair_apk_word(&rest));
		if (p && !p->changed)
			hm_buf_fmt(&b, "%.*s\n", HM_FMT(line));
	}
	hm_buf_add(&b, hm_buf_str(&a->triggers));
	HM_TRY(hm_buf_end(cx, &b, "the list of triggers", out));
	*out = hm_dup(cx, *out);
	return there || out->n ? put_record(cx, a, "triggers", *out) : NULL;
}

/* ------------------------------------------------------------------ triggers that would run */

static bool matches(struct hm_cx *cx, const struct apk_files *files, const char *pattern,
		    bool *out_modules)
{
	struct hm_mark mark = hm_mark(cx);
	bool any = false;
	for (size_t i = 0; i < files->n; i++) {
		struct hm_str dir = hm_dirname(files->p[i].path);
		if (files->p[i].is_dir ||
		    fnmatch(pattern, hm_fmt(cx, "/%.*s", HM_FMT(dir)).p, FNM_PATHNAME) != 0)
			continue;
		any = true;
		*out_modules = *out_modules || hm_find(dir, HM_STR("lib/modules")) != SIZE_MAX;
	}
	hm_release(cx, mark);
	return any;
}

static bool fires(struct hm_cx *cx, const struct apk_db *db, struct hm_str patterns,
		  bool *out_modules)
{
	bool any = false;
	for (struct hm_str word = repair_apk_word(&patterns); word.n;
	     word = repair_apk_word(&patterns)) {
		const char *pattern = hm_dupz(cx, hm_from(word, hm_starts(word, HM_STR("+"))));
		for (size_t i = 0; i < db->packages.n; i++) {
			const struct apk_package *p = &db->packages.p[i];
			if (p->changed && (matches(cx, &p->files, pattern, out_modules) ||
					   matches(cx, &p->old, pattern, out_modules)))
				any = true;
		}
	}
	return any;
}

static const struct apk_script *trigger_of(struct hm_cx *cx, const struct applying *a,
					   const struct apk_package *p)
{
	struct hm_str name = hm_fmt(cx, "%.*s-%.*s.%.*s.trigger", HM_FMT(p->name),
				    HM_FMT(p->version), HM_FMT(p->csum));
	for (size_t i = 0; i < a->trigger_scripts.n; i++)
		if (hm_eq(a->trigger_scripts.p[i].name, name))
			return &a->trigger_scripts.p[i];
	return NULL;
}

static hm_err check_triggers(struct hm_cx *cx, const struct applying *a, struct hm_str triggers)
{
	while (triggers.n) {
		struct hm_str line = hm_line(&triggers);
		const struct apk_package *p = by_checksum(a->at.db, repair_apk_word(&line));
		bool modules = false;
		if (!p || !fires(cx, a->at.db, line, &modules))
			continue;
		const struct apk_script *s = trigger_of(cx, a, p);
		if (s && !modules && repair_apk_trigger_is_known(s->bytes))
			continue;
		if (!repair_allows(cx, a->at.run, p->name))
			return hm_hint(cx,
				       hm_fail(cx, HM_DENIED,
					       "the trigger of \"%.*s\" would run, and does what "
					       "nobody here knows",
					       HM_FMT(p->name)),
				       "--allow-scripts PACKAGE where it may be left out");
		*hm_push(cx, &a->at.run->result->notes) =
			hm_fmt(cx, "the trigger of %.*s was left out", HM_FMT(p->name));
	}
	return NULL;
}

hm_err repair_apk_apply(struct hm_cx *cx, struct repair_run *run, struct repair_layer *l)
{
	struct apk_planned *planned = run->own;
	struct apk_protected protected = { 0 };
	HM_CLEANUP(applying_done)
	struct applying a = { .at = { run, &planned->db, l, &protected },
			      .scripts = HM_BUF(HM_MAX_REPAIR_FILE),
			      .triggers = HM_BUF(HM_MIB) };
	struct repair_changes *changes = &run->result->changes;
	struct hm_str triggers, text;
	if (repair_root_at(&run->root, record_path(cx, &a, "scripts.tar.gz")))
		return hm_fail(cx, HM_INPUT,
			       "apk's scripts are packed (scripts.tar.gz), which is not read yet");
	HM_TRY(repair_apk_protected(cx, &run->root, &protected));
	for (size_t i = 0; i < changes->n; i++)
		HM_TRY_IN(cx, apply_change(cx, &a, &changes->p[i], planned->index.p[i]),
			  "package \"%.*s\"", HM_FMT(changes->p[i].name));
	HM_TRY(repair_apk_vanish(cx, &a.at));
	HM_TRY(put_scripts(cx, &a));
	HM_TRY(put_triggers(cx, &a, &triggers));
	HM_TRY(check_triggers(cx, &a, triggers));
	HM_TRY(repair_apk_db_format(cx, &planned->db, &text));
	return put_record(cx, &a, "installed", text);
}
