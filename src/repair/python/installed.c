/* SPDX-License-Identifier: Apache-2.0 */
/* Which distributions an image has, who runs them, and which of them are not ours to replace. */
#include "base/worker.h"
#include "codec/stanza.h"
#include "repair/python/python.h"

static bool is_metadata(const struct repair_node *n)
{
	struct hm_str folder = hm_dirname(n->path);
	/* "~name": what pip could not remove, and Python does not see */
	return !n->is_gone && n->type == TAR_FILE && hm_eqz(hm_basename(n->path), "METADATA") &&
	       hm_ends(folder, HM_STR(".dist-info")) &&
	       !hm_starts(hm_basename(folder), HM_STR("~"));
}

bool repair_python_is_there(const struct repair_root *root)
{
	for (size_t i = 0; i < root->nodes.n; i++)
		if (is_metadata(root->nodes.entries[i].value))
			return true;
	return false;
}

const struct repair_node *repair_python_own(struct hm_cx *cx, const struct repair_root *root,
					    struct hm_str folder, const char *name)
{
	const struct repair_node *n =
		repair_root_at(root, hm_fmt(cx, "%.*s/%s", HM_FMT(folder), name));
	return n && n->type == TAR_FILE && n->is_kept ? n : NULL;
}

/* ------------------------------------------------------------------ which Python runs it */

/* "python3.11": "3.11". */
static struct hm_str version_in(struct hm_str name)
{
	static const struct hm_str head = HM_STR_INIT("python3.");
	struct hm_str minor = hm_from(name, head.n);
	uint64_t number;
	return hm_starts(name, head) && hm_u64(minor, 1000, &number) ? hm_from(name, 6)
								     : HM_STR("");
}

/* The only one that the image has a program of; empty: none, or several. */
static struct hm_str only_python(const struct repair_root *root)
{
	struct hm_str found = HM_STR("");
	for (size_t i = 0; i < root->nodes.n; i++) {
		const struct repair_node *n = root->nodes.entries[i].value;
		struct hm_str version = version_in(hm_basename(n->path));
		if (n->is_gone || n->type == TAR_DIR || !version.n ||
		    !hm_eqz(hm_basename(hm_dirname(n->path)), "bin") || hm_eq(found, version))
			continue;
		if (found.n)
			return HM_STR("");
		found = version;
	}
	return found;
}

/* "PREFIX/lib/python3.11/site-packages": the prefix; empty: it lies elsewhere. */
static struct hm_str prefix_of(struct hm_str site)
{
	struct hm_str name = hm_basename(site), python = hm_dirname(site);
	struct hm_str lib = hm_dirname(python);
	bool good = (hm_eqz(name, "site-packages") || hm_eqz(name, "dist-packages")) &&
		    hm_starts(hm_basename(python), HM_STR("python3")) &&
		    (hm_eqz(hm_basename(lib), "lib") || hm_eqz(hm_basename(lib), "lib64"));
	return good ? hm_dirname(lib) : HM_STR("");
}

static struct hm_str setting(struct hm_str text, const char *key)
{
	while (text.n) {
		struct hm_str value = hm_line(&text), name = hm_trim(hm_cut(&value, '='));
		if (hm_eqz(name, key))
			return hm_trim(value);
	}
	return HM_STR("");
}

/* Distributions of one group see each other. */
static void place_dist(struct hm_cx *cx, const struct repair_root *root, struct python_dist *d)
{
	struct hm_str site = hm_dirname(d->folder), prefix = prefix_of(site);
	d->python = version_in(hm_basename(hm_dirname(site)));
	if (!d->python.n)
		d->python = only_python(root);
	d->group = site;
	if (!prefix.n)
		return;
	const struct repair_node *venv = repair_python_own(cx, root, prefix, "pyvenv.cfg");
	bool shared =
		!venv || hm_eqz(setting(venv->content, "include-system-site-packages"), "true");
	if (shared && (venv || hm_eqz(prefix, "usr") || hm_eqz(prefix, "usr/local")))
		d->group = hm_fmt(cx, "system %.*s", HM_FMT(d->python));
	else
		d->group = hm_fmt(cx, "%.*s %.*s", HM_FMT(prefix), HM_FMT(d->python));
}

