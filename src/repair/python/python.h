/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python.h - inside repair/: installed Python distributions, and wheels in their place.
 *
 * Sources: the specifications of packaging.python.org: "Recording installed projects" (dist-info,
 * RECORD, INSTALLER, REQUESTED), "Binary distribution format" (wheels), "Platform compatibility
 * tags", "Simple repository API" (PEP 503, 691, 658), "Dependency specifiers" (PEP 508), "Version
 * specifiers" (PEP 440), "Entry points"; what pip does where these leave a choice.
 *
 *   requirement.c  one requirement            wheel_name.c  names and tags of wheels
 *   marker.c       environment markers        index.c       pages of an index, folders
 *   wire.c         what the planner is asked  choose.c      which version replaces which
 *   installed.c    what the image has         plan.c        asks the planner until it knows
 *   records.c      RECORD                     wheel_job.c   a wheel becomes records
 *   apply.c        a wheel into the layer     script.c      console scripts
 */
#ifndef REPAIR_PYTHON_PYTHON_H
#define REPAIR_PYTHON_PYTHON_H

#include "repair/language.h"

#define REPAIR_PYTHON_PLAN_JOB   "repair-python-plan"
#define REPAIR_PYTHON_RECORD_JOB "repair-python-record"
#define REPAIR_PYTHON_WHEEL_JOB  "repair-python-wheel"

/* --- the row --- */
bool repair_python_is_there(const struct repair_root *root);
HM_MUST hm_err repair_python_plan(struct hm_cx *cx, struct repair_language_run *l);
HM_MUST hm_err repair_python_apply(struct hm_cx *cx, struct repair_language_run *l,
				   struct repair_layer *layer);

/* --- requirements (PEP 508) --- */

struct python_requirement {
	struct hm_str name, extras, specifiers, url, marker;
};
/* False: it cannot be read. */
bool repair_python_requirement(struct hm_str text, struct python_requirement *out);

enum python_truth { PYTHON_FALSE, PYTHON_TRUE, PYTHON_UNKNOWN };
/* Where a marker is asked about. */
struct python_environment {
	struct hm_str version; /* "3.11"; empty: not known */
	struct hm_str full;    /* "3.11.0" */
	struct hm_str machine; /* "x86_64"; empty: not known */
	struct hm_str extra;
};
enum python_truth repair_python_marker(struct hm_str marker, const struct python_environment *e);

/* A name as it is compared (PEP 503). */
struct hm_str repair_python_key(struct hm_cx *cx, struct hm_str name);

/* --- wheels --- */

struct python_wheel_name {
	struct hm_str name, version, build, python, abi, platform; /* tags: sets, "py2.py3" */
};
bool repair_python_wheel_name(struct hm_str file, struct python_wheel_name *out);

/* What a wheel must fit. */
struct python_fit {
	struct hm_str python;       /* "3.11"; empty: not known */
	const struct hm_strs *tags; /* "cp311-cp311-manylinux_2_17_x86_64", of the installed one */
	struct hm_str glibc, musl;  /* "2.36"; empty: there is none, or it is not known */
};
/* 0: it does not fit; else the higher the better. */
unsigned repair_python_rank(const struct python_wheel_name *w, const struct python_fit *fit);

/* A file of an index that fits. */
struct python_file {
	struct hm_str version, url, sha256, requires_python;
	struct hm_str metadata_sha256; /* of URL.metadata (PEP 658); empty: there is none */
	unsigned rank;
};
struct python_files {
	struct python_file *p;
	size_t n, cap;
	bool has_others; /* there are files that do not fit: other platforms, sources */
	bool has_unhashed;
	struct hm_str newest; /* version of anything that is not yanked */
};
/* Of a page, the best file of each version, oldest version first; yanked ones are left out.
 * HM_INPUT: it is no such page. */
HM_MUST hm_err repair_python_index(struct hm_cx *cx, struct hm_str key, struct hm_str base,
				   struct hm_str page, const struct python_fit *fit,
				   struct python_files *out);
/* The same of a folder: `page` is a list of paths, a line each. */
HM_MUST hm_err repair_python_folder(struct hm_cx *cx, struct hm_str key, struct hm_str page,
				    const struct python_fit *fit, struct python_files *out);

/* --- what the planner is asked, and answers --- */

