/* SPDX-License-Identifier: Apache-2.0 */
/* choosing.h - inside repair/java/: what the planner keeps while it chooses. */
#ifndef REPAIR_JAVA_CHOOSING_H
#define REPAIR_JAVA_CHOOSING_H

#include "repair/java/java.h"

enum java_fit { JAVA_FIT_NOT_ASKED, JAVA_FIT_NO, JAVA_FIT_YES, JAVA_FIT_PENDING };

struct java_need {
	struct hm_str key, version; /* "group:artifact"; the version as the pom has it */
};
struct java_needs {
	struct java_need *p;
	size_t n, cap;
};
/* A version that is offered. */
struct java_offer {
	struct hm_str version, url;
	enum java_fit fit;
	struct hm_str why;            /* it does not fit */
	struct hm_str file, named_by; /* its name in the image; what keeps that */
	struct java_needs needs;
};
struct java_target {
	struct hm_str outer; /* the archive that it lies in, one of .jars; empty: it is a file */
	struct hm_str path, held, key, group, artifact, version;
	struct json look;
	bool is_guessed, is_wanted, has_page;
	struct java_needs needs;
	HM_VEC(struct java_offer) offers; /* oldest first */
	struct java_offer *chosen;
};
struct java_want {
	struct hm_str name, version;
	struct hm_strs paths, fixes;
};
struct java_choosing {
	struct hm_cx *cx;
	struct json q;
	uint64_t java;
	unsigned kept;
	HM_VEC(struct java_target) jars;
	HM_VEC(struct java_want) wants;
	HM_VEC(struct java_name) names;
	struct hm_map paths; /* to index + 1 */
	struct hm_map inner; /* OUTER!/ENTRY: all archives in archives, as far as they are named */
	struct hm_strs pages, asked;
};

/* --- question.c --- */

/* s->q into the rest of it. */
void repair_java_read_question(struct java_choosing *s);

/* --- fit.c --- */

void repair_java_read_needs(struct hm_cx *cx, struct json look, struct java_needs *out);
/* Does what is offered fit by itself, whatever is beside it? JAVA_FIT_PENDING: it is asked for. */
enum java_fit repair_java_fit(struct java_choosing *s, const struct java_target *t,
			      struct java_offer *o);

/* --- judge.c --- */

bool repair_java_is_of(const struct java_want *w, const struct java_target *t);
/* The path of a finding, with "!/" before what lies in an archive: Trivy has '/' there. */
struct hm_str repair_java_place(const struct java_choosing *s, struct hm_str path);
bool repair_java_has_fix(const struct java_want *w, const struct java_target *t,
			 struct hm_str version);
/* A verdict, as JSON, on each of the wants. */
void repair_java_judge(struct java_choosing *s, struct json_out *o);

#endif
