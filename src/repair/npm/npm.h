/* SPDX-License-Identifier: Apache-2.0 */
/*
 * npm.h - inside repair/: packages below node_modules, and tarballs in their place.
 *
 * Sources: npm's package.json(5), package-lock.json(5), folders(5) and package-spec; Node.js,
 * "Modules: Loading from node_modules folders"; the registry's API (a packument, dist.integrity).
 *
 *   installed.c  what the image has         choose.c  which version replaces which
 *   plan.c       asks the planner           apply.c   a tarball into the layer
 *   bins.c       links to its programs      lock.c    lock files of the application
 */
#ifndef REPAIR_NPM_NPM_H
#define REPAIR_NPM_NPM_H

#include "codec/json.h"
#include "repair/language.h"

#define REPAIR_NPM_PLAN_JOB    "repair-npm-plan"
#define REPAIR_NPM_PACKAGE_JOB "repair-npm-package"

/* --- the row --- */
bool repair_npm_is_there(const struct repair_root *root);
HM_MUST hm_err repair_npm_plan(struct hm_cx *cx, struct repair_language_run *l);
HM_MUST hm_err repair_npm_apply(struct hm_cx *cx, struct repair_language_run *l,
				struct repair_layer *layer);

/* --- what is installed --- */

struct npm_package {
	struct hm_str folder; /* "app/node_modules/@s/x"; of an application: "app" */
	struct hm_str text;   /* its package.json */
	struct hm_str held;   /* why it stays; empty: it may be replaced */
	const struct repair_node *node;
};
struct npm_packages {
	struct npm_package *p;
	size_t n, cap;
};
/* Sorted by folder. */
HM_MUST hm_err repair_npm_installed(struct hm_cx *cx, const struct repair_run *run,
				    struct npm_packages *out);
/* "@s/x" of "app/node_modules/@s/x"; empty: it is no such folder. */
struct hm_str repair_npm_name(struct hm_str folder);
/* The folder that has the node_modules which it is in, and the application above all of them. */
struct hm_str repair_npm_container(struct hm_str folder);
struct hm_str repair_npm_app(struct hm_str folder);
/* What runs it, "20.11.0"; empty: not known. */
HM_MUST hm_err repair_npm_node(struct hm_cx *cx, const struct repair_run *run, struct hm_str *out);

/* --- the planner --- */

/*
 * The question and the answer are JSON. Of the question: "kept", "node", "packages" (folder, text,
 * held), "wants" (name, version, paths, fixes), "pages" (name, text, isFolder), "known" (url, text,
 * hasGyp, why), "scripts" (names whose install scripts may be left out). Of the answer: "pages"
 * (names) and "files" (url, digest), with which it is asked again, or "choices" (package, name,
 * from, version, url, digest) and "verdicts" (outcome, version, why; one a want).
 */
HM_MUST hm_err repair_npm_choose(struct hm_cx *cx, struct json question, struct json_out *answer);

/* --- what plan() leaves for apply() --- */

struct npm_choice {
	size_t package;
	struct hm_str name, from, version, url, digest, text; /* text: the new package.json */
};
struct npm_planned {
	struct npm_packages packages;
	HM_VEC(struct npm_choice) choices;
};

/* A tarball's entries: `entry` is called before the data of each plain file; its path is below the
 * package's folder. */
struct npm_events {
	hm_err (*entry)(struct hm_cx *cx, void *arg, const struct tar_entry *e);
	hm_err (*data)(struct hm_cx *cx, void *arg, struct hm_str bytes);
	void *arg;
};
HM_MUST hm_err repair_npm_read(struct hm_cx *cx, int fd, const struct npm_events *events);

/* Links in .bin to the programs of a package: made, changed, and taken away. */
struct npm_place {
	struct repair_run *run;
	struct repair_layer *layer;
	struct repair_vanish *vanish;
};
HM_MUST hm_err repair_npm_bins(struct hm_cx *cx, const struct npm_place *at,
			       const struct npm_package *package, struct json before,
			       struct json after);
/* Is it one of the package's programs? */
bool repair_npm_is_bin(struct json manifest, struct hm_str path);

/* All lock files that name one of the replaced packages. */
HM_MUST hm_err repair_npm_locks(struct hm_cx *cx, const struct npm_place *at,
				const struct npm_planned *p);
/* A lock file as it is with the new packages: those of `p` below the folder `app`. HM_INPUT. */
HM_MUST hm_err repair_npm_lock_text(struct hm_cx *cx, struct hm_str text, struct hm_str app,
				    const struct npm_planned *p, struct hm_str *out);

#endif
