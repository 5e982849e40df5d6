/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language.h - inside repair/: packages of programming languages, beside those of the distribution.
 *
 * A language is a row and a folder. It finds what is installed in the merged root, and replaces
 * only what a finding names, by the least version without it that all that is installed beside it
 * allows; what cannot be replaced stays, and the finding says why. Packages come from what --repo
 * TYPE=URL|FOLDER names. A file of a repository counts only after its digest is that of the index;
 * what an operator puts into a folder is the operator's own word.
 */
#ifndef REPAIR_LANGUAGE_H
#define REPAIR_LANGUAGE_H

#include "repair/fetch.h"
#include "repair/room.h"

struct repair_language;

/* One language of one image on its way. */
struct repair_language_run {
	const struct repair_language *row;
	struct repair_run *run;
	struct hm_strs repositories; /* of --repo TYPE=..., without what stands before '=' */
	struct repair_changes changes;
	void *own; /* what plan() leaves for apply() */
};

struct repair_language {
	const char *type; /* of purls, and what stands before '=' in --repo */
	const char *name; /* "Python" */
	/* Is anything of it installed? */
	bool (*is_there)(const struct repair_root *root);
	/* Into l->changes, and into those findings of the result that are of its type. */
	hm_err (*plan)(struct hm_cx *cx, struct repair_language_run *l);
	hm_err (*apply)(struct hm_cx *cx, struct repair_language_run *l,
			struct repair_layer *layer);
};
extern const struct repair_language repair_languages[]; /* ended by a row without type */

struct repair_language_runs {
	struct repair_language_run *p;
	size_t n; /* of those that are there */
};
/* Which languages the image has; those repositories that are theirs are taken out of *o. */
HM_MUST hm_err repair_languages_open(struct hm_cx *cx, struct repair_run *run,
				     struct repair_options *o, struct repair_language_runs *out);
HM_MUST hm_err repair_languages_plan(struct hm_cx *cx, struct repair_language_runs *all);
/* Does a plan change anything? */
bool repair_languages_any(const struct repair_language_runs *all);
/* Into the layer, and behind the result's changes. */
HM_MUST hm_err repair_languages_apply(struct hm_cx *cx, struct repair_language_runs *all,
				      struct repair_layer *layer);

/* --- what languages share --- */

/* Is what is wanted of this language? */
bool repair_language_wants(const struct repair_language_run *l, const struct repair_wanted *w);
/* For a planner's worker: "wants", each with "name", "version", "paths" and "fixes". */
void repair_language_put_wants(const struct repair_language_run *l, struct json_out *o);
/* Its answer, untrusted: each wanted package's "outcome", "version" and "why", in the same order,
 * into the findings of the result. HM_INPUT. */
HM_MUST hm_err repair_language_take_verdicts(struct hm_cx *cx, struct repair_language_run *l,
					     struct json verdicts);
/* None of its packages is replaced, for this reason. */
void repair_language_give_up(struct repair_language_run *l, struct hm_str why);
/* HM_INPUT, for an answer that no worker of ours gives. */
HM_MUST hm_err repair_language_bad_answer(struct hm_cx *cx);

/* A version that a release may go to, by --library-patch-level: how many of its first numbers
 * stay. */
unsigned repair_language_kept_parts(enum repair_level level);
/* Do the first `parts` numbers of two versions agree, as far as they have any? */
bool repair_language_same_line(struct hm_str a, struct hm_str b, unsigned parts);
/*
 * Advisories name the first fixed version of each branch, and not where a branch begins: a version
 * counts as fixed at or above the last of them, or within the major version (the minor one, where
 * that has several) of one. `from` is what is installed: what was fixed before is of no branch
 * behind it.
 */
bool repair_language_has_fix(struct hm_str type, const struct hm_strs *fixes, struct hm_str from,
			     struct hm_str version);
/* The package of the distribution that has this file, by the inventory; empty: none. */
struct hm_str repair_language_owner(const struct repair_options *o, struct hm_str type,
				    struct hm_str path);

/* Files of old versions on their way out (vanish.c). */
struct repair_vanish {
	const struct repair_root *root;
	struct hm_map kept, gone; /* places */
	struct hm_strs places;
};
/* A path that stays, with its folders. */
HM_MUST hm_err repair_vanish_keep(struct hm_cx *cx, struct repair_vanish *v, struct hm_str path);
/* A path that goes, unless it is kept: links in its folders are followed. Call it when all that is
 * kept is known. */
HM_MUST hm_err repair_vanish_add(struct hm_cx *cx, struct repair_vanish *v, struct hm_str path);
/* Hide them, and the folders that have become empty. */
HM_MUST hm_err repair_vanish_end(struct hm_cx *cx, struct repair_vanish *v,
				 struct repair_layer *layer);

#endif
