/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive.h - inside repair/java/, in workers: an archive with jars in it, which is written again
 * with others in their place.
 *
 * What is written again is read strictly first: each byte of it belongs to one entry, to what
 * stands before the first (a shell script), to the directory or to the end record, and the
 * directory and the entries' own heads say the same. So whatever reads it finds in the new one
 * what it found in the old one, but for what was replaced. Every other entry is copied as it lies.
 *
 * Sources: PKWARE APPNOTE 6.3.10, 4.3 and 4.4; java.util.zip.ZipFile and JarInputStream; Spring
 * Boot, "The Executable Jar Format" (nested jars are stored; classpath.idx, layers.idx).
 */
#ifndef REPAIR_JAVA_ARCHIVE_H
#define REPAIR_JAVA_ARCHIVE_H

#include "codec/json.h"
#include "codec/zip.h"

/* --- read (archive.c) --- */

struct java_entry {
	struct hm_str name, central; /* central: its record in the directory, all of it */
	struct hm_str comment;
	uint64_t at, end; /* of its head, its data and what follows that */
};
struct java_archive {
	struct zip zip;
	struct java_entry *entries; /* as those of .zip, in the directory's order */
	size_t *order;              /* indices of entries as they lie */
	size_t n;
	uint64_t directory; /* where it begins */
	uint64_t shift;     /* bytes before the first entry that no offset counts */
	struct hm_str comment;
};
/* HM_INPUT, HM_LIMIT: why it cannot be written again ("it is signed (META-INF/A.SF)"). */
HM_MUST hm_err repair_java_archive(struct hm_cx *cx, struct hm_str bytes, struct java_archive *out);
/* "META-INF/ACME.SF", where there is one. */
struct hm_str repair_java_signature(const struct zip *zip);

/* --- what it says (look.c) --- */

/* The members of what is said of an archive by itself (repair_java_look()); `closely`: all of it is
 * read. */
HM_MUST hm_err repair_java_put_archive(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
				       bool closely, struct json_out *o);

/* --- what is in it (inside.c) --- */

/* Is it a list of Spring Boot's? Its lines `- "BOOT-INF/lib/x-1.0.jar"` are written again. */
bool repair_java_is_index(struct hm_str entry);
/* The name on such a line; empty: it is another. */
struct hm_str repair_java_index_name(struct hm_str line);

/* --- written again (rewrite.c) --- */

/* What comes into an archive. */
struct java_put {
	struct hm_str entry, name; /* what it replaces, and its own name */
	uint64_t size;
	uint32_t crc;
	int64_t time;
	struct hm_str sha1; /* hex */
};
struct java_puts {
	struct java_put *p;
	size_t n, cap;
};
/* The new archive: parts of the old one, of what comes into it, and bytes of its own. */
enum java_piece_kind { JAVA_OLD = 'O', JAVA_PUT = 'P', JAVA_TEXT = 'T' };
struct java_piece {
	enum java_piece_kind kind;
	uint64_t at, n;     /* of the old one */
	size_t put;         /* all of it */
	struct hm_str text; /* bytes of its own */
};
struct java_pieces {
	struct java_piece *p;
	size_t n, cap;
};
/* HM_INPUT: as repair_java_archive(), or an entry is not there, or a name would be there twice.
 * HM_LIMIT. */
HM_MUST hm_err repair_java_rewrite(struct hm_cx *cx, struct hm_str bytes,
				   const struct java_puts *puts, struct java_pieces *out);

#define REPAIR_JAVA_WRITE_JOB "repair-java-write"
#define REPAIR_JAVA_CHECK_JOB "repair-java-check"

#endif