/* ------------------------------------------------------------------ whose it is */

/* A wheel from a file is a wheel; what was built on the way from a folder or a repository of
 * sources is no version of an index. */
static bool is_from_elsewhere(struct hm_str direct_url)
{
	return hm_find(direct_url, HM_STR("\"vcs_info\"")) != SIZE_MAX ||
	       hm_find(direct_url, HM_STR("\"dir_info\"")) != SIZE_MAX ||
	       hm_find(direct_url, HM_STR(".whl")) == SIZE_MAX;
}

static struct hm_str why_held(struct hm_cx *cx, const struct repair_run *run,
			      const struct python_dist *d)
{
	struct hm_str owner = repair_language_owner(run->o, HM_STR("pypi"),
						    hm_fmt(cx, "%.*s/METADATA", HM_FMT(d->folder)));
	const struct repair_node *url =
		repair_python_own(cx, &run->root, d->folder, "direct_url.json");
	const struct repair_node *by = repair_python_own(cx, &run->root, d->folder, "INSTALLER");
	if (owner.n)
		return hm_fmt(cx, "it is part of %.*s", HM_FMT(owner));
	if (!repair_python_own(cx, &run->root, d->folder, "RECORD"))
		return HM_STR("it has no RECORD, and so no list of its files");
	if (by && hm_eqz(hm_trim(by->content), "conda"))
		return HM_STR("conda installed it, whose own records would not be true any more");
	if (url && is_from_elsewhere(url->content))
		return HM_STR("it was built from sources that no index has (direct_url.json)");
	return HM_STR("");
}

/* ------------------------------------------------------------------ RECORDs */

static hm_err read_places(struct hm_cx *cx, struct python_planned *p, struct hm_str answer)
{
	struct hm_cur c = hm_cur(answer);
	for (size_t i = 0; i < p->q.dists.n; i++) {
		struct hm_str why = hm_take_str(&c, hm_uvarint(&c));
		struct hm_cur places = hm_cur(hm_take_str(&c, hm_uvarint(&c)));
		if (why.n && !p->q.dists.p[i].held.n)
			p->q.dists.p[i].held = why;
		while (places.n && !places.bad)
			*hm_push(cx, &p->installed[i].files) =
				hm_take_str(&places, hm_uvarint(&places));
		c.bad |= places.bad;
	}
	return c.bad || c.n
		       ? hm_fail(cx, HM_INPUT, "the reader of RECORDs answered in no known form")
		       : NULL;
}

static hm_err read_records(struct hm_cx *cx, const struct repair_run *run, struct python_planned *p)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_QUESTION);
	struct hm_str input, answer;
	for (size_t i = 0; i < p->q.dists.n; i++) {
		const struct repair_node *n =
			repair_python_own(cx, &run->root, p->q.dists.p[i].folder, "RECORD");
		hm_buf_counted(&b, p->installed[i].site);
		hm_buf_counted(&b, n ? n->content : HM_STR(""));
	}
	HM_TRY(hm_buf_end(cx, &b, "what is installed", &input));
	HM_TRY(hm_worker_run(cx, REPAIR_PYTHON_RECORD_JOB, HM_STR(""), input, &answer));
	return read_places(cx, p, answer);
}

/* What lies inside of another one ("setuptools/_vendor") is that one's. */
static void hold_bundled(struct hm_cx *cx, struct python_planned *p)
{
	struct hm_map folders = { 0 };
	for (size_t i = 0; i < p->q.dists.n; i++)
		hm_map_put(cx, &folders,
			   hm_fmt(cx, "%.*s/METADATA", HM_FMT(p->installed[i].folder)),
			   &p->q.dists.p[i]);
	for (size_t i = 0; i < p->q.dists.n; i++)
		for (size_t k = 0; k < p->installed[i].files.n; k++) {
			struct python_dist *d = hm_map_get(&folders, p->installed[i].files.p[k]);
			if (d && d != &p->q.dists.p[i] && !d->held.n)
				d->held = hm_fmt(cx, "it is bundled in %.*s",
						 HM_FMT(hm_basename(p->q.dists.p[i].folder)));
		}
}

