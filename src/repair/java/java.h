/* SPDX-License-Identifier: Apache-2.0 */
/*
 * java.h - inside repair/: jars in the folders of an application, and others in their place.
 *
 * Sources: Maven's "Repository Layout", "POM Reference" (dependencies, version ranges) and
 * repository metadata; the JAR File Specification (Class-Path, signed files, multi-release); the
 * Java Virtual Machine Specification, 4.1 (versions of class files); Spring Boot, "The Executable
 * Jar Format" (classpath.idx, layers.idx).
 *
 *   look.c       what an archive says       names.c   which jars a file names: both in workers
 *   installed.c  what the image has         range.c   versions that a dependency allows
 *   offers.c     what repositories offer    choose.c  which version replaces which
 *   plan.c       asks the planner           question.c  what that is asked
 *   fetch.c      pages and jars of a repository
 *   apply.c      a jar into the layer
 *   inside.c     jars in a jar             archive.c  one that may be written again
 *   rewrite.c    with others in their place: all three in workers (archive.h)
 *   nested.c     that into the layer
 */
#ifndef REPAIR_JAVA_JAVA_H
#define REPAIR_JAVA_JAVA_H

#include "codec/json.h"
#include "repair/language.h"

#define REPAIR_JAVA_JAR_JOB  "repair-java-jar"
#define REPAIR_JAVA_PLAN_JOB "repair-java-plan"

/* --- the row --- */
bool repair_java_is_there(const struct repair_root *root);
HM_MUST hm_err repair_java_plan(struct hm_cx *cx, struct repair_language_run *l);
HM_MUST hm_err repair_java_apply(struct hm_cx *cx, struct repair_language_run *l,
				 struct repair_layer *layer);

/* --- what files say (inside.c, look.c, names.c) --- */

/* Is it an archive of Java's, or may it name some? Of a file of an image. */
bool repair_java_is_looked_at(struct hm_str path, uint64_t size);
/*
 * Of an archive JSON: "group", "artifact", "version", "bare" (the version, if its name did not tell
 * one), "isStated", "isGuessed", "isSealed", "major" (the newest class file), "signedBy", "time",
 * "parts", "classPath", "inner", "hasPom", "requires" (group, artifact, version), or "why" it
 * cannot be read. Where archives lie in it, too: "nested" (entry, look: JSON), those, "indexed"
 * (name, by), which jars its other files name, and "isCut", where there is more than is said; or
 * "whyWhole", why it cannot be written again. Of another file the names of jars that it has, a line
 * each.
 */
HM_MUST hm_err repair_java_look(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
				struct hm_buf *out);
/* The same of an archive that is to be taken: all of it is read, and what programs read in
 * different ways is HM_INPUT. */
HM_MUST hm_err repair_java_look_closely(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
					struct hm_buf *out);
/* Names of jars in a text: "log4j-core-2.17.1.jar", "log4j-${version}.jar", "*.jar". */
void repair_java_names(struct hm_cx *cx, struct hm_str text, struct hm_strs *out);
/* Does a text that has this name mean the file `old`, and not `now` as well? */
bool repair_java_names_file(struct hm_str name, struct hm_str old, struct hm_str now);
/* The dependencies of a pom that count where it runs, as "requires" above. */
void repair_java_put_requires(struct hm_cx *cx, struct hm_str text, struct json_out *o);

/* --- what is installed (installed.c) --- */

struct java_jar {
	struct hm_str path;             /* of one in another one: OUTER!/ENTRY */
	struct hm_str outer, entry;     /* of such a one; else empty */
	struct hm_str look;             /* JSON */
	struct hm_str held;             /* why it stays; empty: it may be replaced */
	const struct repair_node *node; /* the outer one's */
};
/* What names a jar. */
struct java_name {
	struct hm_str name, by;
};
struct java_installed {
	struct java_jar *p; /* sorted by path */
	size_t n, cap;
	HM_VEC(struct java_name) names;
	uint64_t java; /* the feature version of the oldest Java that is there; 0: not known */
};
HM_MUST hm_err repair_java_installed(struct hm_cx *cx, const struct repair_run *run,
				     struct java_installed *out);

/* --- versions (range.c) --- */

/* Does a dependency with this version allow that one? A version alone is the least; "[1,2)" and the
 * like are ranges. What cannot be read allows nothing; an empty one allows all. */
bool repair_java_allows(struct hm_str range, struct hm_str version);
int repair_java_order(struct hm_str a, struct hm_str b);
/* May it follow on another: later, no early release behind a final one, of the same kind ("-jre",
 * ".jre11")? */
bool repair_java_may_follow(struct hm_str from, struct hm_str version);

/* --- what is offered (offers.c) --- */

struct java_file {
	struct hm_str version, url;
};
struct java_files {
	struct java_file *p; /* oldest first */
	size_t n, cap;
};
/* Of maven-metadata.xml at `base`. HM_INPUT: it is none, or of another artifact; HM_LIMIT. */
HM_MUST hm_err repair_java_metadata(struct hm_cx *cx, struct hm_str key, struct hm_str base,
				    struct hm_str text, struct java_files *out);
/* Of a folder: `text` is a list of paths, a line each. */
void repair_java_folder(struct hm_cx *cx, struct hm_str key, struct hm_str text,
			struct java_files *out);
/* "org.acme:x" with characters that paths may have. */
bool repair_java_is_key(struct hm_str key);
/* "org/acme/x". */
struct hm_str repair_java_key_path(struct hm_cx *cx, struct hm_str key);

/* --- the planner --- */

/*
 * Question and answer are JSON. Of the question: "kept", "java", "jars" (path, outer, look, held),
 * "names" (name, by), "wants" (name, version, paths, fixes), "pages" (name, base, text, isFolder),
 * "known" (url, look, pom, why). Of the answer: "pages" (names) and "files" (url), with which it is
 * asked again, or "choices" (jar, name, from, version, url, file, namedBy) and "verdicts" (outcome,
 * version, why; one a want).
 */
HM_MUST hm_err repair_java_choose(struct hm_cx *cx, struct json question, struct json_out *answer);

/* --- a repository (fetch.c) --- */

struct java_page {
	struct hm_str name, base, text;
	bool is_folder;
};
struct java_pages {
	struct java_page *p;
	size_t n, cap;
};
/* What a repository offers of "group:artifact". */
HM_MUST hm_err repair_java_fetch_page(struct hm_cx *cx, struct http_client *http,
				      struct hm_str base, struct hm_str key,
				      struct java_pages *out);
struct java_known {
	struct hm_str url, look, pom, why, sha256;
};
/* A jar, by the digest that stands beside it. HM_ABSENT: it is not there, or no digest is. */
HM_MUST hm_err repair_java_fetch_jar(struct hm_cx *cx, struct http_client *http,
				     struct java_known *k);

/* --- what plan() leaves for apply() --- */

struct java_choice {
	size_t jar;
	struct hm_str name, from, version, url, sha256, path; /* path: of the new file */
	int64_t time;
};
struct java_planned {
	struct java_installed installed;
	HM_VEC(struct java_choice) choices;
};

/* --- into the layer (nested.c; fetch.c) --- */

/* What was chosen, into a temporary file; its digest is verified. */
HM_MUST hm_err repair_java_fetch_choice(struct hm_cx *cx, const struct repair_language_run *l,
					const struct java_choice *c, int *out_fd,
					uint64_t *out_size);
/* Archives with jars in them that are replaced. */
HM_MUST hm_err repair_java_apply_nested(struct hm_cx *cx, struct repair_language_run *l,
					struct repair_layer *layer);

#endif
