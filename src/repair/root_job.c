/* SPDX-License-Identifier: Apache-2.0 */
/* In the worker: a layer becomes the list of its entries. */
#include "base/worker.h"
#include "codec/stream.h"
#include "codec/tar.h"
#include "crypto/crypto.h"
#include "repair/java/java.h"
#include "repair/repair.h"
#include "repair/root.h"

enum { SCRIPT_MAX = 4096 };

struct job {
	struct hm_buf *out;
	struct hm_buf content; /* of the file that is kept, or that runs as somebody else */
	unsigned parts;        /* what is said of it: enum repair_part */
	size_t entries;
	uint64_t kept;
	bool java;          /* jars are looked into */
	struct hm_buf look; /* first the path of one, then what it says */
};

static void job_done(struct job *j)
{
	hm_buf_done(&j->content);
	hm_buf_done(&j->look);
}

/* What package managers keep, and what says where packages come from: a folder with all below it,
 * or a file. */
static const char *const wanted[] = {
	"etc/",
	"lib/apk/",
	"usr/lib/apk/",
	"usr/lib/os-release",
	"usr/lib/sysimage/rpm/",
	"usr/share/keyrings/",
	"usr/share/distribution-gpg-keys/",
	"var/lib/apt/extended_states",
	"var/lib/dpkg/",
	"var/lib/rpm/",
	"var/lib/rpmmanifest/",
};

/* An application's, or "node_modules/x", "node_modules/@s/x": what lies deeper is no package. */
static bool is_npm_folder(struct hm_str folder)
{
	struct hm_str above = hm_basename(hm_dirname(folder));
	if (hm_starts(above, HM_STR("@")))
		above = hm_basename(hm_dirname(hm_dirname(folder)));
	return hm_eqz(above, "node_modules") || hm_find(folder, HM_STR("node_modules")) == SIZE_MAX;
}

/* What is said of an installed package of a language, wherever it lies. */
static bool is_of_language(struct hm_str path, uint64_t size)
{
	static const char *const names[] = { "METADATA",  "RECORD",           "WHEEL",
					     "INSTALLER", "REQUESTED",        "direct_url.json",
					     "pip.conf",  "entry_points.txt", "pyvenv.cfg" };
	struct hm_str dir = hm_basename(hm_dirname(path)), name = hm_basename(path);
	if (hm_eqz(name, "package.json"))
		return size <= HM_MIB && is_npm_folder(hm_dirname(path));
	if (hm_eqz(name, "release")) /* of a Java runtime */
		return size <= SCRIPT_MAX;
	if (hm_eqz(name, "package-lock.json") || hm_eqz(name, "npm-shrinkwrap.json") ||
	    hm_eqz(name, ".package-lock.json"))
		return true;
	if (hm_eqz(dir, "bin")) /* console scripts */
		return size <= SCRIPT_MAX;
	for (size_t i = 0; i < HM_LEN(names); i++)
		if (hm_eqz(name, names[i]))
			return hm_ends(dir, HM_STR(".dist-info")) ||
			       hm_ends(name, HM_STR(".conf")) || hm_ends(name, HM_STR(".cfg"));
	return false;
}

static bool is_wanted(struct hm_str path)
{
	for (size_t i = 0; i < HM_LEN(wanted); i++) {
		struct hm_str w = hm_cstr(wanted[i]);
		if (hm_ends(w, HM_STR("/")) ? hm_starts(path, w) : hm_eq(path, w))
			return true;
	}
	return repair_root_is_read(path);
}

static unsigned parts_of(const struct job *j, const struct tar_entry *e, struct hm_str path)
{
	bool fits = e->type == TAR_FILE && e->size <= HM_MAX_REPAIR_FILE;
	bool has_rights = (e->mode & 06000) || e->capability.n;
	unsigned parts = e->capability.n ? REPAIR_PART_CAPABILITY : 0;
	if (fits && (is_wanted(path) || is_of_language(path, e->size)))
		parts |= REPAIR_PART_CONTENT;
	if (fits && has_rights && !e->sparse)
		parts |= REPAIR_PART_DIGEST;
	if (j->java && e->type == TAR_FILE && !e->sparse && repair_java_is_looked_at(path, e->size))
		parts |= REPAIR_PART_JAVA;
	return parts;
}