/* ------------------------------------------------------------------ the C library */

static struct hm_str two_parts(struct hm_str version)
{
	struct hm_str rest = version;
	hm_cut(&rest, '.');
	size_t n = 0;
	while (n < rest.n && hm_is_digit(rest.p[n]))
		n++;
	return hm_sub(version, 0, version.n - rest.n + n);
}

static hm_err find_libc(struct hm_cx *cx, const struct repair_root *root, struct python_question *q)
{
	static const char *const files[] = { "var/lib/dpkg/status", "var/lib/dpkg/status.d/libc6" };
	struct stanza s = { 0 };
	struct hm_str text;
	bool there;
	for (size_t i = 0; i < HM_LEN(files); i++) {
		HM_TRY(repair_root_file(cx, root, files[i], &text, &there));
		while (stanza_next(cx, &text, &s))
			if (hm_eqz(stanza_get(&s, "Package"), "libc6"))
				q->glibc = two_parts(stanza_get(&s, "Version"));
	}
	HM_TRY(repair_root_file(cx, root, "lib/apk/db/installed", &text, &there));
	while (stanza_next(cx, &text, &s))
		if (hm_eqz(stanza_get(&s, "P"), "musl"))
			q->musl = two_parts(stanza_get(&s, "V"));
	return NULL;
}

/* As Python's platform.machine() has it. */
static struct hm_str machine_of(struct hm_str architecture)
{
	static const struct {
		const char *oci;
		struct hm_str machine;
	} rows[] = {
		{ "amd64", HM_STR_INIT("x86_64") },       { "x86_64", HM_STR_INIT("x86_64") },
		{ "arm64", HM_STR_INIT("aarch64") },      { "aarch64", HM_STR_INIT("aarch64") },
		{ "386", HM_STR_INIT("i686") },           { "ppc64le", HM_STR_INIT("ppc64le") },
		{ "riscv64", HM_STR_INIT("riscv64") },    { "s390x", HM_STR_INIT("s390x") },
		{ "loong64", HM_STR_INIT("loongarch64") }
	};
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (hm_eqz(architecture, rows[i].oci))
			return rows[i].machine;
	return HM_STR("");
}

hm_err repair_python_installed(struct hm_cx *cx, const struct repair_run *run,
			       struct python_planned *p)
{
	struct hm_strs folders = { 0 };
	for (size_t i = 0; i < run->root.nodes.n; i++) {
		const struct repair_node *n = run->root.nodes.entries[i].value;
		if (is_metadata(n) && n->is_kept)
			*hm_push(cx, &folders) = hm_dirname(n->path);
	}
	hm_strs_sort(&folders);
	p->installed = hm_new(cx, struct python_installed, folders.n + 1);
	for (size_t i = 0; i < folders.n; i++) {
		struct python_dist d = { .folder = folders.p[i] };
		const struct repair_node *wheel =
			repair_python_own(cx, &run->root, d.folder, "WHEEL");
		d.metadata = repair_python_own(cx, &run->root, d.folder, "METADATA")->content;
		d.wheel = wheel ? wheel->content : HM_STR("");
		d.held = why_held(cx, run, &d);
		place_dist(cx, &run->root, &d);
		*hm_push(cx, &p->q.dists) = d;
		p->installed[i].folder = d.folder;
		p->installed[i].site = hm_dirname(d.folder);
	}
	p->q.machine = machine_of(run->architecture);
	HM_TRY(find_libc(cx, &run->root, &p->q));
	HM_TRY(read_records(cx, run, p));
	hold_bundled(cx, p);
	return NULL;
}
