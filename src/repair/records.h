/* SPDX-License-Identifier: Apache-2.0 */
/*
 * records.h - inside repair/: a package's archives on their way out of the worker that reads them.
 *
 * An entry, then the bytes of it, if it is a file, and an end. Only plain files, folders and links
 * are said; the reader on the other side takes nothing of it for granted.
 */
#ifndef REPAIR_RECORDS_H
#define REPAIR_RECORDS_H

#include "codec/stream.h"
#include "codec/tar.h"

/* What a record begins with, and which part an entry is in. */
enum { RECORD_ENTRY = 'E', RECORD_DATA = 'D', RECORD_END = 'X' };
enum { RECORD_CONTROL = 'c', RECORD_FILES = 'f' };

/* In the worker: a tar archive, compressed or not, becomes records of one part. */
HM_MUST hm_err repair_records_say(struct hm_cx *cx, struct stream_source source, char part);
/* In the parent: an entry, behind its kind. False: it has no known form. */
bool repair_record_entry(struct hm_cur *c, char *out_part, struct tar_entry *out);

#endif