struct python_dist {
	struct hm_str folder; /* "usr/lib/python3.11/site-packages/X-1.dist-info" */
	struct hm_str python, group, held;
	struct hm_str metadata, wheel;
	/* Out of these two: */
	struct hm_str name, key, version;
	struct hm_strs requires, tags;
};
struct python_want {
	struct hm_str name, version;
	struct hm_strs paths, fixes;
};
struct python_page {
	struct hm_str key, base, text;
	bool is_folder;
};
/* What a wheel says of itself; .why: it could not be had. */
struct python_known {
	struct hm_str url, metadata, why;
};
struct python_question {
	uint64_t kept_parts; /* of a version */
	struct hm_str machine, glibc, musl;
	HM_VEC(struct python_dist) dists;
	HM_VEC(struct python_want) wants;
	HM_VEC(struct python_page) pages;
	HM_VEC(struct python_known) known;
};
struct python_choice {
	uint64_t dist;
	struct hm_str name, from;
	struct python_file file;
};
struct python_verdict {
	uint64_t outcome; /* enum repair_outcome */
	struct hm_str version, why;
};
struct python_answer {
	struct hm_strs pages;             /* keys: asked again with them */
	HM_VEC(struct python_file) files; /* asked again with what they say of themselves */
	HM_VEC(struct python_choice) choices;
	HM_VEC(struct python_verdict) verdicts; /* one a want */
};
void repair_python_question_put(struct hm_buf *b, const struct python_question *q);
HM_MUST hm_err repair_python_question_read(struct hm_cx *cx, struct hm_str bytes,
					   struct python_question *out);
void repair_python_answer_put(struct hm_buf *b, const struct python_answer *a);
/* Untrusted bytes. HM_INPUT. */
HM_MUST hm_err repair_python_answer_read(struct hm_cx *cx, struct hm_str bytes,
					 struct python_answer *out);
/* The whole planner: a function of its question. */
HM_MUST hm_err repair_python_choose(struct hm_cx *cx, struct python_question *q,
				    struct python_answer *out);

/* --- RECORD --- */

struct python_entry {
	struct hm_str path, hash, size; /* as they stand there; hash: "sha256=..." */
};
struct python_entries {
	struct python_entry *p;
	size_t n, cap;
};
/* HM_INPUT: no such table; HM_LIMIT. */
HM_MUST hm_err repair_python_record_parse(struct hm_cx *cx, struct hm_str text,
					  struct python_entries *out);
/* A row, as Python's csv module writes it. */
void repair_python_record_put(struct hm_buf *b, const struct python_entry *e);
/* Where a path of a RECORD lies in the image, whose packages' folder is `site`; false: out of it.
 */
bool repair_python_record_place(struct hm_cx *cx, struct hm_str site, struct hm_str path,
				struct hm_str *out);

/* --- what plan() leaves for apply() --- */

struct python_installed {
	struct hm_str folder, site;
	struct hm_strs files; /* paths in the image */
};
struct python_planned {
	struct python_question q;
	struct python_installed *installed; /* beside q.dists */
	struct python_answer a;
};
/* Into q.dists, with what each of them has. */
HM_MUST hm_err repair_python_installed(struct hm_cx *cx, const struct repair_run *run,
				       struct python_planned *p);
/* A file in the folder of a distribution; NULL: there is none, or it was not kept. */
const struct repair_node *repair_python_own(struct hm_cx *cx, const struct repair_root *root,
					    struct hm_str folder, const char *name);
/* --- wheels on their way out of the worker --- */

enum { WHEEL_ENTRY = 'E', WHEEL_DATA = 'D', WHEEL_END = 'X' };
enum { WHEEL_SITE = 'r', WHEEL_SCRIPT = 's', WHEEL_BASE = 'd', WHEEL_HEADER = 'h' };
struct wheel_entry {
	char kind;
	bool is_program; /* executable by its mode */
	int64_t mtime;
	uint64_t size;
	struct hm_str path, hash; /* hash: what the wheel's RECORD says */
};
void repair_python_wheel_entry_put(struct hm_buf *b, const struct wheel_entry *e);
bool repair_python_wheel_entry_read(struct hm_cur *c, struct wheel_entry *out);

/* --- console scripts --- */

/* A script as pip makes it; `like` is one that it made before, whose first lines and form are
 * taken. False: that has no known form. */
bool repair_python_script(struct hm_cx *cx, struct hm_str like, struct hm_str entry,
			  struct hm_str *out);
/* The interpreter's line, "#!/usr/bin/python3\n", or the three lines of a long one; empty: none. */
struct hm_str repair_python_script_head(struct hm_str script);

#endif