static hm_err on_entry(struct hm_cx *cx, void *arg, const struct tar_entry *e, bool *out_data)
{
	struct job *j = arg;
	struct hm_mark mark = hm_mark(cx);
	struct hm_str path, link = e->link;
	if (++j->entries > HM_MAX_LAYER_ENTRIES)
		return hm_fail(cx, HM_LIMIT, "more than %llu entries",
			       (unsigned long long)HM_MAX_LAYER_ENTRIES);
	if (e->redirected)
		return hm_fail(cx, HM_INPUT, "\"%.*s\" takes its content from elsewhere",
			       HM_FMT(e->path));
	HM_TRY(tar_clean_path(cx, e->path, &path));
	if (e->type == TAR_HARDLINK)
		HM_TRY(tar_clean_path(cx, link, &link));
	j->parts = parts_of(j, e, path);
	*out_data = j->parts & (REPAIR_PART_CONTENT | REPAIR_PART_DIGEST | REPAIR_PART_JAVA);
	hm_buf_char(j->out, (char)e->type);
	hm_buf_counted(j->out, path);
	hm_buf_counted(j->out, link);
	hm_buf_uvarint(j->out, e->mode);
	hm_buf_uvarint(j->out, e->uid);
	hm_buf_uvarint(j->out, e->gid);
	hm_buf_le(j->out, (uint64_t)e->mtime, 8);
	hm_buf_uvarint(j->out, e->size);
	hm_buf_char(j->out, (char)j->parts);
	if (e->capability.n)
		hm_buf_counted(j->out, e->capability);
	hm_buf_clear(&j->content);
	hm_buf_clear(&j->look);
	if (j->parts & REPAIR_PART_JAVA)
		hm_buf_add(&j->look, path);
	j->kept += j->parts & REPAIR_PART_CONTENT ? e->size : 0;
	hm_release(cx, mark);
	return j->kept <= HM_MAX_REPAIR_FILES
		       ? NULL
		       : hm_fail(cx, HM_LIMIT,
				 "the files of its package managers are more than %llu bytes",
				 (unsigned long long)HM_MAX_REPAIR_FILES);
}

static hm_err on_data(struct hm_cx *cx, void *arg, uint64_t offset, struct hm_str bytes)
{
	struct job *j = arg;
	(void)cx;
	while (j->content.n < offset) /* a hole */
		hm_buf_char(&j->content, '\0');
	hm_buf_add(&j->content, bytes);
	return NULL;
}

static hm_err on_end(struct hm_cx *cx, void *arg)
{
	struct job *j = arg;
	struct hm_mark mark = hm_mark(cx);
	if (j->parts & REPAIR_PART_DIGEST)
		hm_buf_counted(j->out,
			       crypto_digest_raw(cx, CRYPTO_SHA256, hm_buf_str(&j->content)));
	if (j->parts & REPAIR_PART_JAVA) {
		struct hm_str path = hm_dup(cx, hm_buf_str(&j->look)), look;
		hm_buf_clear(&j->look);
		HM_TRY(repair_java_look(cx, path, hm_buf_str(&j->content), &j->look));
		HM_TRY(hm_buf_end(cx, &j->look, "what a jar says of itself", &look));
		hm_buf_counted(j->out, look);
	}
	hm_release(cx, mark);
	if (j->parts & REPAIR_PART_CONTENT)
		hm_buf_counted(j->out, hm_buf_str(&j->content));
	return NULL;
}

hm_err repair_layer_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out)
{
	static const struct tar_events events = { on_entry, on_data, on_end };
	HM_CLEANUP(job_done)
	struct job j = { .out = out,
			 .content = HM_BUF(HM_MAX_REPAIR_JAR),
			 .look = HM_BUF(HM_MAX_REPAIR_CONTROL),
			 .java = hm_eqz(args, REPAIR_LAYER_JAVA) };
	STREAM_AUTO s = { 0 };
	HM_TRY(stream_open(cx, (struct stream_source){ stream_read_fd, &in }, &s));
	TAR_AUTO t = tar_open(cx, &events, &j);
	return tar_feed_stream(cx, t, &s);
}
