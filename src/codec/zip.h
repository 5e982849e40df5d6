/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip.h - reading zip files (PKWARE APPNOTE 6.3.10) that are in memory: jars, wheels.
 *
 * The central directory says what there is, all of it, whatever number of entries the end record
 * states; a local header is only used to find the data. Stored and deflated entries and zip64 are
 * read; encrypted and otherwise compressed ones are listed, and refused by zip_read(). What an
 * entry claims about its size is checked against HM_MAX_ZIP_ENTRY and charged before room is made,
 * and its CRC-32 is verified. What one loader of such files opens is opened here: Java's
 * (java.util.zip.ZipFile) is the measure for bytes before and behind, and for zip64.
 */
#ifndef CODEC_ZIP_H
#define CODEC_ZIP_H

#include "base/base.h"

struct zip_entry {
	struct hm_str name; /* as it stands there: not checked for "..", not UTF-8 perhaps */
	uint64_t size, packed_size, offset; /* offset: of the local header, from the file's begin */
	uint32_t crc;
	uint16_t method; /* 0 stored, 8 deflated */
	uint16_t flags;
	int64_t mtime; /* seconds since 1970, as if its clock had been UTC's */
	uint16_t mode; /* type and permissions as Unix has them (S_IFMT, 0777); 0: not known */
};

struct zip {
	struct hm_str bytes;       /* points into what zip_open() was given */
	struct zip_entry *entries; /* in the directory's order; folders end in '/' */
	size_t n;
	bool unchecked; /* set it: no checksum is compared, as class loaders do not */
};

/* HM_INPUT: not a zip file, or a damaged one. HM_LIMIT: HM_MAX_ZIP_ENTRIES, or the budget. Bytes
 * before the first entry (a shell script) and behind the end are allowed. */
HM_MUST hm_err zip_open(struct hm_cx *cx, struct hm_str bytes, struct zip *out);
/* The contents of an entry, in the arena with a NUL behind, or a slice of the file when stored.
 * `max` bytes (0: HM_MAX_ZIP_ENTRY). HM_INPUT, HM_LIMIT. */
HM_MUST hm_err zip_read(struct hm_cx *cx, const struct zip *z, const struct zip_entry *e,
			uint64_t max, struct hm_str *out);
/* The last entry of this name, which is the one that loaders take; NULL. */
const struct zip_entry *zip_find(const struct zip *z, struct hm_str name);

#endif
